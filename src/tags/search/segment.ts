/**
 * One searchable stretch of the library: the names of some groups and their tags, folded, in arrays that can be
 * scanned quickly. Rows are in the order in which the library shows them, a group before its tags.
 */

import { fold } from '../../text.ts';
import type { Tag, TagGroup } from '../tag.ts';
import { pronunciationsOf } from './pinyin.ts';
import { SoundPostings } from './sounds.ts';

/** Where a row's name matches. Smaller is better. */
export const MATCH = { exact: 0, prefix: 1, part: 2, soundsAtHead: 3, soundsInside: 4 } as const;
/** Letters of a query in pinyin beyond this are not looked at; so many already tell which name is meant. */
const HEARD_LETTERS = 31;
const ROWS_PER_STEP = 400;

export class Segment {
  readonly size: number;
  /** undefined for the row of a group itself. */
  readonly tags: readonly (Tag | undefined)[];
  readonly groups: readonly TagGroup[];
  /** Every folded name between line feeds, which no folded name contains. */
  readonly #text: string;
  /** Where in `#text` the name of a row begins. */
  readonly #starts: Uint32Array;
  /** One bit per letter that some reading of the name contains, and per letter that can begin a unit of it. */
  readonly #letters: Int32Array;
  readonly #heads: Int32Array;
  #sounds: SoundPostings | undefined;

  private constructor(
    tags: (Tag | undefined)[],
    groups: TagGroup[],
    keys: readonly string[],
    letters: Int32Array,
    heads: Int32Array,
  ) {
    this.size = keys.length;
    this.tags = tags;
    this.groups = groups;
    this.#text = `\n${keys.join('\n')}\n`;
    this.#starts = new Uint32Array(keys.length + 1);
    let at = 1;
    for (const [row, key] of keys.entries()) {
      this.#starts[row] = at;
      at += key.length + 1;
    }
    this.#starts[keys.length] = at;
    this.#letters = letters;
    this.#heads = heads;
  }

  /** Yields every few hundred rows, so that a caller can let others work in between. */
  static *building(groups: readonly TagGroup[]): Generator<void, Segment> {
    const rowTags: (Tag | undefined)[] = [];
    const rowGroups: TagGroup[] = [];
    const keys: string[] = [];
    for (const group of groups) {
      for (const tag of [undefined, ...group.tags]) {
        rowTags.push(tag);
        rowGroups.push(group);
        keys.push(fold((tag ?? group).name));
        if (keys.length % ROWS_PER_STEP === 0) yield;
      }
    }
    // The first reading that is asked for makes their table, 8 ms: a step of its own.
    yield;
    pronunciationsOf(0x4e00);
    yield;
    const letters = new Int32Array(keys.length);
    const heads = new Int32Array(keys.length);
    for (const [row, key] of keys.entries()) {
      [letters[row], heads[row]] = lettersOf(key);
      if (row % (4 * ROWS_PER_STEP) === 0) yield;
    }
    return new Segment(rowTags, rowGroups, keys, letters, heads);
  }

  static of(groups: readonly TagGroup[]): Segment {
    const building = Segment.building(groups);
    for (;;) {
      const step = building.next();
      if (step.done) return step.value;
    }
  }

  /** The folded name of a row. */
  key(row: number): string {
    return this.#text.slice(this.#starts[row], (this.#starts[row + 1] as number) - 1);
  }

