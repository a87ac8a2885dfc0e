/** What stands behind the program's name: which command it is, what was given with it, and how to write it. */

import { type ParseArgsConfig, parseArgs } from 'node:util';
import { closest } from 'fastest-levenshtein';

interface Flag {
  /** What stands for the value in the usage; without it the flag stands alone. */
  readonly value?: string;
  readonly does: string;
}

interface Command {
  readonly does: string;
  readonly flags?: Readonly<Record<string, Flag>>;
  /** How the one argument without a name is called in the usage; in [] when it may be left out. */
  readonly argument?: string;
  /** The exit code. */
  run(given: Given): Promise<number> | number;
}

/** By name; some have a name of two words. */
export type Commands = Readonly<Record<string, Command>>;

export interface Given {
  text(flag: string): string | undefined;
  has(flag: string): boolean;
  readonly argument: string | undefined;
}

/** In Chinese, what is wrong with what was typed, and the command that it was typed for. */
export class UsageError extends Error {
  readonly command: string | undefined;
  constructor(message: string, command?: string) {
    super(message);
    this.command = command;
  }
}

/** Runs the command that the words name, or prints the help that they ask for; the exit code. Throws UsageError. */
export async function carryOut(
  commands: Commands,
  words: readonly string[],
  { version, print }: { readonly version: () => string; readonly print: (text: string) => void },
): Promise<number> {
  const [name, rest] = commandOf(commands, words);
  if (['--version', '-v', 'version'].includes(name)) print(version());
  else if (isHelp(name) || name === 'help') print(usage(commands, commandOf(commands, rest)[0]));
  else {
    const command = known(commands, name);
    const family = familyOf(commands, name);
    if (command === undefined && isHelp(rest[0]) && family.length > 0) {
      print(family.map((each) => usage(commands, each)).join('\n\n'));
      return 0;
    }
    if (command === undefined) throw new UsageError(unknownCommand(commands, name));
    const given = read(name, command, rest);
    if (given === 'help') print(usage(commands, name));
    else {
      try {
        return await command.run(given);
      } catch (error) {
        throw error instanceof UsageError ? new UsageError(error.message, name) : error;
      }
    }
  }
  return 0;
}

function known(commands: Commands, name: string): Command | undefined {
  return Object.hasOwn(commands, name) ? commands[name] : undefined;
}

function commandOf(
  commands: Commands,
  [first = '', second = '', ...rest]: readonly string[],
): readonly [name: string, rest: string[]] {
  const both = `${first} ${second}`;
  return Object.hasOwn(commands, both) ? [both, rest] : [first, second === '' ? rest : [second, ...rest]];
}

/** Those whose first word it is. */
function familyOf(commands: Commands, name: string): string[] {
  return Object.keys(commands).filter((each) => each.startsWith(`${name} `));
}

function isHelp(word: string | undefined): boolean {
  return word === '--help' || word === '-h';
}

function unknownCommand(commands: Commands, name: string): string {
  if (name === '') return '要说做什么';
  const family = familyOf(commands, name);
  if (family.length > 0) return `${name} 后面要写做什么：${family.join('、')}`;
  if (name.startsWith('-')) return `${name} 前面要先写命令`;
  return `没有「${name}」这个命令，是不是想写 ${closest(name, Object.keys(commands))}？`;
}

function read(name: string, command: Command, args: readonly string[]): Given | 'help' {
  const { flags = {}, argument } = command;
  const options: NonNullable<ParseArgsConfig['options']> = { help: { type: 'boolean', short: 'h' } };
  for (const [flag, { value }] of Object.entries(flags))
    options[flag] = { type: value === undefined ? 'boolean' : 'string' };
  const { values, positionals } = parsed(name, args, options);
  if (values.help === true) return 'help';
  const [first, ...more] = positionals;
  const tooMuch = argument === undefined ? first : more[0];
  if (tooMuch !== undefined) throw new UsageError(`${name} 不认识「${tooMuch}」`, name);
  if (first === undefined && argument !== undefined && !argument.startsWith('['))
    throw new UsageError(`${name} 后面要写${argument}`, name);
  return {
    argument: first,
    has: (flag) => values[flag] === true,
    text: (flag) => {
      const value = values[flag];
      return typeof value === 'string' ? value : undefined;
    },
  };
}

function parsed(name: string, args: readonly string[], options: NonNullable<ParseArgsConfig['options']>) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const flag = /'(--?[^\s'=<]+)/.exec(String(error))?.[1] ?? '';
    if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') throw new UsageError(`${name} 没有选项 ${flag}`, name);
    if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') throw new UsageError(`${flag} 的写法不对`, name);
    throw error;
  }
}

/** Of one command; of all of them where none of this name is known. */
export function usage(commands: Commands, about?: string): string {
  const command = about === undefined ? undefined : known(commands, about);
  if (about === undefined || command === undefined) {
    const lines = Object.entries(commands).map(([name, { does }]) => `  ${name.padEnd(14)}${does}`);
    return `用法：wecom-tag-bot <命令> [选项]\n\n${lines.join('\n')}\n\n  --help, --version；<命令> --help 看一个命令的选项`;
  }
  const { does, flags = {}, argument } = command;
  const options = Object.entries(flags).map(([flag, { value, does: meaning }]) => {
    const written = `--${flag}${value === undefined ? '' : ` ${value}`}`;
    return `  ${written.padEnd(16)}${meaning}`;
  });
  const line = [
    'wecom-tag-bot',
    about,
    ...(options.length > 0 ? ['[选项]'] : []),
    ...(argument ? [argument] : []),
  ].join(' ');
  return [`用法：${line}`, '', does, ...(options.length > 0 ? ['', ...options] : [])].join('\n');
}
