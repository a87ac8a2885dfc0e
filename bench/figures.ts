/** Numbers of several rounds: median and span. And the rows of the table, each with what it must reach. */

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface Target {
  /** `least`: at least so much; `most`: at most. */
  readonly bound: 'least' | 'most';
  readonly must: number;
}

export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly value: Spread;
  readonly target: Target | undefined;
}

/** Without a target a figure is only told. */
export function row(what: string, unit: string, values: readonly number[], target?: Target): Row {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number) => sorted.at(index) ?? Number.NaN;
  return { what, unit, value: { median: at(sorted.length >> 1), min: at(0), max: at(-1) }, target };
}

export function isReached({ value, target }: Row): boolean {
  return target === undefined || (target.bound === 'least' ? value.median >= target.must : value.median <= target.must);
}

export function markdown(rows: readonly Row[]): string {
  const lines = rows.map((each) => {
    const { what, unit, value, target } = each;
    const span = value.min === value.max ? '' : `${shown(value.min)}–${shown(value.max)}`;
    const must = target
      ? `${target.bound === 'least' ? '≥' : '≤'} ${shown(target.must)} ${isReached(each) ? '✓' : '✗'}`
      : '';
    return `| ${what} | ${shown(value.median)}${unit && ` ${unit}`} | ${span} | ${must} |`;
  });
  return ['| what | median | span | must |', '|---|---:|---:|---|', ...lines].join('\n');
}

function shown(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
  return value.toFixed(digits);
}
