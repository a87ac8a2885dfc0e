/**
 * How alike two folded names are: edits of a thumb on a phone, where a neighbour swapped is one slip, and a
 * character that sounds like the right one (what an input method offers first) is hardly a slip at all.
 */

import { pronunciationsOf } from './pinyin.ts';

/** The cost of one edit: a character missing, added or changed. */
export const EDIT = 4;
/** Two neighbours swapped: all characters are there, so it is less than a changed one. */
export const SWAP = 3;
const SAME_READING = 1;
const SIMILAR_READING = 2;

/** Folded names longer than this are not compared; the platform allows 30 characters. */
export const COMPARED_LENGTH = 64;

// Three rows of the table suffice, because a swap looks back two.
const table = [0, 1, 2].map(() => new Int32Array(COMPARED_LENGTH + 1));

/**
 * Cost of turning `a` into `b`, in units of which `EDIT` make a whole edit; any number above `max` when it is more.
 * With `inside`, the cost of turning `a` into the best matching part of `b`. fastest-levenshtein knows neither swaps
 * (two edits to it) nor sounds.
 */
export function editCost(a: string, b: string, max: number, inside = false): number {
  if (a.length > COMPARED_LENGTH || b.length > COMPARED_LENGTH) return a === b ? 0 : max + 1;
  if (!inside && Math.abs(a.length - b.length) * EDIT > max) return max + 1;
  let [before, above, row] = table as [Int32Array, Int32Array, Int32Array];
  for (let j = 0; j <= b.length; j++) above[j] = inside ? 0 : j * EDIT;
  for (let i = 1; i <= a.length; i++) {
    const unit = a.charCodeAt(i - 1);
    const unitBefore = i > 1 ? a.charCodeAt(i - 2) : -1;
    row[0] = i * EDIT;
    let least = i * EDIT;
    for (let j = 1; j <= b.length; j++) {
      const other = b.charCodeAt(j - 1);
      const change = (above[j - 1] as number) + (unit === other ? 0 : changeCost(unit, other));
      let cost = Math.min(change, (above[j] as number) + EDIT, (row[j - 1] as number) + EDIT);
      if (j > 1 && unitBefore === other && unit === b.charCodeAt(j - 2))
        cost = Math.min(cost, (before[j - 2] as number) + SWAP);
      row[j] = cost;
      if (cost < least) least = cost;
    }
    // A swap may still come from the row above this one, for the price of one edit.
    if (least > max + EDIT) return max + 1;
    [before, above, row] = [above, row, before];
  }
  if (!inside) return above[b.length] as number;
  let best = above[0] as number;
  for (let j = 1; j <= b.length; j++) best = Math.min(best, above[j] as number);
  return best;
}

function changeCost(a: number, b: number): number {
  const first = pronunciationsOf(a);
  const second = first && pronunciationsOf(b);
  if (!second) return EDIT;
  if (first === second || share(first.syllables, second.syllables))
    return first.syllables.length === 0 ? EDIT : SAME_READING;
  return share(first.sounds, second.sounds) ? SIMILAR_READING : EDIT;
}

function share<T>(a: readonly T[], b: readonly T[]): boolean {
  for (const one of a) if (b.includes(one)) return true;
  return false;
}

/**
 * 0 … 1: the share of the longer name that is right; 0 below `floor`. Where one name contains the other it is 0.5 at
 * least, since people type half of a name, but less than for a single slip.
 */
export function likeness(a: string, b: string, floor: number): number {
  const longer = Math.max(a.length, b.length);
  const shorter = Math.min(a.length, b.length);
  const max = Math.floor((1 - floor) * longer * EDIT);
  const cost = editCost(a, b, max);
  const edits = cost > max ? 0 : 1 - cost / (longer * EDIT);
  const contained = shorter > 0 && (a.includes(b) || b.includes(a)) ? containedLikeness(shorter, longer) : 0;
  return Math.max(edits, contained);
}

/** Of names of these lengths, one in the other. */
export function containedLikeness(shorter: number, longer: number): number {
  return 0.5 + (0.2 * shorter) / longer;
}
