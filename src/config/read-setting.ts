/**
 * The value of one setting, from the first of its places where something stands: the environment, a mounted file, the
 * config file, its default. And whether something was meant for a setting that it does not reach.
 */

import { meantFor } from './misspelt.ts';
import { type Placed, Problem, type Setting } from './setting.ts';
import { settings } from './settings.ts';
import { type Environment, type FileContent, type ReadFile, readMounted } from './source.ts';

/** Where the values of a configuration may stand, and where is told what is wrong with them. */
export interface Sources {
  readonly env: Environment;
  readonly file: FileContent;
  readonly readFile: ReadFile;
  /** In Chinese, each naming its setting; never a value of a secret. */
  readonly problems: string[];
}

/** Undefined when it is optional and not given, and after a problem. */
export function readSetting({ path, setting }: Placed, sources: Sources): unknown {
  const { problems } = sources;
  const { name, raw } = rawValue({ path, setting }, sources);
  if (raw === undefined) return undefined;
  if (raw === '' && setting.required) {
    problems.push(`${name}：不能为空`);
    return undefined;
  }
  const value = typeof raw === 'string' ? setting.check(raw) : setting.entries?.(raw, path);
  if (!(value instanceof Problem)) return value;
  problems.push(...value.texts.map((text) => (setting.env === undefined ? text : `${name}：${text}`)));
  return undefined;
}

function rawValue(
  { path, setting }: Placed,
  { env, file, readFile, problems }: Sources,
): { readonly name: string; readonly raw: string | readonly unknown[] | undefined } {
  const variable = setting.env ?? path;
  const direct = setting.env === undefined ? undefined : inEnvironment(setting, env);
  const twice = setting.once
    ? (setting.aliases ?? []).filter((alias) => isSaid(env[alias]) && isSaid(env[variable]))
    : [];
  problems.push(...twice.map((alias) => `${variable} 和 ${alias} 只能写一个`));
  const mountedName = `${variable}_FILE`;
  const mounted = setting.mounted ? env[mountedName] : undefined;
  if (mounted !== undefined && mounted !== '') {
    if (direct !== undefined && direct !== '') problems.push(`${variable} 和 ${mountedName} 只能写一个`);
    const read = readMounted(mounted, readFile);
    if (!(read instanceof Problem)) return { name: mountedName, raw: read };
    problems.push(...read.texts.map((text) => `${mountedName}：${text}`));
    return { name: mountedName, raw: undefined };
  }
  // A variable that is set but empty (BOT_ADMINS=) counts as not set, except for what must not be empty.
  if (direct !== undefined && (direct.trim() !== '' || setting.required)) return { name: variable, raw: direct.trim() };
  const written = file.values.get(path);
  if (written !== undefined && (written !== '' || setting.required))
    return { name: `${file.name} 的 ${path}（${variable}）`, raw: written };
  if (setting.required && !file.unread) {
    const similar = meantFor(variable, env, KNOWN);
    problems.push(
      `${variable}（${path}）：没有设置${similar === undefined ? '' : `；环境里有 ${similar}，是不是写错了？`}`,
    );
  }
  return { name: variable, raw: setting.fallback };
}

/** A variable that is set but empty counts as not set. */
function inEnvironment({ env: name = '', aliases = [] }: Setting<unknown>, env: Environment): string | undefined {
  return [name, ...aliases].map((each) => env[each]).find(isSaid) ?? env[name];
}

function isSaid(value: string | undefined): boolean {
  return (value ?? '').trim() !== '';
}

/** Whether something stands for it, right or wrong, in the environment, a mounted file or the config file. */
export function isGiven({ path, setting }: Placed, { env, file }: Pick<Sources, 'env' | 'file'>): boolean {
  const variable = setting.env;
  const isVariable =
    variable !== undefined && [inEnvironment(setting, env), env[`${variable}_FILE`]].some((each) => isSaid(each));
  return isVariable || (file.values.get(path) ?? '').length > 0;
}

const VARIABLES: readonly string[] = settings.flatMap(({ setting: { env, aliases = [] } }) =>
  env === undefined ? [] : [env, ...aliases],
);
const KNOWN: ReadonlySet<string> = new Set([...VARIABLES, ...VARIABLES.map((name) => `${name}_FILE`), 'CONFIG_FILE']);

/** Variables that would be passed over in silence though one of `wanted` was meant; a problem each. */
export function misheard(env: Environment, wanted: readonly Placed[]): string[] {
  return wanted.flatMap(({ setting }) => {
    const { env: name, required, mounted } = setting;
    if (name === undefined || (inEnvironment(setting, env) ?? '') !== '') return [];
    if (!mounted && (env[`${name}_FILE`] ?? '') !== '')
      return [`${name}_FILE：${name} 不能放在文件里，请直接写 ${name}`];
    // Those that are required are told where they are missed.
    const similar = required ? undefined : meantFor(name, env, KNOWN);
    return similar === undefined ? [] : [`${similar}：没有这个设置；是不是想写 ${name}？`];
  });
}
