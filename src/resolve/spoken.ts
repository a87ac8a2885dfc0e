/** What dictation makes of the numbers in a name: 五到十万 for 5-10万, 三点五折 for 3.5折, 二零二三 for 2023, 双十一 for 双11. */

import { DIGITS, numeral } from '../command/numerals.ts';

const SPOKEN = /[〇零一二两三四五六七八九十百]+/g;

/** A folded name with its spoken numbers as digits; undefined when no number is spoken in it. */
export function asDigits(folded: string): string | undefined {
  const digits = folded
    .replace(/(?<=c)(?:加加|加号加号|plusplus)/g, '++')
    .replace(SPOKEN, spelt)
    .replace(/(?<=\d)点(?=\d)/g, '.')
    .replace(/(?<=\d万?)(?:到|至|杠|~|—|–)(?=\d)/g, '-');
  return digits === folded ? undefined : digits;
}

/** 二零二三 digit by digit, 二十五 as a number. */
function spelt(said: string): string {
  if (/^[〇零一二三四五六七八九]{2,}$/.test(said))
    return [...said].map((each) => (each === '〇' ? 0 : DIGITS.indexOf(each))).join('');
  const value = said === '零' ? 0 : numeral(said);
  return value === undefined ? said : String(value);
}
