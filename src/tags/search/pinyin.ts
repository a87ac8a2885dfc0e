/**
 * Chinese characters as search hears them: how one can be read, and which ones sound alike.
 */

import { READINGS } from './pinyin-data.ts';

const FIRST = 0x4e00;
const SIZE = 0x9fff - FIRST + 1;

/** The ways one character can be read; most characters share theirs with many others. */
export interface Pronunciations {
  /** Toneless pinyin, ü as v. */
  readonly syllables: readonly string[];
  /** Numbers of the syllables once zh/z, ch/c, sh/s and -ng/-n, which many people do not tell apart, are taken as one. */
  readonly sounds: readonly number[];
}

interface Tables {
  /** Index into `sets` by character, 0 for none. */
  readonly setOf: Uint16Array;
  readonly sets: readonly Pronunciations[];
}

let tables: Tables | undefined;

/** Undefined for what is not a Chinese character of the basic block. `code` is a UTF-16 code unit. */
export function pronunciationsOf(code: number): Pronunciations | undefined {
  if (code < FIRST || code >= FIRST + SIZE) return undefined;
  tables ??= built();
  return tables.sets[tables.setOf[code - FIRST] ?? 0];
}

function built(): Tables {
  const setOf = new Uint16Array(SIZE);
  const sets: Pronunciations[] = [{ syllables: [], sounds: [] }];
  // A character moves from the set it is in to the one with the next reading added. Going by set keeps this at
  // 8 ms; a list of readings for every character would take 40 ms and 13 MB.
  const sounds = new Map<string, number>();
  for (const entry of READINGS.trim().split('\n')) {
    const blank = entry.indexOf(' ');
    const syllable = entry.slice(0, blank);
    const blurry = blurred(syllable);
    const sound = sounds.get(blurry) ?? sounds.size;
    sounds.set(blurry, sound);
    const grown = new Map<number, number>();
    for (let i = blank + 1; i < entry.length; i++) {
      const at = entry.charCodeAt(i) - FIRST;
      const from = setOf[at] ?? 0;
      let to = grown.get(from);
      if (to === undefined) {
        to = sets.length;
        grown.set(from, to);
        const { syllables = [], sounds: soundsSoFar = [] } = sets[from] ?? {};
        sets.push({
          syllables: [...syllables, syllable],
          sounds: soundsSoFar.includes(sound) ? soundsSoFar : [...soundsSoFar, sound],
        });
      }
      setOf[at] = to;
    }
  }
  return { setOf, sets };
}

function blurred(syllable: string): string {
  return syllable.replace(/^([zcs])h/, '$1').replace(/ng$/, 'n');
}
