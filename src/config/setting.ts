/** What one setting is: its name in the environment, what it must look like, what stands in for it when it is not given. */

/** What is wrong with a value: one or more sentences that complete 「WECOM_TOKEN：…」; never the value of a secret. */
export class Problem {
  readonly texts: readonly string[];
  constructor(...texts: readonly string[]) {
    this.texts = texts;
  }
}

/** The value a text stands for, or what is wrong with the text. */
export type Check<T> = (raw: string) => T | Problem;

export interface Setting<T> {
  readonly kind: 'setting';
  /** Undefined: can be written in the file only. */
  readonly env: string | undefined;
  /** Other names that are read when `env` is not set. */
  readonly aliases?: readonly string[];
  /** Of all its names only one may be set. */
  readonly once?: true;
  /** For docs/configuration.md, in Chinese. */
  readonly about: string;
  readonly check: Check<T>;
  /** Reads a list of the file. With `env`, a list may also be written as one text with commas. */
  readonly entries?: (list: readonly unknown[], where: string) => T | Problem;
  /** The default as it would be written; undefined: none. */
  readonly fallback: string | undefined;
  /** Has no default and must be given. */
  readonly required: boolean;
  /** Can also be read from the file named by `<env>_FILE`. */
  readonly mounted: boolean;
}

/** One of the five that connect the bot with its app. */
export function credential<T>(env: string, about: string, check: Check<T>): Setting<T> {
  return { kind: 'setting', env, about, check, fallback: undefined, required: true, mounted: true };
}

export function setting<T>(env: string, about: string, check: Check<T>, fallback: string, mounted = false): Setting<T> {
  return { kind: 'setting', env, about, check, fallback, required: false, mounted };
}

export function optional<T>(env: string, about: string, check: Check<T>): Setting<T | undefined> {
  return { kind: 'setting', env, about, check, fallback: undefined, required: false, mounted: false };
}

/** A list that stands in the file only. */
export function listInFile<T>(
  about: string,
  entries: (list: readonly unknown[], where: string) => readonly T[] | Problem,
): Setting<readonly T[]> {
  const check = () => [];
  return { kind: 'setting', env: undefined, about, check, entries, fallback: '', required: false, mounted: false };
}

/** A tree of settings; the place in the tree is the place in the file. */
export interface Tree {
  readonly [name: string]: Setting<unknown> | Tree;
}

/** The values of a tree of settings, in the same places. */
export type Values<T> = {
  readonly [K in keyof T]: T[K] extends Setting<infer V> ? V : Values<T[K]>;
};

export interface Placed {
  /** e.g. wecom.corpId */
  readonly path: string;
  readonly setting: Setting<unknown>;
}

/** Every setting of the tree with its place, in the order of the tree. */
export function placed(tree: Tree, at = ''): Placed[] {
  return Object.entries(tree).flatMap(([name, node]) => {
    const path = at === '' ? name : `${at}.${name}`;
    return isSetting(node) ? [{ path, setting: node }] : placed(node, path);
  });
}

/** The tree with every setting replaced by what `read` makes of it. */
export function mapTree(tree: Tree, read: (placed: Placed) => unknown, at = ''): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(tree).map(([name, node]) => {
      const path = at === '' ? name : `${at}.${name}`;
      return [name, isSetting(node) ? read({ path, setting: node }) : mapTree(node, read, path)];
    }),
  );
}

function isSetting(node: Setting<unknown> | Tree): node is Setting<unknown> {
  return node.kind === 'setting';
}
