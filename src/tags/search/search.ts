/**
 * Finds names in the library: what contains the words of a member, what sounds like them, and what was probably meant.
 * An index belongs to one library and never changes. It shares a segment over all names with the indexes before it and
 * keeps small segments of its own for the groups that have changed since, so that a write costs nothing here.
 */

import { fold } from '../../text.ts';
import type { Library } from '../library.ts';
import type { LibraryId, RuleGroup, TagGroup } from '../tag.ts';
import { COMPARED_LENGTH, containedLikeness, EDIT, editCost, likeness, SWAP } from './likeness.ts';
import { pronunciationsOf } from './pinyin.ts';
import { Best, type Hit, NEAR, NEAR_PART, Ranking, SIMILARITY_FLOOR, type Suggestion } from './ranking.ts';
import { MATCH, Segment } from './segment.ts';

export type { Hit, Rank, Suggestion } from './ranking.ts';

/** Where to look. */
export interface Scope {
  /** The library whose names come first among equals. */
  readonly libraryFirst?: LibraryId | undefined;
  /** Only these libraries. */
  readonly libraryIds?: ReadonlySet<LibraryId> | undefined;
  /** Only the tags of this group. */
  readonly groupId?: string | undefined;
  /** At most so many; `search` gives all without it, `nearest` 5. */
  readonly limit?: number | undefined;
}

export type SuggestionOf<K extends Suggestion['kind']> = Extract<Suggestion, { kind: K }>;

const SUGGESTIONS = 5;
const LATIN = /[a-zü]/;
/** So few names with the query somewhere inside may all be others than the one that was meant. */
const FEW_PARTS = 2;
/** How like a name is to letters that it can be read as, be they its initials. */
const HEARD_AT_HEAD = 0.75;
const HEARD_INSIDE = 0.6;
/** Fewer letters of pinyin with a slip in them could be nearly anything. */
const MISSPELT_LETTERS = 5;

/** Where a group of another identity than in the base is searched instead. */
interface Overlay {
  readonly hidden: ReadonlySet<TagGroup>;
  readonly segments: ReadonlyMap<TagGroup, Segment>;
}

export class SearchIndex {
  readonly library: Library;
  readonly #base: Segment;
  readonly #baseGroups: readonly TagGroup[];
  /** Segments of changed groups that an earlier index has already made. */
  readonly #ready: ReadonlyMap<TagGroup, Segment>;
  #overlay: Overlay | undefined;

  /** Use `buildIndex` or `for`. */
  constructor(library: Library, base: Segment, baseGroups: readonly TagGroup[], ready: ReadonlyMap<TagGroup, Segment>) {
    this.library = library;
    this.#base = base;
    this.#baseGroups = baseGroups;
    this.#ready = ready;
  }

