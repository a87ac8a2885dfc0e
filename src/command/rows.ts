/** One line that is a row: a group and its names, with or without a number in front. */

import { listOf, splitAt, textOf } from './tokens.ts';

const NUMBERING =
  /^(?:[（(]?[\d０-９]{1,3}(?:[.．、)）:：]|\s*[.)]\s)|[①-⑳]|[一二三四五六七八九十]{1,3}[、.．)）]|[•·●▪*✅☑]|第[一二三四五六七八九十\d]+[条步步][:：,，]?)\s*/u;

/** The line without the number it begins with: 1. 2) ③ 第一条. */
export function withoutNumber(line: string): string {
  const rest = line.replace(NUMBERING, '');
  return rest === '' ? line : rest;
}

/** A name that begins its line like a number: 618、双11. A list that long has the number before it on the line above. */
export function withNamesKept(lines: readonly string[]): string[] {
  return lines.map((line, at) => {
    const number = /^\s*(\d{3})(?=、)/.exec(line)?.[1];
    const begins = (other: number, by: number) =>
      (lines[other] ?? '').trimStart().startsWith(`${Number(number) + by}、`);
    return number === undefined || begins(at - 1, -1) || begins(at + 1, 1)
      ? line
      : line.replace(`${number}、`, `${number}，`);
  });
}

/** 1.钻石卡 2.白金卡 3.体验卡 in one line: a list whose numbers are no part of its names. */
export function withoutInlineNumbers(line: string): string {
  const marks = [...line.matchAll(INLINE)];
  if (marks.length < 2 || marks.some((mark, at) => Number(mark[1]?.normalize('NFKC')) !== at + 1)) return line;
  const [first] = marks;
  const start = (first?.index ?? 0) + (first?.[0].length ?? 0);
  const head = line.slice(0, first?.index).replace(THESE, '：');
  return head + line.slice(start).replace(INLINE, '、');
}

/** 加这几个：, 加以下三个标签： */
const THESE = /(?:这|那|以下|下面|如下|下列)(?:的)?(?:[几一二两三四五六七八九十\d]+个)?(?:标签)?\s*[:：]\s*$/u;

const INLINE = /(?:[;；、,，\s]+|(?<=[:：]))([1-9１-９])\s*[.．、)）]\s*(?=[^\d\s])/gu;

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
