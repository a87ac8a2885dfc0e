/** Where values come from: the environment, mounted files, and one YAML file. */

import { lstatSync, readFileSync } from 'node:fs';
import { closest } from 'fastest-levenshtein';
import { type Placed, Problem } from './setting.ts';

export type Environment = Readonly<Record<string, string | undefined>>;
/** Throws an error with the system's `code` for what cannot be read. */
export type ReadFile = (path: string) => string;

const DEFAULT_FILE = 'config/local.yaml';

const WHY_UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: '没有这个文件',
  EACCES: '运行机器人的用户没有权限读它',
  EPERM: '运行机器人的用户没有权限读它',
  EISDIR: '是一个目录，不是文件',
  ENOTDIR: '路径中间有一段不是目录',
  ELOOP: '是一个指不到文件的链接',
};

export interface FileContent {
  readonly name: string;
  /** What stands at a setting's place, as text or as a list of whatever. */
  readonly values: ReadonlyMap<string, string | readonly unknown[]>;
  /** Something stands in it, and nobody knows what: nothing can be said to be missing. */
  readonly unread: boolean;
}

/** A link that leads nowhere is something, not nothing. */
export const readText: ReadFile = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && lstatSync(path, { throwIfNoEntry: false }) !== undefined)
      throw Object.assign(new Error('a link that leads nowhere'), { code: 'ELOOP' });
    throw error;
  }
};

/** What stands in the file that stands for a value. */
export function readMounted(path: string, readFile: ReadFile): string | Problem {
  try {
    return readFile(path).trim();
  } catch (error) {
    // Not by its path: who mixes the two up has written the secret itself here.
    return new Problem(`读不到它指的文件：${unreadable(error)}；这里要写文件的路径`);
  }
}

/** Why a file cannot be read, in Chinese and by the system's code. */
function unreadable(error: unknown): string {
  const code = codeOf(error);
  return `${WHY_UNREADABLE[code] ?? '读不出来'}（${code}）`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'EIO';
}

/**
 * The file that CONFIG_FILE names, or the default one; only the default one may be missing. Every key must be one of
 * `settings`. What is wrong is added to `problems`.
 */
export async function readConfigFile(
  env: Environment,
  readFile: ReadFile,
  settings: readonly Placed[],
  problems: string[],
): Promise<FileContent> {
  const named = env.CONFIG_FILE?.trim() ?? '';
  const name = named === '' ? DEFAULT_FILE : named;
  const values = new Map<string, string | readonly unknown[]>();
  let content: string;
  try {
    content = readFile(name);
  } catch (error) {
    if (named !== '') problems.push(`CONFIG_FILE：读不到文件 ${name}：${unreadable(error)}`);
    else if (codeOf(error) !== 'ENOENT') problems.push(`${name}：${unreadable(error)}`);
    return { name, values, unread: named !== '' || codeOf(error) !== 'ENOENT' };
  }
  // In the failsafe schema every value stays the text it was written as: ids keep their zeros, "no" stays "no".
  const { parse } = await import('yaml');
  try {
    const tree: unknown = parse(content, { schema: 'failsafe' });
    if (tree !== null && tree !== undefined && tree !== '') collect(tree, '', { name, values }, settings, problems);
  } catch (error) {
    // The parser's message quotes the line, which may hold a secret; its first line has the position only.
    const [, line, column] = /at line (\d+), column (\d+)/.exec(String(error)) ?? [];
    problems.push(`${name}：不是合格的 YAML${line === undefined ? '' : `，毛病在第 ${line} 行第 ${column} 列`}`);
    return { name, values, unread: true };
  }
  return { name, values, unread: false };
}

/** Walks the file's tree; every key that is not the place of a setting is a problem. */
function collect(
  node: unknown,
  path: string,
  file: { readonly name: string; readonly values: Map<string, string | readonly unknown[]> },
  settings: readonly Placed[],
  problems: string[],
): void {
  const known = settings.find((each) => each.path === path)?.setting;
  const isPlace = path === '' || settings.some((each) => each.path.startsWith(`${path}.`));
  if (known !== undefined) {
    const isText = typeof node === 'string' || node === null;
    if (isText && known.env !== undefined) file.values.set(path, node ?? '');
    else if (Array.isArray(node) && known.entries !== undefined) file.values.set(path, node);
    else if (!isText || node) problems.push(`${file.name} 的 ${path}：写法不对，请看 config/example.yaml`);
  } else if (isPlace && isTree(node)) {
    for (const [key, value] of Object.entries(node))
      collect(value, path === '' ? key : `${path}.${key}`, file, settings, problems);
  } else if (path === '') problems.push(`${file.name}：最外层要是「名字: 值」的形式`);
  else if (isPlace) {
    if (node !== null && node !== '')
      problems.push(`${file.name} 的 ${path}：下面要分行写各项，请看 config/example.yaml`);
  } else problems.push(`${file.name}：不认识 ${path}，是不是想写 ${closest(path, names(settings))}？`);
}

/** What a mistyped key may have been meant for. */
function names(settings: readonly Placed[]): string[] {
  const paths = settings.map(({ path }) => path);
  return [...paths, ...paths.flatMap((path) => (path.includes('.') ? [path.split('.')[0] ?? ''] : []))];
}

/** Names with what stands below them. */
export function isTree(node: unknown): node is Readonly<Record<string, unknown>> {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}
