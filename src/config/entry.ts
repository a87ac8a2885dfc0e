/** One entry of a list of the file: its keys checked, its values read, from it or from the files that `…File` names. */

import { closest } from 'fastest-levenshtein';
import { type RoleGrant, roles, userids } from './checks.ts';
import { type Check, Problem } from './setting.ts';
import { isTree, type ReadFile, readMounted } from './source.ts';

/** Where an entry stands, and how it is read. */
export interface EntrySource {
  readonly readFile: ReadFile;
  /** e.g. 「config/local.yaml 的 corps」 */
  readonly where: string;
  /** What is wrong is added here, each naming the entry; never a value of a secret. */
  readonly problems: string[];
}

type Tree = Readonly<Record<string, unknown>>;

/** Who may do what in one company, as an entry says it. */
export interface AccessEntry {
  readonly botAdmins: readonly string[];
  readonly roles: readonly RoleGrant[];
}

export const ACCESS_KEYS = ['botAdmins', 'roles'];

/** Part of a path, and of a command line. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;

export class Entry {
  readonly #tree: Tree;
  readonly #source: EntrySource;
  readonly #label: string;
  readonly isWritten: boolean;

  /** `keys`: all that may be written; `wanted`: what is told of one that is no entry at all. */
  constructor(entry: unknown, source: EntrySource, keys: readonly string[], wanted: string) {
    this.isWritten = isTree(entry);
    this.#tree = isTree(entry) ? entry : {};
    this.#source = source;
    const name = textOf(this.#tree.name) ?? '';
    this.#label = name === '' ? source.where : `${source.where}（${name}）`;
    if (!this.isWritten) this.tell(`要分行写 ${wanted}`);
    for (const key of Object.keys(this.#tree))
      if (!keys.includes(key)) this.tell(`不认识 ${key}，是不是想写 ${closest(key, keys)}？`);
  }

  tell(text: string): void {
    this.#source.problems.push(`${this.#label}：${text}`);
  }

  /** What it is called on paths and command lines; '' where nothing is written. */
  name(what: string): string {
    const name = textOf(this.#tree.name) ?? '';
    if (this.isWritten && !NAME.test(name)) this.tell(`name 要是 1 到 32 个字母、数字、- 或 _，它也是${what}`);
    return name;
  }

  /** One that must be there; undefined after a problem. */
  needed<T>(key: string, check: Check<T>): T | undefined {
    if (!this.isWritten) return undefined;
    const raw = textOf(written(this.#tree, key, this.#source.readFile, (problem) => this.tell(problem)));
    if (raw === undefined) {
      if (this.#tree[`${key}File`] === undefined) this.tell(`${key} 没有写`);
      return undefined;
    }
    if (raw !== '') return this.#checked(check(raw), key);
    this.tell(`${key} 不能为空`);
    return undefined;
  }

  optional<T>(key: string, check: Check<T>): T | undefined {
    const raw = textOf(this.#tree[key]);
    if (raw === undefined && this.#tree[key] !== undefined) this.tell(`${key} 写法不对`);
    return raw === undefined || raw === '' ? undefined : this.#checked(check(raw), key);
  }

  access(): AccessEntry {
    const { botAdmins, roles: granted } = this.#tree;
    const admins = Array.isArray(botAdmins) ? botAdmins.join(',') : (textOf(botAdmins) ?? '');
    const grants = granted === undefined || granted === '' ? [] : granted;
    if (!Array.isArray(grants)) this.tell('roles 要是一个列表');
    return {
      botAdmins: this.#checked(userids(admins), 'botAdmins') ?? [],
      roles: Array.isArray(grants) ? (this.#checked(roles(grants, 'roles'), '') ?? []) : [],
    };
  }

  /** A list of whatever, or nothing. */
  list(key: string): readonly unknown[] {
    const value = this.#tree[key];
    if (value === undefined || value === '') return [];
    if (Array.isArray(value)) return value;
    this.tell(`${key} 要是一个列表`);
    return [];
  }

  /** What is written below a key, as an entry of its own; undefined where nothing is. */
  below(key: string, keys: readonly string[], wanted: string): Entry | undefined {
    const value = this.#tree[key];
    if (value === undefined) return undefined;
    return new Entry(value, { ...this.#source, where: `${this.#label} 的 ${key}` }, keys, wanted);
  }

  /** Those of a list, each with its number. */
  entries(key: string, keys: readonly string[], wanted: string): Entry[] {
    return this.list(key).map((each, at) => {
      const where = `${this.#label} 的 ${key} 第 ${at + 1} 条`;
      return new Entry(each, { ...this.#source, where }, keys, wanted);
    });
  }

  #checked<T>(checked: T | Problem, key: string): T | undefined {
    if (!(checked instanceof Problem)) return checked;
    for (const text of checked.texts) this.tell(`${key} ${text}`.trim());
    return undefined;
  }
}

/** What stands for a key, in the entry itself or in the file that `…File` names. */
export function written(tree: Tree, key: string, readFile: ReadFile, tell: (problem: string) => void): unknown {
  const path = textOf(tree[`${key}File`]);
  if (path === undefined || path === '') return tree[key];
  if (tree[key] !== undefined) tell(`${key} 和 ${key}File 只能写一个`);
  const read = readMounted(path, readFile);
  if (!(read instanceof Problem)) return read;
  for (const text of read.texts) tell(`${key}File ${text}`);
  return undefined;
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value.trim() : undefined;
}

/** The keys with those that name a file. */
export function withFiles(keys: readonly string[]): string[] {
  return [...keys, ...keys.map((key) => `${key}File`)];
}
