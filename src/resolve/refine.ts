/**
 * What a slot holds besides its name. The forms of the grammar cut a sentence at its key words; what people put around a
 * name (那个, 两个标签, 吧), and the group they name in front of it or behind (渠道来源/知乎, 知乎 渠道来源, 强烈意向 在
 * 课程意向), lies within the slots still. Here it is told apart by the library: every reading is offered with its places
 * and fillers taken out, before it is offered as it stands.
 */

import { isClause } from '../command/doubt.ts';
import type { Reading } from '../command/reading.ts';
import { nameOf } from '../command/tokens.ts';
import {
  addedTogether,
  gluedNames,
  isPartedBySpace,
  LONGEST_SAID,
  LONGEST_SECOND,
  soughtNames,
  withoutCounts,
  withoutFiller,
  withoutRemark,
} from './around.ts';
import { tagsCalled, type View } from './names.ts';
import { holds, isGroup, leadingPlace, outOfList, PARTICLES, trailingPlace, wholePlace } from './places.ts';

export interface Refined {
  readonly reading: Reading;
  /** Kept out of all names. */
  readonly leftOut: readonly string[];
  /** Not certain enough to be done unseen. */
  readonly careful: boolean;
  /** So many were said, but what stands there cannot be told apart. */
  readonly uncounted?: { readonly count: number; readonly text: string };
}

/** The reading in every way its slots can be read, best first; the last one is the reading as it stands. */
export function refined(reading: Reading, view: View, formal: boolean): readonly Refined[] {
  const plain: Refined = { reading, leftOut: [], careful: false };
  switch (reading.command) {
    case 'tag.add':
      return unlessSame(refineAdd(reading, view, formal), plain);
    case 'tag.delete':
      return unlessSame(refineDelete(reading, view), plain);
    case 'tag.rename':
      return unlessSame(refineRename(reading, view, formal), plain);
    case 'tag.top':
    case 'tag.order':
      return unlessSame(refineOne(reading, view), plain);
    case 'group.create':
      return unlessSame(refineCreate(reading, formal), plain);
    case 'tag.list': {
      const place =
        reading.group === undefined || isGroup(reading.group, view) ? undefined : wholePlace(reading.group, view);
      return place === undefined ? [plain] : [{ ...plain, reading: { ...reading, group: place.group } }, plain];
    }
    default:
      return [plain];
  }
}

function unlessSame(found: Refined | undefined, plain: Refined): readonly Refined[] {
  if (found === undefined || JSON.stringify(found.reading) === JSON.stringify(plain.reading)) return [plain];
  return found.uncounted === undefined ? [found, plain] : [found];
}

type Add = Extract<Reading, { command: 'tag.add' }>;

type Delete = Extract<Reading, { command: 'tag.delete' }>;

type Rename = Extract<Reading, { command: 'tag.rename' }>;

type One = Extract<Reading, { command: 'tag.top' | 'tag.order' }>;

type Create = Extract<Reading, { command: 'group.create' }>;

function refineAdd(reading: Add, view: View, formal: boolean): Refined {
  const isKnown = (name: string) => tagsCalled(name, view).length > 0;
  let { group } = reading;
  let tags: readonly string[] = reading.tags;
  const leftOut: string[] = [];
  if (group !== undefined && !isGroup(group, view)) {
    const place = wholePlace(group, view);
    if (place !== undefined) {
      group = place.group;
      if (place.rest !== '') leftOut.push(place.rest);
    }
  }
  if (group === undefined || !isGroup(group, view)) {
    const placed = outOfList(tags, view, () => true);
    if (placed !== undefined && group === undefined) ({ group, tags } = placed);
  }
  const counted = withoutCounts(formal ? tags : tags.map((tag) => withoutRemark(tag, isKnown, leftOut)), isKnown);
  const bare = counted.names.map((name) => withoutFiller(name, isKnown, formal)).filter((name) => name !== '');
  const names = formal ? bare : bare.flatMap((name) => addedTogether(name, isKnown));
  return {
    reading: { command: 'tag.add', tags: names, ...(group === undefined ? {} : { group }) },
    leftOut,
    careful:
      leftOut.length > 0 ||
      counted.mismatch ||
      names.length > bare.length ||
      (!formal && counted.count === undefined && bare.some((name) => isPartedBySpace(name, isKnown))),
    ...(counted.uncounted === undefined ? {} : { uncounted: counted.uncounted }),
  };
}

function refineCreate(reading: Create, formal: boolean): Refined {
  const counted = withoutCounts(reading.tags, () => false);
  const names = counted.names.map((name) => withoutFiller(name, () => false, formal)).filter((name) => name !== '');
  return {
    reading: { ...reading, tags: names },
    leftOut: [],
    careful: counted.mismatch,
    ...(counted.uncounted === undefined ? {} : { uncounted: counted.uncounted }),
  };
}

