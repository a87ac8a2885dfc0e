/** Numbers as they are said: 第二个, 三个标签, and what dictation makes of 5-10万 and 2023. */

const DIGITS = '零一二三四五六七八九';
const SPOKEN = /[〇零一二两三四五六七八九十百]+/g;

/** 三 → 3, 十二 → 12, 二十 → 20, 俩 → 2, 3 → 3; undefined for anything else or beyond 999. */
export function numeral(said: string): number | undefined {
  if (/^\d{1,3}$/.test(said)) return Number(said);
  if (said === '俩' || said === '两') return 2;
  if (said === '仨') return 3;
  const parts = /^(?:([一二两三四五六七八九])百)?零?(?:([一二三四五六七八九])?(十))?([一二两三四五六七八九])?$/.exec(
    said,
  );
  if (parts === null || said === '' || said === '零') return undefined;
  const [, hundreds, tens, ten, ones] = parts;
  return digit(hundreds) * 100 + (ten === undefined ? 0 : tens === undefined ? 10 : digit(tens) * 10) + digit(ones);
}

function digit(said: string | undefined): number {
  if (said === undefined) return 0;
  return said === '两' ? 2 : DIGITS.indexOf(said);
}

/**
 * A folded name with its spoken numbers as digits: 五到十万 → 5-10万, 三点五折 → 3.5折, 二零二三 → 2023, 双十一 → 双11.
 * Both a name and what was said of it come to the same; undefined when no number is spoken in it.
 */
export function asDigits(folded: string): string | undefined {
  const digits = folded
    .replace(/(?<=c)(?:加加|加号加号|plusplus)/g, '++')
    .replace(SPOKEN, spelt)
    .replace(/(?<=\d)点(?=\d)/g, '.')
    .replace(/(?<=\d万?)(?:到|至|杠|~|—|–)(?=\d)/g, '-');
  return digits === folded ? undefined : digits;
}

/** 二零二三 digit by digit, 二十五 as a number; 一 alone stays, as it is rarely one (一 of 一年, 第一). */
function spelt(said: string): string {
  if (/^[〇零一二三四五六七八九]{2,}$/.test(said)) {
    return [...said].map((each) => (each === '〇' ? 0 : DIGITS.indexOf(each))).join('');
  }
  const value = said === '零' ? 0 : numeral(said);
  return value === undefined ? said : String(value);
}
