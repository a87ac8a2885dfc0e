/** Numbers of several rounds: median and span. And the rows of the table, each with what it must and should reach. */

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: sorted[sorted.length >> 1] ?? Number.NaN,
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
  };
}

export type Verdict = 'goal' | 'must' | 'missed' | '';

export interface Target {
  /** `least`: at least so much; `most`: at most. */
  readonly bound: 'least' | 'most';
  readonly must?: number;
  readonly goal?: number;
}

export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly value: Spread;
  readonly target: Target | undefined;
  readonly verdict: Verdict;
}

/** A figure and how it stands to its target; without a target it is only told. */
export function row(what: string, unit: string, values: readonly number[], target?: Target): Row {
  const value = spread(values);
  return { what, unit, value, target, verdict: target === undefined ? '' : verdictOn(value.median, target) };
}

function verdictOn(value: number, { bound, must, goal }: Target): Verdict {
  const reaches = (limit: number): boolean => (bound === 'least' ? value >= limit : value <= limit);
  if (goal !== undefined && reaches(goal)) return 'goal';
  if (must === undefined) return 'missed';
  if (reaches(must)) return goal === undefined ? 'goal' : 'must';
  return 'missed';
}

const MARKS: Readonly<Record<Verdict, string>> = { goal: '✓ goal', must: '✓ must', missed: '✗', '': '' };

export function markdown(rows: readonly Row[]): string {
  const lines = rows.map(({ what, unit, value, target, verdict }) => {
    const sign = target?.bound === 'least' ? '≥ ' : '≤ ';
    const limit = (of: number | undefined): string => (of === undefined ? '' : `${sign}${shown(of)}`);
    const span = value.min === value.max ? '' : `${shown(value.min)}–${shown(value.max)}`;
    return `| ${what} | ${shown(value.median)}${unit && ` ${unit}`} | ${span} | ${limit(target?.must)} | ${limit(target?.goal)} | ${MARKS[verdict]} |`;
  });
  return ['| what | median | span | must | goal | |', '|---|---:|---:|---:|---:|---|', ...lines].join('\n');
}

function shown(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
  return value.toFixed(digits);
}
