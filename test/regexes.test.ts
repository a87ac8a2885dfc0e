/**
 * No regular expression may take exponential time. In a group that is repeated without end no text may be read in two
 * ways, as 全都 is where 全 and 都 stand beside it: what does not match after all is then tried in every combination.
 */

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AST, RegExpParser } from '@eslint-community/regexpp';
import { type Node, parse } from 'acorn';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
/** Whose expressions read what members say. */
const ROOMS = ['bot', 'command', 'resolve', 'reply', 'tags'];

interface Pattern {
  readonly source: string;
  readonly flags: string;
}

/** As built, since an older build may have left more. */
const modules = ROOMS.flatMap((room) =>
  readdirSync(join(ROOT, 'src', room), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(ROOT, 'dist', room, path.replace(/\.ts$/, '.js'))),
);

/** Those that stand in the program as they are. */
function literals(): Pattern[] {
  const found: Pattern[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { regex } = value as { readonly regex?: { readonly pattern: string; readonly flags: string } };
    if (regex !== undefined) found.push({ source: regex.pattern, flags: regex.flags });
    for (const inner of Object.values(value)) visit(inner);
  };
  for (const path of modules) {
    const program: Node = parse(readFileSync(path, 'utf8'), { ecmaVersion: 'latest', sourceType: 'module' });
    visit(program);
  }
  return found;
}

/** Those that are put together when the program is loaded. */
function composed(): Pattern[] {
  const script = `
    const Native = RegExp;
    const found = [];
    globalThis.RegExp = class extends Native {
      constructor(source, flags) {
        super(source, flags);
        if (typeof source === 'string') found.push({ source, flags: this.flags });
      }
    };
    for (const path of JSON.parse(process.argv[1])) await import(path);
    process.stdout.write(JSON.stringify(found));
  `;
  const options = { encoding: 'utf8', maxBuffer: 64 << 20 } as const;
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', script, JSON.stringify(modules)], options),
  );
}

const MOST_TEXTS = 60_000;
/** Stands for any of a class of many characters, and for what is not looked at: \b, what stands behind. */
const ANY = '\u0001';
const BORDER = '\u0002';

/** All texts that the part matches, repeated up to twice; undefined for more than can be looked at. */
function textsOf(part: AST.Element | AST.CharacterClassElement): ReadonlySet<string> | undefined {
  switch (part.type) {
    case 'Character':
      return new Set([String.fromCodePoint(part.value)]);
    case 'CharacterClass': {
      if (part.negate || part.elements.length > 40) return new Set([ANY]);
      return new Set(part.elements.flatMap((each) => [...(textsOf(each as AST.CharacterClassElement) ?? [ANY])]));
    }
    case 'CharacterClassRange':
      return part.max.value - part.min.value > 12
        ? new Set([ANY])
        : new Set(between(part.min.value, part.max.value).map((code) => String.fromCodePoint(code)));
    case 'CharacterSet':
      return new Set(part.kind === 'digit' ? ['0', '1'] : part.kind === 'space' ? [' '] : [ANY]);
    case 'Assertion':
      return new Set([BORDER]);
    case 'Group':
    case 'CapturingGroup':
      return textsOfAny(part.alternatives);
    case 'Quantifier': {
      const once = textsOf(part.element);
      const texts = new Set<string>();
      let now: ReadonlySet<string> | undefined = new Set(['']);
      for (let times = 0; times <= Math.min(part.max, part.min + 2); times++) {
        if (now === undefined) return undefined;
        if (times >= part.min) for (const text of now) texts.add(text);
        now = joined(now, once);
      }
      return texts;
    }
    default:
      return undefined;
  }
}

