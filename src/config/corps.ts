/** The list `corps` of the file: several companies in one process, each with credentials, admins and rights of its own. */

import { closest } from 'fastest-levenshtein';
import { type RoleGrant, roles, userids } from './checks.ts';
import { type Check, Problem } from './setting.ts';
import { isTree, type ReadFile, readMounted } from './source.ts';

const SECRETS = ['corpId', 'agentId', 'secret', 'token', 'encodingAesKey'] as const;
const OPTIONAL = ['readAccess', 'defaultLibrary'] as const;
const KEYS = ['name', ...SECRETS, ...SECRETS.map((key) => `${key}File`), 'botAdmins', 'roles', ...OPTIONAL];
/** Part of a path, and of a command line. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;

type Checks = Readonly<Record<(typeof SECRETS)[number] | (typeof OPTIONAL)[number], Check<unknown>>>;
type Checked<C> = C extends Check<infer T> ? T : never;
type Tree = Readonly<Record<string, unknown>>;

export interface CorpEntry<C extends Checks> {
  readonly name: string;
  readonly botAdmins: readonly string[];
  readonly roles: readonly RoleGrant[];
  readonly values: {
    readonly [K in (typeof SECRETS)[number]]: Checked<C[K]>;
  } & {
    readonly [K in (typeof OPTIONAL)[number]]: Checked<C[K]> | undefined;
  };
}

export interface Reading {
  readonly readFile: ReadFile;
  /** e.g. 「config/local.yaml 的 corps」 */
  readonly where: string;
  /** What is wrong is added here, each naming the corp; never a value of a secret. */
  readonly problems: string[];
}

/** Every entry of the list; one with problems is there as well, without the values concerned. */
export function readCorps<C extends Checks>(
  list: string | readonly unknown[],
  checks: C,
  reading: Reading,
): CorpEntry<C>[] {
  if (typeof list === 'string') return [];
  return list.map((entry, at) => readCorp(entry, checks, { ...reading, where: `${reading.where} 第 ${at + 1} 条` }));
}

/** Names and corp ids alone, of those entries that have both. */
export function corpsInFile(
  list: string | readonly unknown[],
  readFile: ReadFile,
): { readonly name: string; readonly corpId: string }[] {
  if (typeof list === 'string') return [];
  return list.flatMap((entry) => {
    if (!isTree(entry)) return [];
    const name = textOf(entry.name);
    const corpId = textOf(written(entry, 'corpId', readFile, () => {}));
    return name === undefined || corpId === undefined ? [] : [{ name, corpId }];
  });
}

function readCorp<C extends Checks>(entry: unknown, checks: C, { where, readFile, problems }: Reading): CorpEntry<C> {
  const tree = isTree(entry) ? entry : {};
  const name = textOf(tree.name) ?? '';
  const label = name === '' ? where : `${where}（${name}）`;
  const tell = (text: string): void => void problems.push(`${label}：${text}`);
  const value = <T>(checked: T | Problem, key: string): T | undefined => {
    if (!(checked instanceof Problem)) return checked;
    for (const text of checked.texts) tell(`${key} ${text}`.trim());
    return undefined;
  };

  if (!isTree(entry)) tell('要分行写 name、corpId、agentId、secret、token、encodingAesKey');
  else if (!NAME.test(name)) tell('name 要是 1 到 32 个字母、数字、- 或 _，它也是回调路径的最后一段');
  for (const key of Object.keys(tree))
    if (!KEYS.includes(key)) tell(`不认识 ${key}，是不是想写 ${closest(key, KEYS)}？`);

  const values: Record<string, unknown> = {};
  for (const key of isTree(entry) ? SECRETS : []) {
    const raw = textOf(written(tree, key, readFile, tell));
    if (raw === undefined) {
      if (tree[`${key}File`] === undefined) tell(`${key} 没有写`);
    } else if (raw === '') tell(`${key} 不能为空`);
    else values[key] = value(checks[key](raw), key);
  }
  for (const key of OPTIONAL) {
    const raw = textOf(tree[key]);
    if (raw === undefined && tree[key] !== undefined) tell(`${key} 写法不对`);
    if (raw !== undefined && raw !== '') values[key] = value(checks[key](raw), key);
  }
  const admins = Array.isArray(tree.botAdmins) ? tree.botAdmins.join(',') : (textOf(tree.botAdmins) ?? '');
  const grants = tree.roles === undefined || tree.roles === '' ? [] : tree.roles;
  if (!Array.isArray(grants)) tell('roles 要是一个列表');
  return {
    name,
    botAdmins: value(userids(admins), 'botAdmins') ?? [],
    roles: Array.isArray(grants) ? (value(roles(grants, 'roles'), '') ?? []) : [],
    values: values as CorpEntry<C>['values'],
  };
}

/** What stands for a key, in the entry itself or in the file that `…File` names. */
function written(tree: Tree, key: string, readFile: ReadFile, tell: (problem: string) => void): unknown {
  const path = textOf(tree[`${key}File`]);
  if (path === undefined || path === '') return tree[key];
  if (tree[key] !== undefined) tell(`${key} 和 ${key}File 只能写一个`);
  const read = readMounted(path, readFile);
  if (!(read instanceof Problem)) return read;
  for (const text of read.texts) tell(`${key}File ${text}`);
  return undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value.trim() : undefined;
}
