/**
 * What a slot holds besides its name. The forms of the grammar cut a sentence at its key words; what people put around a
 * name (那个, 两个标签, 吧), and the group they name in front of it or behind (渠道来源/知乎, 知乎 渠道来源, 强烈意向 在
 * 课程意向), lies within the slots still. Here it is told apart by the library: every reading is offered with its places
 * and fillers taken out, before it is offered as it stands.
 */

import { countAhead, countBehind } from '../command/counts.ts';
import { isClause, isReference } from '../command/doubt.ts';
import { numeral } from '../command/numerals.ts';
import type { Reading } from '../command/reading.ts';
import { isQuoted, nameOf, plainOf, textOf } from '../command/tokens.ts';
import type { Library } from '../tags/library.ts';
import type { LibraryId } from '../tags/tag.ts';
import { groupsCalled, mayRead, tagsCalled, type View } from './names.ts';

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
  const names = counted.names
    .flatMap((name) => soughtNames(name, isKnown))
    .filter((name) => name !== '' && !(counted.names.length > 1 && PARTICLES.test(name) && !isKnown(name)));
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
    const parted = formal || nameOf(to).literal ? null : PARTED_BY_SPACE.exec(to);
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
const LONGEST_SECOND = 4;

// -- places --------------------------------------------------------------------------------------------------------

interface Placed {
  readonly group: string;
  readonly rest: string;
  /** Words or signs say that it is a place. */
  readonly sure: boolean;
}