  keyLength(row: number): number {
    return (this.#starts[row + 1] as number) - (this.#starts[row] as number) - 1;
  }

  /** Rows whose name contains `key`, in order. One search through one long string takes 10–40 µs for 10,000 names. */
  containing(key: string, found: (row: number, match: number) => void): void {
    const text = this.#text;
    const starts = this.#starts;
    let row = 0;
    for (let at = text.indexOf(key, 1); at >= 0; at = text.indexOf(key, starts[row] as number)) {
      row = this.#rowAt(at, row);
      const start = starts[row] as number;
      const end = (starts[row + 1] as number) - 1;
      if (at > start) found(row, MATCH.part);
      else found(row, end - start === key.length ? MATCH.exact : MATCH.prefix);
      row++;
      if (row >= this.size) return;
    }
  }

  #rowAt(position: number, from: number): number {
    const starts = this.#starts;
    let low = from;
    let high = this.size - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((starts[middle] as number) <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /**
   * Rows whose name can be read as `key`, which has letters in it: whole syllables, initials, or both mixed with
   * the characters themselves, from the beginning of the name or of any character in it. Rows of `except` are skipped.
   */
  sounding(key: string, found: (row: number, match: number) => void, except?: ReadonlySet<number>): void {
    const query = key.length > HEARD_LETTERS ? key.slice(0, HEARD_LETTERS) : key;
    const letters = this.#letters;
    const heads = this.#heads;
    const needed = letterBits(query);
    const first = letterBits(query.charAt(0));
    // Two bit tests leave a few hundred of 10,000 names to be read in full.
    for (let row = 0; row < letters.length; row++) {
      if ((needed & ~(letters[row] as number)) !== 0 || (first & ~(heads[row] as number)) !== 0) continue;
      if (except?.has(row)) continue;
      const match = matchBySound(query, this.#text, this.#starts[row] as number, (this.#starts[row + 1] as number) - 1);
      if (match !== undefined && (match === MATCH.soundsAtHead || query.length > 1)) found(row, match);
    }
  }

  /**
   * Rows that have at least `least` of the sounds of `key` (a character without a reading is a sound of its own), with
   * how many: no row within `key.length - least` changed or missing characters is left out.
   */
  sharing(key: string, least: number, found: (row: number, shared: number) => void): void {
    this.#sounds ??= new SoundPostings(this);
    this.#sounds.sharing(key, least, found);
  }

  /** Rows of which a reading lacks at most `lacking` of the letters of `key`. */
  sharingLetters(key: string, lacking: number, found: (row: number) => void): void {
    const asked = letterBits(key);
    const letters = this.#letters;
    for (let row = 0; row < letters.length; row++) {
      let missing = asked & ~(letters[row] as number);
      for (let n = 0; n < lacking && missing !== 0; n++) missing &= missing - 1;
      if (missing === 0) found(row);
    }
  }
}

function letterBits(text: string): number {
  let bits = 0;
  for (let i = 0; i < text.length; i++) bits |= letterBit(text.charCodeAt(i));
  return bits;
}

function letterBit(code: number): number {
  return code >= 97 && code <= 122 ? 1 << (code - 97) : 0;
}

/** Letters in all pronunciations, and letters with which a unit can begin. */
function lettersOf(key: string): [letters: number, heads: number] {
  let letters = 0;
  let heads = 0;
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i);
    heads |= letterBit(code);
    for (const syllable of pronunciationsOf(code)?.syllables ?? []) {
      heads |= letterBit(syllable.charCodeAt(0));
      for (let j = 0; j < syllable.length; j++) letters |= letterBit(syllable.charCodeAt(j));
    }
  }
  return [letters | heads, heads];
}

/**
 * How `query` can be read in `text[from, end)`. Bit n of a state says that the first n units of the query are read when
 * a character begins; going through the name once with all possibilities at a time, no name can make it slow.
 */
function matchBySound(query: string, text: string, from: number, end: number): number | undefined {
  const full = 1 << query.length;
  let fromHead = 1;
  let fromAnywhere = 1;
  let inside = false;
  for (let at = from; at < end; at++) {
    const code = text.charCodeAt(at);
    if (fromHead !== 0) fromHead = step(query, fromHead, code);
    if ((fromHead & full) !== 0) return MATCH.soundsAtHead;
    if (!inside) {
      fromAnywhere = step(query, fromAnywhere, code) | 1;
      inside = (fromAnywhere & full) !== 0;
    }
    if (inside && fromHead === 0) return MATCH.soundsInside;
  }
  return inside ? MATCH.soundsInside : undefined;
}

function step(query: string, open: number, code: number): number {
  const syllables = pronunciationsOf(code)?.syllables;
  let next = 0;
  for (let bits = open; bits !== 0; bits &= bits - 1) {
    const at = 31 - Math.clz32(bits & -bits);
    if (at >= query.length) continue;
    if (query.charCodeAt(at) === code) next |= 1 << (at + 1);
    if (!syllables) continue;
    for (const syllable of syllables) {
      // Any beginning of the last syllable will do; in between, the whole or its initial (two letters for zh, ch, sh).
      let same = 0;
      while (same < syllable.length && syllable.charCodeAt(same) === query.charCodeAt(at + same)) same++;
      if (same === 0) continue;
      next |= 1 << (at + 1);
      if (same >= 2 && syllable.charCodeAt(1) === 104) next |= 1 << (at + 2);
      if (same === syllable.length || at + same === query.length) next |= 1 << (at + same);
    }
  }
  return next;
}
