/** Which of several corps a command means: by the name in the configuration, or by an id. */

import type { CorpConfig } from '../config.ts';
import { UsageError } from './command-line.ts';

export interface Named {
  readonly name: string | undefined;
  readonly corpId: string;
  /** What its rows are kept under, where that is not the corp id. */
  readonly key?: string;
}

/**
 * `wanted` as typed: a key, a name or a corp id, or what stands behind the suite in a name; without it the only one there is.
 * Two companies may bear one name, and one company may use several apps: who means one of them must say which. Throws
 * UsageError.
 */
export function whichCorp<C>(corps: readonly C[], named: (corp: C) => Named, wanted: string | undefined): C {
  const [only, ...others] = corps;
  if (wanted === undefined) {
    if (only !== undefined && others.length === 0) return only;
    throw new UsageError(`有几个企业，请用 --corp 选一个：${listOf(corps.map((each) => labelOf(named(each))))}`);
  }
  for (const isMeant of [isKept, isNamed, isCalled]) {
    const [found, ...more] = corps.filter((each) => isMeant(named(each), wanted));
    if (found !== undefined && more.length === 0) return found;
    if (found !== undefined) {
      const keys = [found, ...more].map((each) => `${keyOf(named(each))}（${labelOf(named(each))}）`);
      throw new UsageError(`「${wanted}」不止一个，请写全：${listOf(keys)}`);
    }
  }
  throw new UsageError(`没有企业「${wanted}」；有的是：${listOf(corps.map((each) => labelOf(named(each))))}`);
}

const MOST_SHOWN = 20;

function listOf(labels: readonly string[]): string {
  if (labels.length === 0) return '一个也没有（企业授权以后才有）';
  return `${labels.slice(0, MOST_SHOWN).join('、')}${labels.length > MOST_SHOWN ? ' 等，用 corps list 看全部' : ''}`;
}

/** What its rows are kept under. */
export function keyOf({ key, corpId }: Named): string {
  return key ?? corpId;
}

function isKept(corp: Named, wanted: string): boolean {
  return keyOf(corp) === wanted;
}

function isNamed({ name, corpId }: Named, wanted: string): boolean {
  return name === wanted || corpId === wanted;
}

function isCalled({ name = '' }: Named, wanted: string): boolean {
  return name.includes(':') && name.slice(name.indexOf(':') + 1) === wanted;
}

/** One that is configured. */
export function named({ name, key, wecom }: CorpConfig): Named {
  return { name, corpId: wecom.corpId, key };
}

/** How it is called where it is listed. */
export function labelOf({ name, corpId }: Named): string {
  return name ?? corpId;
}