function between(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

function textsOfAny(alternatives: readonly AST.Alternative[]): ReadonlySet<string> | undefined {
  const all = new Set<string>();
  for (const { elements } of alternatives) {
    let texts: ReadonlySet<string> | undefined = new Set(['']);
    for (const element of elements) texts = joined(texts, textsOf(element));
    if (texts === undefined) return undefined;
    for (const text of texts) all.add(text);
  }
  return all.size > MOST_TEXTS ? undefined : all;
}

function joined(heads?: ReadonlySet<string>, tails?: ReadonlySet<string>): ReadonlySet<string> | undefined {
  if (heads === undefined || tails === undefined || heads.size * tails.size > MOST_TEXTS) return undefined;
  return new Set([...heads].flatMap((head) => [...tails].map((tail) => head + tail)));
}

/** A text that can be cut into these in two ways, by its beginning; see A. Sardinas and G. W. Patterson, 1953. */
function readInTwoWays(texts: ReadonlySet<string>): string | undefined {
  const words = [...texts].filter((text) => text.replaceAll(BORDER, '') !== '');
  const code = new Set(words);
  const beginning = grouped(words);
  const seen = new Set<string>();
  let open: [rest: string, text: string][] = words.flatMap((word) =>
    (beginning.get(word.charAt(0)) ?? [])
      .filter((longer) => longer !== word && longer.startsWith(word))
      .map((longer): [string, string] => [longer.slice(word.length), longer]),
  );
  while (open.length > 0) {
    const next: [string, string][] = [];
    for (const [rest, text] of open) {
      if (code.has(rest)) return text;
      if (seen.has(rest)) continue;
      seen.add(rest);
      for (const word of beginning.get(rest.charAt(0)) ?? []) {
        if (word.startsWith(rest)) next.push([word.slice(rest.length), text + word.slice(rest.length)]);
        else if (rest.startsWith(word)) next.push([rest.slice(word.length), text]);
      }
    }
    open = next;
  }
  return undefined;
}

function grouped(words: readonly string[]): Map<string, string[]> {
  const by = new Map<string, string[]>();
  for (const word of words) {
    const others = by.get(word.charAt(0));
    if (others) others.push(word);
    else by.set(word.charAt(0), [word]);
  }
  return by;
}

/** By what is repeated, as it is written: many expressions are put together from the same parts. */
const decided = new Map<string, string | undefined>();

function twiceReadable(repeated: AST.Element): string | undefined {
  if (!decided.has(repeated.raw)) {
    const texts = textsOf(repeated);
    decided.set(repeated.raw, texts && readInTwoWays(texts));
  }
  return decided.get(repeated.raw);
}

/** Its repeated groups that can be read in two ways, with a text that can. */
function ambiguousIn({ source, flags }: Pattern): string[] {
  const found: string[] = [];
  const visit = (part: AST.Element): void => {
    if (part.type === 'Quantifier') {
      visit(part.element);
      const text = part.max === Number.POSITIVE_INFINITY ? twiceReadable(part.element) : undefined;
      if (text !== undefined) found.push(`${text.slice(0, 40)} in ${part.raw.slice(0, 200)}`);
    } else if ('alternatives' in part) {
      for (const { elements } of part.alternatives) for (const element of elements) visit(element as AST.Element);
    }
  };
  const unicode = flags.includes('u');
  const { alternatives } = new RegExpParser().parsePattern(source, 0, source.length, { unicode });
  for (const { elements } of alternatives) for (const element of elements) visit(element);
  return found;
}

it.each(['(?:都|全|全都)*删', '(?:嗯+|好)*吧', '(?:那就?|就)+是', '(?:\\d{1,2}|、)*$', '(?:想要?|要)*的'])(
  '%s is found out',
  (source) => {
    expect(ambiguousIn({ source, flags: 'u' })).toHaveLength(1);
  },
);

it('no text can be read in two ways by a repeated group', () => {
  const all = [...literals(), ...composed()];
  expect(all.length).toBeGreaterThan(400);
  expect([...new Set(all.flatMap(ambiguousIn))]).toEqual([]);
}, 60_000);
