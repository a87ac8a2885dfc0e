/**
 * What stands in front of the lines of a list and is none of its names: bullets, and numbers that count them. Whether a
 * number counts is seen from all lines together: 101、甲 above 102、乙 does, 1.5L above 2.0T does not.
 */

import { numeral } from './numerals.ts';

const BULLET = /^[•·●▪◆■○*✅☑]\s*(?=\S)/u;
const STEP = /^第[一二三四五六七八九十\d]+[条步][:：,，]?\s*(?=\S)/u;
const CIRCLED = '①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳';
const NUMBER =
  /^(?<open>[（(]?)\s*(?:(?<circled>[①-⑳])|(?<said>[\d０-９]{1,3}|[一二三四五六七八九十]{1,3}))(?<sign>\s*[.．、)）](?!\s*$)|[:：,，]|[-–—](?=\D)|[ \u3000]+(?=\S))?\s*(?=\S)/u;
/** 1 万以下 counts money. */
const UNITS = /^[万千百亿元块个岁天月年次元折星楼层室居套人家店对周小季度级%％]/u;

interface Mark {
  readonly number: number;
  /** `sure` signs hardly stand in names; a point between digits, a space or a comma may. */
  readonly sign: 'sure' | 'point' | 'weak' | 'dash';
  readonly rest: string;
}

/** The lines without what counts them; `careful` where that is not certain. */
export function withoutMarks(lines: readonly string[]): {
  readonly lines: readonly string[];
  readonly careful: boolean;
} {
  const out = [...lines];
  let careful = false;
  let run: { readonly at: number; readonly mark: Mark }[] = [];
  const close = (): void => {
    const counts = countsLines(run.map(({ mark }) => mark));
    careful ||= counts === 'perhaps' || counts === 'perhaps-not';
    if (counts === 'yes' || counts === 'perhaps') for (const { at, mark } of run) out[at] = mark.rest;
    run = [];
  };
  for (const [at, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const mark = markOf(line.trim());
    if (mark === undefined || (run.length > 0 && (mark.number === 1 || mark.sign !== run[0]?.mark.sign))) close();
    if (mark === undefined) out[at] = withoutBullet(line);
    else run.push({ at, mark });
  }
  close();
  return { lines: out, careful };
}

/** A line that is read by itself, without its bullet or a number that cannot be the beginning of a name. */
export function withoutMark(line: string): string {
  const mark = markOf(line);
  return mark !== undefined && countsLines([mark]) === 'yes' ? mark.rest : withoutBullet(line);
}

function withoutBullet(line: string): string {
  const trimmed = line.trimStart();
  const rest = trimmed.replace(BULLET, '').replace(STEP, '');
  return rest === trimmed ? line : rest;
}

function markOf(line: string): Mark | undefined {
  const found = NUMBER.exec(line);
  if (found?.groups === undefined) return undefined;
  const { open = '', circled, said = '', sign: typed = '' } = found.groups;
  const rest = line.slice(found[0].length);
  const sign = typed.trim();
  if (circled !== undefined) return { number: CIRCLED.indexOf(circled) + 1, sign: 'sure', rest };
  const number = numeral(said.normalize('NFKC'));
  const spelt = /^[一二三四五六七八九十]/u.test(said);
  if (number === undefined || (open !== '' && !/[)）]/u.test(sign)) || (spelt && !/[.．、)）]/u.test(sign)))
    return undefined;
  if (/[.．]/u.test(sign) && /^\d/.test(rest)) return { number, sign: 'point', rest };
  if (/[.．、)）]/u.test(sign)) return { number, sign: 'sure', rest };
  if (typed === '' || (sign === '' && UNITS.test(rest))) return undefined;
  return { number, sign: /[-–—]/u.test(sign) ? 'dash' : 'weak', rest };
}

/** Whether the numbers of lines below each other count them, as `perhaps-not` tells that they look like it. */
function countsLines(run: readonly Mark[]): 'yes' | 'perhaps' | 'perhaps-not' | 'no' {
  const [first] = run;
  if (first === undefined) return 'no';
  const steps = run.slice(1).map(({ number }, at) => number - (run[at]?.number ?? 0));
  const inTurn = steps.every((step) => step === 1);
  const listed = run.length > 1 && inTurn && first.number <= 1;
  const digits = run.filter(({ rest }) => /^[\d０-９]/u.test(rest)).length;
  switch (first.sign) {
    case 'sure':
      if (run.length === 1) return digits === 0 && first.number < 100 ? 'yes' : 'no';
      if (inTurn && (first.number <= 1 || digits < run.length)) return 'yes';
      if (digits === run.length) return 'no';
      return first.number === 1 && steps.every((step) => step >= 0) ? 'yes' : 'perhaps';
    case 'point':
      if (!listed) return 'no';
      return run.every(({ rest }) => /^\d{3}/.test(rest)) ? 'yes' : 'perhaps-not';
    case 'dash':
      return listed ? 'perhaps' : 'no';
    case 'weak':
      if (!listed || digits > 0) return 'no';
      return run.length > 2 ? 'yes' : 'perhaps';
  }
}