function refineDelete(reading: Delete, view: View): Refined | undefined {
  let { group } = reading;
  let tags: readonly string[] = reading.tags;
  if (group !== undefined && !isGroup(group, view)) group = wholePlace(group, view)?.group ?? group;
  const isKnown = (name: string) => tagsCalled(name, view).length > 0;
  if (!tags.every(isKnownOrQuoted(isKnown)) || tags.length > 1) {
    const placed = outOfList(tags, view, (within, names) => names.some((name) => holds(within, name, view)));
    if (placed !== undefined && group === undefined) ({ group, tags } = placed);
  }
  const counted = withoutCounts(tags, isKnown);
  const sought = counted.names.flatMap((name) => soughtNames(name, isKnown));
  const names = gluedNames(sought, isKnown).filter(
    (name) => name !== '' && !(counted.names.length > 1 && PARTICLES.test(name) && !isKnown(name)),
  );
  return {
    reading: { command: 'tag.delete', tags: names, ...(group === undefined ? {} : { group }) },
    leftOut: [],
    careful: false,
    ...(counted.uncounted === undefined ? {} : { uncounted: counted.uncounted }),
  };
}

function refineRename(reading: Rename, view: View, formal: boolean): Refined {
  let { tag, to, group } = reading;
  let careful = false;
  const leftOut: string[] = [];
  const isKnown = (name: string) => tagsCalled(name, view).length > 0;
  if (group !== undefined && !isGroup(group, view)) group = wholePlace(group, view)?.group ?? group;
  const ahead = group === undefined && !isKnown(nameOf(tag).name) ? leadingPlace(tag, view) : undefined;
  if (ahead !== undefined && (ahead.sure || holds(ahead.group, ahead.rest, view))) {
    group = ahead.group;
    tag = ahead.rest;
  }
  [tag = tag] = soughtNames(tag, isKnown);
  if (to !== undefined && group === undefined) {
    const behind = trailingPlace(to, view);
    if (behind !== undefined && holds(behind.group, tag, view)) {
      group = behind.group;
      to = behind.rest;
    }
  }
  if (to !== undefined) {
    to = withoutFiller(to, () => false, formal);
    const isNoName = formal || nameOf(to).literal || to.length > LONGEST_SAID;
    const parted = isNoName ? null : PARTED_BY_SPACE.exec(to);
    if (parted?.[1] !== undefined && parted[2] !== undefined) {
      careful = true;
      if (isClause(parted[2]) || [...parted[2]].length > LONGEST_SECOND) {
        to = withoutFiller(parted[1], () => false, false);
        leftOut.push(parted[2]);
      }
    }
  }
  return {
    reading: {
      command: 'tag.rename',
      tag,
      ...(to === undefined ? {} : { to }),
      ...(group === undefined ? {} : { group }),
    },
    leftOut,
    careful,
  };
}

function refineOne(reading: One, view: View): Refined {
  let { tag, group } = reading;
  const isKnown = (name: string) => tagsCalled(name, view).length > 0;
  if (group !== undefined && !isGroup(group, view)) group = wholePlace(group, view)?.group ?? group;
  if (group === undefined && !isKnown(nameOf(tag).name)) {
    const place = trailingPlace(tag, view) ?? leadingPlace(tag, view);
    if (place !== undefined) ({ group, rest: tag } = place);
  }
  const value =
    reading.command === 'tag.order' && reading.order === undefined ? /^(.+?)\s+([-+]?\d{1,15})$/.exec(tag) : null;
  if (value?.[1] !== undefined) tag = value[1];
  [tag = tag] = soughtNames(tag, isKnown);
  const place = group === undefined ? {} : { group };
  if (reading.command === 'tag.top')
    return { reading: { command: 'tag.top', tag, ...place }, leftOut: [], careful: false };
  const order = value === null ? reading.order : Number(value[2]);
  return {
    reading: { command: 'tag.order', tag, ...(order === undefined ? {} : { order }), ...place },
    leftOut: [],
    careful: false,
  };
}

/** 商务公寓 销售都这么叫: between Chinese words a space parts clauses rather than the halves of a name. */
const PARTED_BY_SPACE = /^(\S*[\u4e00-\u9fff]\S*)\s+(\S*[\u4e00-\u9fff].*)$/u;

function isKnownOrQuoted(isKnown: (name: string) => boolean): (typed: string) => boolean {
  return (typed) => nameOf(typed).literal || isKnown(nameOf(typed).name);
}
