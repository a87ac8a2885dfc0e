/** The library as the parser sees it: which names there are, and where they stand in a text. */

import type { Known, Place } from '../command/known.ts';
import { plainOf } from '../command/tokens.ts';
import { CORP_LIBRARY } from '../tags/library.ts';
import type { TagGroup } from '../tags/tag.ts';
import { fold } from '../text.ts';
import { soughtNames } from './around.ts';
import { groupsCalled, mayRead, stems, tagsCalled, type View } from './names.ts';
import { Remembered, readersOf } from './remembered.ts';

/** Longer texts are no sentences; names are looked for in their beginning only. */
const MOST_SEARCHED = 600;

const rulesOf = new Remembered<Known['rules']>();
const indexes = new Remembered<NameIndex>();

/** Everything the member may read. */
export function knownOf(view: View): Known {
  return {
    tag: (name) => tagsCalled(name, view).length > 0,
    means: (name) => meansTags(name, view),
    group: (name) => groupsCalled(name, view).length > 0,
    rules: rulesOf.of(view.library.ruleGroups, readersOf(view), () => rules(view)),
    namesIn: (text) => namesIn(text, view),
  };
}

function meansTags(name: string, view: View): boolean {
  const isKnown = (one: string) => tagsCalled(one, view).length > 0;
  return isKnown(name) || soughtNames(name, isKnown).every(isKnown);
}

/** The longer one first: it holds the other. */
const CORP = [`${CORP_LIBRARY}库`, CORP_LIBRARY].map((stem) => ({ name: CORP_LIBRARY, stem }));

function rules(view: View): Known['rules'] {
  const own = stems(view);
  return mayRead(view, 'corp') ? [...CORP, ...own] : own;
}

interface Bearers {
  readonly tag: boolean;
  readonly group: boolean;
}

/** Folded names of two characters and more: by their first two, which lengths there are, and who bears them. */
interface NameIndex {
  readonly lengths: ReadonlyMap<string, readonly number[]>;
  readonly bearers: ReadonlyMap<string, Bearers>;
}

const keysOf = new WeakMap<TagGroup, { readonly group: string; readonly tags: readonly string[] }>();

function namesIn(text: string, view: View): Place[] {
  const { lengths, bearers } = indexes.of(view.library, readersOf(view), () => makeIndex(view));
  const plain = plainOf(text.slice(0, MOST_SEARCHED));
  const at: number[] = [];
  let squeezed = '';
  for (let i = 0; i < plain.length; i++) {
    if (plain.charAt(i) === ' ') continue;
    squeezed += plain.charAt(i);
    at.push(i);
  }
  const found: Place[] = [];
  for (let i = 0; i < squeezed.length - 1; i++) {
    for (const length of lengths.get(squeezed.slice(i, i + 2)) ?? []) {
      const who = bearers.get(squeezed.slice(i, i + length));
      if (who === undefined || i + length > squeezed.length) continue;
      found.push({ from: at[i] as number, to: (at[i + length - 1] as number) + 1, ...who });
      i += length - 1;
      break;
    }
  }
  return found;
}

function makeIndex(view: View): NameIndex {
  const lengths = new Map<string, Set<number>>();
  const bearers = new Map<string, Bearers>();
  const put = (key: string, who: Bearers): void => {
    if (key.length < 2) return;
    const known = bearers.get(key);
    bearers.set(key, known ? { tag: known.tag || who.tag, group: known.group || who.group } : who);
    const first = key.slice(0, 2);
    const of = lengths.get(first);
    if (of) of.add(key.length);
    else lengths.set(first, new Set([key.length]));
  };
  for (const group of view.library.groups) {
    if (!mayRead(view, group.libraryId)) continue;
    let keys = keysOf.get(group);
    if (keys === undefined) {
      keys = { group: fold(group.name), tags: group.tags.map((tag) => fold(tag.name)) };
      keysOf.set(group, keys);
    }
    put(keys.group, A_GROUP);
    for (const tag of keys.tags) put(tag, A_TAG);
  }
  const longestFirst = [...lengths].map(([first, of]) => [first, [...of].sort((a, b) => b - a)] as const);
  return { lengths: new Map(longestFirst), bearers };
}

const A_GROUP: Bearers = { tag: false, group: true };
const A_TAG: Bearers = { tag: true, group: false };
