/**
 * What a search found, put in order while it is found.
 */

import type { LibraryId, RuleGroup, Tag, TagGroup } from '../tag.ts';
import { MATCH, type Segment } from './segment.ts';

export type Rank = 'exact' | 'prefix' | 'part' | 'pinyin' | 'near';

export type Hit =
  | { readonly kind: 'tag'; readonly tag: Tag; readonly group: TagGroup; readonly rank: Rank }
  | { readonly kind: 'group'; readonly group: TagGroup; readonly rank: Rank };

export type Suggestion =
  | { readonly kind: 'tag'; readonly tag: Tag; readonly group: TagGroup; readonly similarity: number }
  | { readonly kind: 'group'; readonly group: TagGroup; readonly similarity: number }
  | { readonly kind: 'ruleGroup'; readonly ruleGroup: RuleGroup; readonly similarity: number };
/** By the numbers of MATCH, then a name that is near as a whole, and one of which a part is. */
const RANKS: readonly Rank[] = ['exact', 'prefix', 'part', 'pinyin', 'pinyin', 'near', 'near'];
export const NEAR = 5;
export const NEAR_PART = 6;
/** Names less alike than this are no suggestion. */
export const SIMILARITY_FLOOR = 0.5;

/** Hits with a number each that sorts them: match, current rule group or not, weight, order of arrival. */
export class Ranking {
  readonly #first: LibraryId | undefined;
  readonly #numbers: number[] = [];
  readonly #segments: Segment[] = [];
  readonly #rows: number[] = [];

  constructor(libraryFirst: LibraryId | undefined) {
    this.#first = libraryFirst;
  }

  get size(): number {
    return this.#numbers.length;
  }

  /** Whether nothing better than a part of a name was hit. */
  get areParts(): boolean {
    return this.#numbers.every((number) => number >>> 27 === MATCH.part);
  }

  /** `weight`: 0–63, the smaller the better. At most 2^20 hits, 3 bits for the match, 1, 6 and 20 for the rest. */
  add(segment: Segment, row: number, match: number, weight: number): void {
    const elsewhere = this.#first !== undefined && segment.groups[row]?.libraryId !== this.#first ? 1 : 0;
    this.#numbers.push((match << 27) | (elsewhere << 26) | (Math.min(weight, 63) << 20) | this.#rows.length);
    this.#segments.push(segment);
    this.#rows.push(row);
  }

  best(limit: number | undefined): Hit[] {
    const sorted = Uint32Array.from(this.#numbers).sort();
    const hits: Hit[] = [];
    for (const number of limit === undefined ? sorted : sorted.subarray(0, limit)) {
      const at = number & 0xfffff;
      const segment = this.#segments[at] as Segment;
      const row = this.#rows[at] as number;
      const rank = RANKS[number >>> 27] as Rank;
      const group = segment.groups[row] as TagGroup;
      const tag = segment.tags[row];
      hits.push(tag ? { kind: 'tag', tag, group, rank } : { kind: 'group', group, rank });
    }
    return hits;
  }
}

interface Candidate {
  readonly segment: Segment;
  readonly row: number;
  readonly similarity: number;
  readonly elsewhere: boolean;
}

/** The few most similar rows seen so far. */
export class Best {
  readonly #limit: number;
  readonly #first: LibraryId | undefined;
  readonly #candidates: Candidate[] = [];

  constructor(limit: number, libraryFirst: LibraryId | undefined) {
    this.#limit = limit;
    this.#first = libraryFirst;
  }

  /** What a row must reach to be taken. */
  get floor(): number {
    const last = this.#candidates[this.#limit - 1];
    return last ? last.similarity : SIMILARITY_FLOOR;
  }

  add(segment: Segment, row: number, similarity: number): void {
    if (similarity < this.floor || this.#candidates.some((known) => known.row === row && known.segment === segment))
      return;
    const elsewhere = this.#first !== undefined && segment.groups[row]?.libraryId !== this.#first;
    this.#candidates.push({ segment, row, similarity, elsewhere });
    this.#candidates.sort(
      (a, b) =>
        b.similarity - a.similarity ||
        Number(a.elsewhere) - Number(b.elsewhere) ||
        a.segment.keyLength(a.row) - b.segment.keyLength(b.row) ||
        (a.segment === b.segment ? a.row - b.row : 0),
    );
    if (this.#candidates.length > this.#limit) this.#candidates.length = this.#limit;
  }

  suggestions(): Suggestion[] {
    return this.#candidates.map(({ segment, row, similarity }) => {
      const group = segment.groups[row] as TagGroup;
      const tag = segment.tags[row];
      return tag ? { kind: 'tag', tag, group, similarity } : { kind: 'group', group, similarity };
    });
  }
}
