/** The list `corps` of the file: several companies in one process, each with credentials, admins and rights of its own. */

import { ACCESS_KEYS, type AccessEntry, Entry, type EntrySource, textOf, withFiles, written } from './entry.ts';
import type { Check } from './setting.ts';
import { isTree, type ReadFile } from './source.ts';

const SECRETS = ['corpId', 'agentId', 'secret', 'token', 'encodingAesKey'] as const;
const OPTIONAL = ['readAccess', 'defaultLibrary'] as const;
const KEYS = ['name', ...withFiles(SECRETS), ...ACCESS_KEYS, ...OPTIONAL];

type Checks = Readonly<Record<(typeof SECRETS)[number] | (typeof OPTIONAL)[number], Check<unknown>>>;
type Checked<C> = C extends Check<infer T> ? T : never;

export interface CorpEntry<C extends Checks> extends AccessEntry {
  readonly name: string;
  readonly values: {
    readonly [K in (typeof SECRETS)[number]]: Checked<C[K]>;
  } & {
    readonly [K in (typeof OPTIONAL)[number]]: Checked<C[K]> | undefined;
  };
}

/** Every entry of the list; one with problems is there as well, without the values concerned. */
export function readCorps<C extends Checks>(
  list: string | readonly unknown[],
  checks: C,
  source: EntrySource,
): CorpEntry<C>[] {
  if (typeof list === 'string') return [];
  return list.map((entry, at) => readCorp(entry, checks, { ...source, where: `${source.where} 第 ${at + 1} 条` }));
}

/** The name and the id under `key` alone, of those entries that have both. */
export function namedInFile<Key extends string>(
  list: string | readonly unknown[],
  key: Key,
  readFile: ReadFile,
): Readonly<Record<'name' | Key, string>>[] {
  if (typeof list === 'string') return [];
  return list.flatMap((entry) => {
    if (!isTree(entry)) return [];
    const name = textOf(entry.name);
    const id = textOf(written(entry, key, readFile, () => {}));
    return name === undefined || id === undefined ? [] : [{ name, [key]: id } as Record<'name' | Key, string>];
  });
}

function readCorp<C extends Checks>(written: unknown, checks: C, source: EntrySource): CorpEntry<C> {
  const entry = new Entry(written, source, KEYS, `name、${SECRETS.join('、')}`);
  const name = entry.name('回调路径的最后一段');
  const values = {
    ...Object.fromEntries(SECRETS.map((key) => [key, entry.needed(key, checks[key])])),
    ...Object.fromEntries(OPTIONAL.map((key) => [key, entry.optional(key, checks[key])])),
  };
  return { name, ...entry.access(), values: values as CorpEntry<C>['values'] };
}
