/** Which of several corps a command means: by the name in the configuration, or by an id. */

import type { CorpConfig } from '../config.ts';
import { UsageError } from './command-line.ts';

export interface Named {
  readonly name: string | undefined;
  readonly corpId: string;
  /** What its rows are kept under, where that is not the corp id. */
  readonly key?: string;
}

/** `wanted` as typed; without it the only one there is. Throws UsageError. */
export function whichCorp<C>(corps: readonly C[], named: (corp: C) => Named, wanted: string | undefined): C {
  const [only, ...others] = corps;
  if (wanted === undefined && only !== undefined && others.length === 0) return only;
  const found = corps.find((each) => wanted !== undefined && isNamed(named(each), wanted));
  if (found !== undefined) return found;
  const known = corps.slice(0, MOST_SHOWN).map((each) => labelOf(named(each)));
  const list = `${known.join('、')}${corps.length > MOST_SHOWN ? ' 等，用 corps list 看全部' : ''}`;
  throw new UsageError(
    wanted === undefined ? `有几个企业，请用 --corp 选一个：${list}` : `没有企业「${wanted}」；有的是：${list}`,
  );
}

const MOST_SHOWN = 20;

/** One that is configured. */
export function named({ name, key, wecom }: CorpConfig): Named {
  return { name, corpId: wecom.corpId, key };
}

export function labelOf({ name, corpId }: Named): string {
  return name ?? corpId;
}

function isNamed({ name, corpId, key }: Named, wanted: string): boolean {
  return [name, corpId, key].includes(wanted);
}
