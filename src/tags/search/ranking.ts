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

interface Found {
  readonly segment: Segment;
  readonly row: number;
  readonly match: number;
  /** Not in the library whose names come first. */
  readonly elsewhere: number;
  readonly weight: number;
}

/** Hits, best first: by match, the current library before others, weight, order of arrival. */
export class Ranking {
  readonly #first: LibraryId | undefined;
  readonly #found: Found[] = [];

  constructor(libraryFirst: LibraryId | undefined) {
    this.#first = libraryFirst;
  }

  get size(): number {
    return this.#found.length;
  }

  /** Whether nothing better than a part of a name was hit. */
  get areParts(): boolean {
    return this.#found.every(({ match }) => match === MATCH.part);
  }

  /** `weight`: the smaller the better. */
  add(segment: Segment, row: number, match: number, weight: number): void {
    const elsewhere = this.#first !== undefined && segment.groups[row]?.libraryId !== this.#first ? 1 : 0;
    this.#found.push({ segment, row, match, elsewhere, weight });
  }

  best(limit: number | undefined): Hit[] {
    this.#found.sort((a, b) => a.match - b.match || a.elsewhere - b.elsewhere || a.weight - b.weight);
    return this.#found.slice(0, limit).map(({ segment, row, match }): Hit => {
      const rank = RANKS[match] as Rank;
      const group = segment.groups[row] as TagGroup;
      const tag = segment.tags[row];
      return tag ? { kind: 'tag', tag, group, rank } : { kind: 'group', group, rank };
    });
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
    if (similarity < this.floor || this.#candidates.some((other) => other.row === row && other.segment === segment))
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