const GROUP_NOUN = '(?:\\s*(?:这个|那个|这一|那一|这|那)?\\s*(?:标签组|分组|组|group))?';
const WITHIN = '(?:\\s*(?:里面|里头|里边|里|中间|中|内|下面|下边|下|那里|那边|这里|度|入面))?';
const BEHIND_GROUP = new RegExp(
  `^[”"」』】]?${GROUP_NOUN}${WITHIN}(?:去)?\\s*(?:的那个|那个|那一个|的标签|的|嘅|咯)?(?:再|也|都|就|帮我|给我|帮忙|给)*\\s*[)）]?$`,
  'u',
);
const AHEAD_OF_GROUP =
  /(?:[\s,(@/>:→“"「『【]|在|从|到|给|进|放到|放在|放|加到|属于|于|\bto|\bin|\binto|\bfrom|\bunder|\bonto)+$/u;
const BETWEEN = new RegExp(
  `^${GROUP_NOUN}${WITHIN}\\s*(?:(?:的那个|那个|那一个|的|嘅)?\\s*(?:标签)?\\s*(?:[/>:→]+|-(?=\\s))?)\\s*`,
  'u',
);

/** 渠道来源 里, 转介绍这个标签组下, 房屋类型 下午开会要看: a group with what may stand around it. */
function wholePlace(typed: string, view: View): { readonly group: string; readonly rest: string } | undefined {
  const text = textOf(typed);
  for (const { key, name } of groupKeys(view)) {
    const at = text.plain.indexOf(key);
    if (at < 0 || !AHEAD_OF_PLACE.test(text.plain.slice(0, at))) continue;
    const after = text.plain.slice(at + key.length);
    if (BEHIND_GROUP.test(after)) return { group: name, rest: '' };
    const rest = /^(?:里面|里|中|下面|下)?[\s,(]+(.+?)\)?$/u.exec(after)?.[1];
    if (rest !== undefined && isClause(rest)) return { group: name, rest };
  }
  return undefined;
}

/** 现需在提货方式: a word or two before the preposition say nothing. */
const AHEAD_OF_PLACE = /^(?:.{0,5}(?:在|往|给|将|把|从))?(?:在|到|从|往|这个|那个|标签组|组|\s)*$/u;

/** … 在 渠道来源, … 渠道来源, …（渠道来源）, … > 渠道来源. */
function trailingPlace(typed: string, view: View): Placed | undefined {
  if (nameOf(typed).literal) return undefined;
  const text = { raw: typed, plain: plainOf(typed) };
  for (const { key, name } of groupKeys(view)) {
    const at = text.plain.lastIndexOf(key);
    if (at <= 0 || !BEHIND_GROUP.test(text.plain.slice(at + key.length))) continue;
    const ahead = text.plain.slice(0, at);
    const joint = AHEAD_OF_GROUP.exec(ahead)?.[0].replace(/^[”"」』】]/u, '') ?? '';
    const rest = text.raw.slice(0, at - joint.length).trim();
    if (joint !== '' && rest !== '') return { group: name, rest, sure: true };
  }
  return undefined;
}

/** 渠道来源/知乎, 渠道来源那个其他, 渠道来源 知乎. */
function leadingPlace(typed: string, view: View): Placed | undefined {
  const text = textOf(typed);
  for (const { key, name } of groupKeys(view)) {
    const at = text.plain.indexOf(key);
    if (at < 0 || !/^(?:在|从|把|将|给|往|那个|\s)*$/u.test(text.plain.slice(0, at))) continue;
    const after = text.plain.slice(at + key.length);
    const joint = BETWEEN.exec(after)?.[0] ?? '';
    const rest = text.raw.slice(at + key.length + joint.length).trim();
    if (rest === '') continue;
    if (joint !== '' || holds(name, rest, view)) return { group: name, rest, sure: joint !== '' };
  }
  return undefined;
}

/** A list whose first name has its group in front, or whose last one has it behind. */
function outOfList(
  tags: readonly string[],
  view: View,
  accepts: (group: string, names: readonly string[]) => boolean,
): { readonly group: string; readonly tags: readonly string[] } | undefined {
  const first = tags[0];
  const last = tags.at(-1);
  if (first === undefined || last === undefined) return undefined;
  if (tags.length > 1 && isGroup(last, view) && !isTag(last, view)) {
    const rest = tags.slice(0, -1).filter((tag) => !PARTICLES.test(tag));
    if (rest.length > 0 && accepts(nameOf(last).name, rest)) return { group: last, tags: rest };
  }
  const behind = trailingPlace(last, view);
  if (behind !== undefined) {
    const rest = [...tags.slice(0, -1), behind.rest].filter((tag) => !PARTICLES.test(tag));
    if (rest.length > 0 && accepts(behind.group, partsOf(rest))) return { group: behind.group, tags: rest };
  }
  const ahead = leadingPlace(first, view);
  if (ahead === undefined || (!ahead.sure && tags.length === 1 && isTag(first, view))) return undefined;
  const rest = [ahead.rest, ...tags.slice(1)];
  return accepts(ahead.group, partsOf(rest)) ? { group: ahead.group, tags: rest } : undefined;
}

function partsOf(names: readonly string[]): string[] {
  return names.flatMap((name) => name.split(/\s+|、|和|与|及|跟|还有|以及/u)).filter((name) => name !== '');
}

function isGroup(typed: string, view: View): boolean {
  return groupsCalled(nameOf(typed).name, view).length > 0;
}

function isTag(typed: string, view: View): boolean {
  return tagsCalled(nameOf(typed).name, view).length > 0;
}

function holds(group: string, typed: string, view: View): boolean {
  const ids = new Set(groupsCalled(group, view).map(({ id }) => id));
  const within = (name: string) => tagsCalled(name, view, ids).length > 0;
  return within(nameOf(typed).name) || soughtNames(typed, within).some(within);
}

/** A group that is called so cannot be told from the noun. */
const NOUNS = /^(?:客户)?(?:标签组?|分组|组|规则组?|tags?|groups?)$/iu;

interface GroupKey {
  readonly key: string;
  readonly name: string;
}

const keysOf = new WeakMap<Library, Map<LibraryId | undefined, readonly GroupKey[]>>();

/** Groups the member may read, the longest names first, those of the current library before others. */
function groupKeys(view: View): readonly GroupKey[] {
  const of = keysOf.get(view.library) ?? new Map<LibraryId | undefined, readonly GroupKey[]>();
  keysOf.set(view.library, of);
  let keys = of.get(view.libraryId);
  if (keys === undefined) {
    keys = view.library.groups
      .filter((group) => !NOUNS.test(group.name))
      .map((group) => ({ key: plainOf(group.name), name: group.name, here: group.libraryId === view.libraryId }))
      .sort((a, b) => b.key.length - a.key.length || Number(b.here) - Number(a.here));
    of.set(view.libraryId, keys);
  }
  return view.readable === 'all'
    ? keys
    : keys.filter(({ name }) => view.library.groupsNamed(name).some((group) => mayRead(view, group.libraryId)));
}

// -- counts and fillers --------------------------------------------------------------------------------------------

const PARTICLES =
  /^(?:从|在|到|的|里|里的|里面|里面的|和|与|及|以及|还有|等|等等|都|把|给|吧|了|也|中|下|from|in|to|and)$/iu;

/** A、B、C三档: as many as there are. */
const GRADED = /^(.+?)(?:这)?([两二三四五六七八九十]|\d{1,2})(?:档|级|类|款|项|家|样|门)$/u;

interface Counted {
  readonly names: readonly string[];
  readonly count?: number;
  /** Another number was said than there are names. */
  readonly mismatch: boolean;
  readonly uncounted?: { readonly count: number; readonly text: string };
}

/** 3个：知乎、B站 · 知乎、B站两个 · 快手微博两个标签: the number is no name, and tells how many there must be. */
function withoutCounts(typed: readonly string[], isKnown: (name: string) => boolean): Counted {
  let names = [...typed];
  let count: number | undefined;
  const [first = ''] = names;
  const ahead = isKnown(nameOf(first).name) ? undefined : countAhead(first);
  if (ahead !== undefined && ahead.rest !== '') {
    count = ahead.value;
    names = [ahead.rest, ...names.slice(1)];
  }
  const last = names.at(-1) ?? '';
  const behind = isKnown(nameOf(last).name) ? undefined : countBehind(last);
  if (behind !== undefined && behind.rest !== '') {
    count = behind.value ?? count;
    names = [...names.slice(0, -1), behind.rest];
  }
  names = names.map((name) => name.replace(/(?<=\S)\s*(?:等等|等)$/u, (etc) => (isKnown(name) ? etc : '')));
  names = names.filter((name) => name.trim() !== '');
  const graded = GRADED.exec(names.at(-1) ?? '');
  if (count === undefined && names.length > 1 && graded?.[1] !== undefined && numeral(graded[2] ?? '') === names.length)
    return { names: [...names.slice(0, -1), graded[1]], mismatch: false, count: names.length };
  if (count === undefined) return { names, mismatch: false };
  const parts = names.flatMap((name) =>
    isKnown(nameOf(name).name) || nameOf(name).literal ? [name] : partsOf([name]),
  );
  if (count === parts.length || count === names.length) return { names, mismatch: false, count };
  const [only] = names;
  if (names.length === 1 && only !== undefined && parts.length === 1 && count > 1) {
    const cut = cutInto(only, count, isKnown);
    if (cut === undefined) return { names, mismatch: true, uncounted: { count, text: only } };
    return { names: cut, mismatch: !cut.every(isKnown) };
  }
  return { names, mismatch: names.length > 0 };
}

/** 金卡银卡铜卡 into three known names. */
function cutInto(text: string, count: number, isKnown: (name: string) => boolean): string[] | undefined {
  if (count === 0) return text === '' ? [] : undefined;
  for (let to = text.length; to > 0; to--) {
    const head = text.slice(0, to);
    if (!isKnown(head)) continue;
    const rest = cutInto(text.slice(to), count - 1, isKnown);
    if (rest !== undefined) return [head, ...rest];
  }
  return undefined;
}

const FILLER_AHEAD =
  /^(?:(?:(?:那个|这个)(?![月周年季星])|就是|呃|嗯|帮我|给我|叫做|叫(?![号车餐好停])|名为|名叫|一?个(?![人体性])|一条|一项)\s*)+(?=\S{2})/u;
const FILLER_BEHIND =
  /(?<=\S)\s*(?:(?<=\S{3})(?<![目士])的(?=$)|(?:这个|那个|这一|那一|这种|这|那|的)标签|(?<=\S{2})(?:这个|那个)|(?<=[^网酒贴书水氧话迪清茶咖陶])吧|(?<=\S[^哈啊呀呗哦呢嘛啦哟咯])[啊呀哈呗哦呢嘛啦哟咯]|一下|就行|就好|即可)+$/u;
const PARTING_SIGH = /[啊呀](?=[\u4e00-\u9fff])|(?:[、,，]|\s+|和|与|及|跟|同|还有|以及|或者)/u;

const QUOTED_WITHIN =
  /^\s*(?:那个|这个|叫做?|名为|名叫)?\s*([“"「『【][^”"」』】]+[”"」』】])\s*(?:这个|这一|那个|的)?(?:标签|选项)?$/u;

/** A name that is about to be made, without what is said around it; in a formal sentence all of it is the name. */
function withoutFiller(typed: string, isKnown: (name: string) => boolean, formal: boolean): string {
  const { name, literal } = nameOf(typed);
  if (literal || isKnown(name) || isReference(name)) return typed;
  const quoted = QUOTED_WITHIN.exec(typed)?.[1];
  if (quoted !== undefined && isQuoted(textOf(quoted))) return quoted;
  return formal ? typed : name.replace(FILLER_BEHIND, '').replace(FILLER_AHEAD, '').trim() || name;
}

/** 双旦 到时候要统计: what stands behind a space and is a clause is left out. */
function withoutRemark(typed: string, isKnown: (name: string) => boolean, leftOut: string[]): string {
  const { name, literal } = nameOf(typed);
  if (literal || !/\s/u.test(name) || isKnown(name)) return typed;
  const parts = name.split(/\s+/u);
  while (parts.length > 1 && isClause(parts.at(-1) ?? '')) leftOut.unshift(parts.pop() ?? '');
  return parts.join(' ');
}

/** 元旦专场 时间是1月1号: two names, or a name and a remark. */
function isPartedBySpace(typed: string, isKnown: (name: string) => boolean): boolean {
  const { name, literal } = nameOf(typed);
  return (
    !literal &&
    !isKnown(name) &&
    name.split(/\s+/u).some((part, index) => index > 0 && [...part].length > LONGEST_SECOND)
  );
}

/** 书法加围棋 in 课程意向加书法加围棋. */
function addedTogether(typed: string, isKnown: (name: string) => boolean): string[] {
  const { name, literal } = nameOf(typed);
  if (literal || isKnown(name)) return [typed];
  const parts = name.split(ADDED);
  return parts.length > 1 && parts.every((part) => part.length > 1) ? parts : [typed];
}

const ADDED = /(?<=\S{2})(?<![参追叠添增附再累更])加(?:上|个)?(?![盟急入班群油工微好])(?=\S{2})/u;

/** The names meant by a text that names what is to be there: without fillers, cut where people sigh between them. */
export function soughtNames(typed: string, isKnown: (name: string) => boolean): string[] {
  const { name, literal } = nameOf(typed);
  if (literal || isKnown(name)) return [typed];
  const bare = withoutFiller(typed, isKnown, false);
  if (isKnown(nameOf(bare).name)) return [bare];
  for (const trimmedName of [
    bare.replace(/^(?:那个|这个|那|这)/u, ''),
    bare.replace(/(?:的|那个|这个)?(?:标签)?(?:不要了|不用了|没用了|用不上了|了|都|也|给我|帮我|给)+$/u, ''),
  ]) {
    if (trimmedName !== bare && isKnown(trimmedName)) return [trimmedName];
  }
  const parts = bare.split(PARTING_SIGH).map((part) => part.replace(/[啊呀]$/u, ''));
  if (parts.length > 1 && parts.every((part) => part !== '' && isKnown(part))) return parts;
  return [typed];
}

function isKnownOrQuoted(isKnown: (name: string) => boolean): (typed: string) => boolean {
  return (typed) => nameOf(typed).literal || isKnown(nameOf(typed).name);
}
