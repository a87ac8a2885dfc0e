/** One line that is a row: a group and its names, with or without a number in front. */

import { listOf, splitAt, textOf } from './tokens.ts';

const NUMBERING =
  /^(?:[（(]?\d{1,3}(?:[.、)）:：]|\s*[.)]\s)|[①-⑳]|[一二三四五六七八九十]{1,3}[、.．)）]|[•·●▪*✅☑]|第[一二三四五六七八九十\d]+[条步步][:：,，]?)\s*/u;

/** The line without the number it begins with: 1. 2) ③ 第一条. */
export function withoutNumber(line: string): string {
  const rest = line.replace(NUMBERING, '');
  return rest === '' ? line : rest;
}

export interface ImportLine {
  readonly group: string;
  readonly tags: readonly string[];
}

/** `组：名、名` with nothing else in it. */
export function importLine(line: string): ImportLine | undefined {
  const text = textOf(withoutNumber(line));
  const [group, names, ...more] = splitAt(text, /:/);
  if (group === undefined || names === undefined || more.length > 0) return undefined;
  const tags = listOf(names);
  return group.raw.trim() === '' || tags.length === 0 ? undefined : { group: group.raw.trim(), tags };
}