  /** The index of a later library. What has changed is only looked at when something is searched. */
  for(library: Library): SearchIndex {
    return new SearchIndex(library, this.#base, this.#baseGroups, this.#overlay?.segments ?? this.#ready);
  }

  /**
   * Tags and groups that match, best first: exact > prefix > part > pinyin > near (one slip; only when next to nothing
   * else matches). Within a rank `libraryFirst` first, then shorter names, then as shown. Width, case, white space and
   * traditional characters make no difference.
   */
  search(query: string, scope: Scope = {}): Hit[] {
    const key = fold(query);
    if (key === '') return [];
    const { segments, hidden } = this.#searched();
    const admits = admission(scope, hidden);
    const hits = new Ranking(scope.libraryFirst);
    const letters = LATIN.test(key) ? asTyped(key) : undefined;
    for (const segment of segments) {
      const seen = new Set<number>();
      segment.containing(key, (row, match) => {
        if (letters !== undefined) seen.add(row);
        if (admits(segment, row)) hits.add(segment, row, match, segment.keyLength(row));
      });
      if (letters === undefined) continue;
      segment.sounding(
        letters,
        (row, match) => {
          if (admits(segment, row)) hits.add(segment, row, match, segment.keyLength(row));
        },
        seen,
      );
    }
    const alone = hits.size === 0;
    if (alone || (hits.size <= FEW_PARTS && hits.areParts)) {
      for (const segment of segments) addNear(hits, segment, key, alone, admits);
    }
    return hits.best(scope.limit);
  }

  /**
   * The existing names that are most like `name`, which does not exist: by edits, by sound (homophones are what an
   * input method slips to), or because one contains the other. Nothing when nothing is at all alike.
   */
  nearest<K extends Suggestion['kind']>(name: string, kind: K, scope?: Scope): SuggestionOf<K>[];
  nearest(name: string, kind: Suggestion['kind'], scope: Scope = {}): Suggestion[] {
    const key = fold(name);
    const limit = scope.limit ?? SUGGESTIONS;
    if (key === '' || limit <= 0) return [];
    if (kind === 'ruleGroup') return nearestRuleGroups(this.library.ruleGroups, key, scope.libraryIds, limit);
    const { segments, hidden } = this.#searched();
    const admits = admission(scope, hidden);
    const best = new Best(limit, scope.libraryFirst);
    for (const segment of segments) {
      const wanted: Admission = (of, row) => (of.tags[row] === undefined) === (kind === 'group') && admits(of, row);
      addAlike(best, segment, key, wanted);
    }
    return best.suggestions();
  }

  #searched(): { readonly segments: readonly Segment[]; readonly hidden: ReadonlySet<TagGroup> } {
    this.#overlay ??= this.#changes();
    return { segments: [this.#base, ...this.#overlay.segments.values()], hidden: this.#overlay.hidden };
  }

  #changes(): Overlay {
    const hidden = new Set(this.#baseGroups);
    const segments = new Map<TagGroup, Segment>();
    for (const group of this.library.groups) {
      if (!hidden.delete(group)) segments.set(group, this.#ready.get(group) ?? Segment.of([group]));
    }
    return { hidden, segments };
  }
}

/** Lets everything that waits for this process have its turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Builds the index of a library. Between steps of about a millisecond `slice` is awaited, by default until the event
 * loop has served whoever else is waiting.
 */
export async function buildIndex(
  library: Library,
  options: { readonly slice?: () => Promise<void> } = {},
): Promise<SearchIndex> {
  const slice = options.slice ?? turn;
  const building = Segment.building(library.groups);
  for (;;) {
    const step = building.next();
    if (step.done) return new SearchIndex(library, step.value, library.groups, new Map());
    await slice();
  }
}

type Admission = (segment: Segment, row: number) => boolean;

function admission(scope: Scope, hidden: ReadonlySet<TagGroup>): Admission {
  const { libraryIds, groupId } = scope;
  return (segment, row) => {
    const group = segment.groups[row] as TagGroup;
    if (libraryIds !== undefined && !libraryIds.has(group.libraryId)) return false;
    if (groupId !== undefined && (group.id !== groupId || segment.tags[row] === undefined)) return false;
    return hidden.size === 0 || !hidden.has(group);
  };
}

/**
 * Names with one slip in them; when they are `alone`, also names of which a part is. Beside other hits that would take
 * half of a search's time, and one of two characters is too little to go by there.
 */
function addNear(hits: Ranking, segment: Segment, key: string, alone: boolean, admits: Admission): void {
  if (key.length < 2 || key.length > COMPARED_LENGTH) return;
  const slip = !alone && key.length === 2 ? SWAP : EDIT;
  const found: { row: number; match: number; cost: number }[] = [];
  segment.sharing(key, key.length - 1, (row) => {
    const name = segment.key(row);
    if (name.includes(key)) return;
    const cost = editCost(key, name, slip);
    if (cost <= slip) found.push({ row, match: NEAR, cost });
    else if (alone && key.length > 2 && name.length > key.length) {
      const inside = editCost(key, name, slip, true);
      if (inside <= slip) found.push({ row, match: NEAR_PART, cost: inside });
    }
  });
  if (isSpelling(key)) {
    segment.sharingLetters(key, 1, (row) => {
      const cost = editCost(key, spelled(segment.key(row), key), slip);
      if (cost <= slip) found.push({ row, match: NEAR, cost });
    });
  }
  found.sort((a, b) => a.row - b.row);
  let last = -1;
  for (const { row, match, cost } of found) {
    if (row !== last && admits(segment, row)) hits.add(segment, row, match, cost);
    last = row;
  }
}

/** ü as it is typed. */
function asTyped(key: string): string {
  return key.replaceAll('ü', 'v');
}

function isSpelling(key: string): boolean {
  return key.length >= MISSPELT_LETTERS && /^[a-zü]+$/.test(key);
}

/** A name in pinyin; of several readings the one that occurs in `like`. */
function spelled(name: string, like: string): string {
  let out = '';
  for (let i = 0; i < name.length; i++) {
    const syllables = pronunciationsOf(name.charCodeAt(i))?.syllables;
    out += syllables?.find((syllable) => like.includes(syllable)) ?? syllables?.[0] ?? name[i];
  }
  return out;
}

function addAlike(best: Best, segment: Segment, key: string, admits: Admission): void {
  segment.sharing(key, key.length <= 2 ? 1 : 2, (row, shared) => {
    // What the sounds in common allow at the very best: most candidates need no comparison.
    const length = segment.keyLength(row);
    const longer = Math.max(length, key.length);
    const shorter = Math.min(length, key.length);
    const contained = shared >= shorter ? containedLikeness(shorter, longer) : 0;
    const possible = Math.max(shared / longer, contained);
    if (possible < best.floor || !admits(segment, row)) return;
    best.add(segment, row, likeness(key, segment.key(row), best.floor));
  });
  if (key.length > 1 && LATIN.test(key)) {
    segment.sounding(asTyped(key), (row, match) => {
      if (admits(segment, row)) best.add(segment, row, match === MATCH.soundsAtHead ? HEARD_AT_HEAD : HEARD_INSIDE);
    });
  }
  if (isSpelling(key)) {
    segment.sharingLetters(key, 1, (row) => {
      if (admits(segment, row)) best.add(segment, row, likeness(key, spelled(segment.key(row), key), best.floor));
    });
  }
}

function nearestRuleGroups(
  ruleGroups: readonly RuleGroup[],
  key: string,
  allowed: ReadonlySet<LibraryId> | undefined,
  limit: number,
): Suggestion[] {
  const found: { ruleGroup: RuleGroup; similarity: number }[] = [];
  for (const ruleGroup of ruleGroups) {
    if (allowed && !allowed.has(ruleGroup.id)) continue;
    const name = fold(ruleGroup.name);
    const similarity = Math.max(
      likeness(key, name, SIMILARITY_FLOOR),
      isSpelling(key) ? likeness(key, spelled(name, key), SIMILARITY_FLOOR) : 0,
    );
    if (similarity >= SIMILARITY_FLOOR) found.push({ ruleGroup, similarity });
  }
  found.sort((a, b) => b.similarity - a.similarity || a.ruleGroup.id - b.ruleGroup.id);
  return found.slice(0, limit).map((one) => ({ kind: 'ruleGroup', ...one }));
}
