/**
 * Which names have which sounds: the way to the few names that can be near a mistyped one.
 */

import { COMPARED_LENGTH } from './likeness.ts';
import { pronunciationsOf } from './pinyin.ts';

/** What is read: the folded name of a row. */
interface Names {
  readonly size: number;
  key(row: number): string;
}

export class SoundPostings {
  /** Rows by sound, one sound after another; those of sound n are `#rows[#starts[n]]` to `#rows[#starts[n + 1]]`. */
  readonly #rows: Uint32Array;
  readonly #starts: Uint32Array;
  /** Numbers of characters that have no reading, after those of the sounds. */
  readonly #others = new Map<number, number>();
  readonly #shared: Uint8Array;
  /** Position in the query (from 1) that was last counted for a row: a row counts once for each. */
  readonly #countedFor: Uint8Array;
  readonly #touched: Uint32Array;

  /** About 5 ms for 10,000 names; done at the first mistyped name. */
  constructor(names: Names) {
    const counts: number[] = [];
    const sounds: number[] = [];
    const ends = new Uint32Array(names.size);
    for (let row = 0; row < names.size; row++) {
      const begin = sounds.length;
      const key = names.key(row);
      for (let i = 0; i < key.length; i++) {
        for (const sound of this.#soundsOf(key.charCodeAt(i), true)) {
          if (sounds.indexOf(sound, begin) >= 0) continue;
          sounds.push(sound);
          counts[sound] = (counts[sound] ?? 0) + 1;
        }
      }
      ends[row] = sounds.length;
    }
    this.#starts = new Uint32Array(counts.length + 1);
    for (let sound = 0; sound < counts.length; sound++) {
      this.#starts[sound + 1] = (this.#starts[sound] as number) + (counts[sound] ?? 0);
    }
    this.#rows = new Uint32Array(sounds.length);
    const next = this.#starts.slice();
    for (let row = 0, i = 0; row < names.size; row++) {
      for (; i < (ends[row] as number); i++) {
        const sound = sounds[i] as number;
        this.#rows[next[sound] as number] = row;
        next[sound] = (next[sound] as number) + 1;
      }
    }
    this.#shared = new Uint8Array(names.size);
    this.#countedFor = new Uint8Array(names.size);
    this.#touched = new Uint32Array(names.size);
  }

  /** Rows that have at least `least` of the sounds of `key`, with how many. */
  sharing(key: string, least: number, found: (row: number, shared: number) => void): void {
    const length = Math.min(key.length, COMPARED_LENGTH);
    let touched = 0;
    for (let i = 0; i < length; i++) {
      for (const sound of this.#soundsOf(key.charCodeAt(i), false)) {
        const end = this.#starts[sound + 1] ?? 0;
        for (let at = this.#starts[sound] ?? 0; at < end; at++) {
          const row = this.#rows[at] as number;
          if (this.#countedFor[row] === i + 1) continue;
          if (this.#shared[row] === 0) this.#touched[touched++] = row;
          this.#countedFor[row] = i + 1;
          this.#shared[row] = (this.#shared[row] as number) + 1;
        }
      }
    }
    for (let i = 0; i < touched; i++) {
      const row = this.#touched[i] as number;
      const shared = this.#shared[row] as number;
      this.#shared[row] = 0;
      this.#countedFor[row] = 0;
      if (shared >= least) found(row, shared);
    }
  }

  #soundsOf(code: number, learn: boolean): readonly number[] {
    const sounds = pronunciationsOf(code)?.sounds;
    if (sounds && sounds.length > 0) return sounds;
    const present = this.#others.get(code);
    if (present !== undefined) return [present];
    if (!learn) return NONE;
    const number = FIRST_OTHER + this.#others.size;
    this.#others.set(code, number);
    return [number];
  }
}

const NONE: readonly number[] = [];
/** More than there are sounds in Mandarin. */
const FIRST_OTHER = 512;
