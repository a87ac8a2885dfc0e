/**
 * Forms: how a sentence may be built, written as data and matched in every way that fits.
 *
 * A form is a row of parts: `<添加>` a word class of the lexicon, `{group}` a slot, `_` white space, anything else itself;
 * `?` makes a word optional. White space between parts is skipped. Where a name may contain a key word, every split is
 * a match of its own; the catalog decides later. The number of steps per text is bounded, so that no text is slow.
 */

import type { WordClass } from '../lexicon.ts';
import { type Occurrences, slice, type Text } from '../tokens.ts';

type Part =
  | { readonly part: 'word'; readonly cls: WordClass; readonly optional: boolean }
  | { readonly part: 'chars'; readonly chars: string; readonly optional: boolean }
  | { readonly part: 'space' }
  | { readonly part: 'slot'; readonly slot: string };

export interface Form {
  readonly parts: readonly Part[];
  /** Begins with a noun (标签 …): a command beyond doubt. */
  readonly formal: boolean;
  /** Word classes without which no text has this form. */
  readonly needs: readonly WordClass[];
}

export type Slots = Readonly<Record<string, Text>>;

export interface Match {
  readonly slots: Slots;
  /** Characters understood as key words: the more, the better the reading. */
  readonly covered: number;
  /** Length of the longest key word. */
  readonly longest: number;
  /** Begins with a name rather than a key word, so that any sentence could match. */
  readonly open: boolean;
}

/** Steps that all forms together may take on one text. */
export class Budget {
  left: number;
  constructor(steps: number) {
    this.left = steps;
  }
}

/** Compiles a form; throws when its notation is wrong (a mistake in the table, found by the tests). */
export function form(notation: string): Form {
  const parts = notation.split(' ').map((token): Part => {
    const word = /^<(.+)>(\?)?$/.exec(token);
    if (word) return { part: 'word', cls: word[1] as WordClass, optional: word[2] !== undefined };
    const slot = /^\{(\w+)\}$/.exec(token);
    if (slot) return { part: 'slot', slot: slot[1] as string };
    if (token === '_') return { part: 'space' };
    if (token === '') throw new Error(`form: ${notation}`);
    const optional = token.length > 1 && token.endsWith('?');
    return { part: 'chars', chars: optional ? token.slice(0, -1) : token, optional };
  });
  const [first] = parts;
  const needs = parts.flatMap((part) => (part.part === 'word' && !part.optional ? [part.cls] : []));
  return { parts, formal: first?.part === 'word' && !first.optional && NOUNS.has(first.cls), needs };
}

const NOUNS: ReadonlySet<WordClass> = new Set(['标签', '组', '规则组']);

/** Splits that are tried per slot; a text with more is noise. */
const MOST_SPLITS = 24;

/** Every way in which the whole of `text` has this form. */
export function matches(form: Form, text: Text, words: Occurrences, budget: Budget): readonly Match[] {
  const { plain } = text;
  const found: Match[] = [];

  const lengthsAt = (part: Part, at: number): readonly number[] => {
    if (part.part === 'word') return words.get(part.cls)?.get(at) ?? NONE;
    if (part.part === 'chars') return plain.startsWith(part.chars, at) ? [part.chars.length] : NONE;
    return part.part === 'space' && plain.charAt(at) === ' ' ? [1] : NONE;
  };

  const walk = (index: number, from: number, slots: Slots, covered: number, longest: number, open: boolean): void => {
    if (--budget.left < 0) return;
    const part = form.parts[index];
    const at =
      part?.part === 'space'
        ? from
        : part?.part === 'word' && index > 0
          ? skipLeading(plain, from)
          : skipSpace(plain, from);
    if (part === undefined) {
      if (at >= plain.length) found.push({ slots, covered, longest, open });
      return;
    }
    if (part.part === 'slot') {
      const start = skipLeading(plain, from);
      for (const end of slotEnds(form.parts, index + 1, start, plain, words)) {
        const stop = trimEnd(plain, start, end);
        if (stop > start)
          walk(
            index + 1,
            end,
            { ...slots, [part.slot]: slice(text, start, stop) },
            covered,
            longest,
            open || covered === 0,
          );
      }
      return;
    }
    for (const length of lengthsAt(part, at)) {
      const counts = part.part === 'space' ? 0 : length;
      walk(index + 1, at + length, slots, covered + counts, Math.max(longest, counts), open);
    }
    if (part.part !== 'space' && part.optional) walk(index + 1, from, slots, covered, longest, open);
  };

  walk(0, 0, NO_SLOTS, 0, 0, false);
  return found;
}

/** False for most forms: they lack a key word, or begin with one and the text does not. */
export function mayMatch({ parts: [first], needs }: Form, plain: string, words: Occurrences): boolean {
  if (first?.part === 'word' && !first.optional && !words.get(first.cls)?.has(skipSpace(plain, 0))) return false;
  return needs.every((cls) => words.has(cls));
}

const NONE: readonly number[] = [];
const NO_SLOTS: Slots = {};

/**
 * Where a slot may end: wherever one of the parts that can follow begins. From the right, since the last key word is
 * the likeliest one; from the left at white space, since a list follows the first name.
 */
function slotEnds(parts: readonly Part[], next: number, start: number, plain: string, words: Occurrences): number[] {
  const ends = new Set<number>();
  let index = next;
  for (; index < parts.length; index++) {
    const part = parts[index] as Part;
    if (part.part === 'slot') break;
    collect(part, start, plain, words, ends);
    if (part.part === 'space' || !part.optional) break;
  }
  const toEnd = index >= parts.length;
  const atSpace = parts[next]?.part === 'space';
  const sorted = [...ends].sort((a, b) => (atSpace ? a - b : b - a));
  const bounded =
    sorted.length <= MOST_SPLITS ? sorted : [...sorted.slice(0, MOST_SPLITS / 2), ...sorted.slice(-MOST_SPLITS / 2)];
  return toEnd ? [...bounded, plain.length] : bounded;
}

function collect(part: Part, start: number, plain: string, words: Occurrences, into: Set<number>): void {
  if (part.part === 'word') {
    for (const at of words.get(part.cls)?.keys() ?? []) if (at > start) into.add(at);
    return;
  }
  const chars = part.part === 'space' ? ' ' : part.part === 'chars' ? part.chars : '';
  for (let at = plain.indexOf(chars, start + 1); at >= 0; at = plain.indexOf(chars, at + 1)) {
    if (part.part !== 'space' || plain.charAt(at - 1) !== ' ') into.add(at);
  }
}

function skipSpace(plain: string, from: number): number {
  let at = from;
  while (plain.charAt(at) === ' ') at++;
  return at;
}

/** What comes next begins after white space and a stray colon or comma. */
function skipLeading(plain: string, from: number): number {
  let at = from;
  while (at < plain.length && ' :,、'.includes(plain.charAt(at))) at++;
  return at;
}

function trimEnd(plain: string, start: number, end: number): number {
  let at = end;
  while (at > start && ' :,、'.includes(plain.charAt(at - 1))) at--;
  return at;
}
