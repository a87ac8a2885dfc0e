/**
 * Tags of one group whose names are perhaps the same tag typed twice: they differ only in width, case or spaces, or in
 * one character. Names that are meant to be alike (第1期 and 第2期, 上半年 and 下半年) are left out. Pure.
 */

import { fold } from '../text.ts';
import type { TagGroup } from './tag.ts';

export interface NearDuplicate {
  readonly group: TagGroup;
  readonly a: string;
  readonly b: string;
}

/** In shorter names one character is most of what they say: 上海 and 上饶. */
const LEAST_FOR_ONE_CHARACTER = 4;

/** Characters that people count or contrast with. */
const SERIES = [
  '0123456789零〇一二两三四五六七八九十百千首初再末终',
  '甲乙丙丁戊己庚辛',
  '春夏秋冬',
  '东南西北中',
  '前后上中下左右内外里',
  '大中小高低长短多少快慢强弱轻重老新旧早晚午',
  '男女父母儿',
  '有无是否已未不没可',
  '年季月周日天时分',
  '买卖进出收付增减开关',
];

/** Each tag at most once as `b`, with the first one before it that it is like. Linear in the characters of all names. */
export function nearDuplicates(groups: readonly TagGroup[]): NearDuplicate[] {
  return groups.flatMap((group) => duplicatesIn(group));
}

function duplicatesIn(group: TagGroup): NearDuplicate[] {
  const out: NearDuplicate[] = [];
  /** Whole names, and names with one character left out (marked with its place when another may stand there). */
  const seen = new Map<string, string>();
  for (const { name } of group.tags) {
    const folded = fold(name);
    const patterns = patternsOf(folded);
    for (const pattern of patterns) {
      const other = seen.get(pattern);
      if (other === undefined || other === name || areMeant(fold(other), folded)) continue;
      out.push({ group, a: other, b: name });
      break;
    }
    for (const pattern of patterns) if (!seen.has(pattern)) seen.set(pattern, name);
  }
  return out;
}

/** Two names that differ in at most one character, changed, missing or added, have a pattern in common. */
function patternsOf(folded: string): string[] {
  const patterns = [folded];
  const chars = [...folded];
  if (chars.length < LEAST_FOR_ONE_CHARACTER) return patterns;
  for (let i = 0; i < chars.length; i++) {
    const before = chars.slice(0, i).join('');
    const after = chars.slice(i + 1).join('');
    patterns.push(`${before}\0${after}`, `${before}${after}`);
  }
  return patterns;
}

/** Whether the difference says something: a series, a contrast, or characters in two places. */
function areMeant(a: string, b: string): boolean {
  if (a === b) return false;
  const one = [...a];
  const two = [...b];
  let head = 0;
  while (head < one.length && one[head] === two[head]) head++;
  let tail = 0;
  while (tail < Math.min(one.length, two.length) - head && one.at(-1 - tail) === two.at(-1 - tail)) tail++;
  const [x = '', ...xs] = one.slice(head, one.length - tail);
  const [y = '', ...ys] = two.slice(head, two.length - tail);
  if (xs.length > 0 || ys.length > 0) return true;
  // '' is where the other has one character more: it belongs to every series (第1期 and 第12期).
  if (SERIES.some((series) => series.includes(x) && series.includes(y))) return true;
  return isLetterAlone(one, head, x) && isLetterAlone(two, head, y);
}

/** A类 and B类 are a series; VIP and VAP are a slip. */
function isLetterAlone(chars: readonly string[], at: number, char: string): boolean {
  const isLatin = (other: string | undefined) => other !== undefined && /[a-z]/.test(other);
  return char === '' || (isLatin(char) && !isLatin(chars[at - 1]) && !isLatin(chars[at + 1]));
}
