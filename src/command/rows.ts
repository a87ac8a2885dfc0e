/** One line that is a row: a group and its names, with or without a number in front. */

import { withoutMark } from './list-marks.ts';
import { listOf, splitAt, textOf } from './tokens.ts';

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

/** From where a run of separators begins: tried at each of them, a long run would take its length squared. */
const INLINE = /(?:(?<![;；、,，\s])[;；、,，\s]+|(?<=[:：]))([1-9１-９])\s*[.．、)）]\s*(?=[^\d\s])/gu;

export interface ImportLine {
  readonly group: string;
  readonly tags: readonly string[];
}

/** `组：名、名` with nothing else in it. */
export function importLine(line: string): ImportLine | undefined {
  const text = textOf(withoutMark(line));
  const [group, names, ...more] = splitAt(text, /:/);
  if (group === undefined || names === undefined || more.length > 0) return undefined;
  const tags = listOf(names);
  return group.raw.trim() === '' || tags.length === 0 ? undefined : { group: group.raw.trim(), tags };
}
