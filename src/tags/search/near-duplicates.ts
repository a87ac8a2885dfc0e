/**
 * Tags of one group whose names are perhaps the same tag typed twice: they differ only in width, case or spaces, or in
 * one character. Names that are meant to be alike (第1期 and 第2期, 上半年 and 下半年) are left out. Pure.
 */

import { fold } from '../../text.ts';
import type { TagGroup } from '../tag.ts';

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
  const seen = new Map<number, Named>();
  for (const { name } of group.tags) {
    const named = { name, folded: fold(name) };
    const patterns = patternsOf(named.folded);
    for (const pattern of patterns) {
      const other = seen.get(pattern);
      if (other === undefined) seen.set(pattern, named);
      else if (other !== named && out.at(-1)?.b !== name && !areMeant(other.folded, named.folded))
        out.push({ group, a: other.name, b: name });
    }
  }
  return out;
}

interface Named {
  readonly name: string;
  readonly folded: string;
}

const BASE = 0x01000193;

/**
 * Hashes of the name, and of the name with one character left out: names that differ in one character have one in
 * common. Rolling, so that they cost no more than the characters; whether names really are alike is looked at after.
 */
function patternsOf(folded: string): number[] {
  const prefixes = [0];
  for (let i = 0; i < folded.length; i++) prefixes.push((Math.imul(prefixes[i] ?? 0, BASE) + folded.charCodeAt(i)) | 0);
  const patterns = [prefixes[folded.length] ?? 0];
  if (folded.length < LEAST_FOR_ONE_CHARACTER) return patterns;
  let after = 0;
  let weight = 1;
  for (let i = folded.length - 1; i >= 0; i--) {
    patterns.push((Math.imul(prefixes[i] ?? 0, weight) + after) | 0);
    after = (Math.imul(folded.charCodeAt(i), weight) + after) | 0;
    weight = Math.imul(weight, BASE);
  }
  return patterns;
}

/** Whether the difference says something: a series, a contrast, or characters in two places. */
function areMeant(a: string, b: string): boolean {
  if (a === b) return false;
  let head = 0;
  while (head < a.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const x = a.slice(head, a.length - tail);
  const y = b.slice(head, b.length - tail);
  if (x.length > 1 || y.length > 1) return true;
  // '' is where the other has one character more: it belongs to every series (第1期 and 第12期).
  if (SERIES.some((series) => series.includes(x) && series.includes(y))) return true;
  return isLetterAlone(a, head, x) && isLetterAlone(b, head, y);
}

/** A类 and B类 are a series; VIP and VAP are a slip. */
function isLetterAlone(name: string, at: number, char: string): boolean {
  return char === '' || (isLatin(char) && !isLatin(name.charAt(at - 1)) && !isLatin(name.charAt(at + 1)));
}

function isLatin(char: string): boolean {
  return char >= 'a' && char <= 'z';
}
