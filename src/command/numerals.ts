/** Small numbers as they are said: 第二个, 三个标签, 俩. */

export const DIGITS = '零一二三四五六七八九';

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
