/** The group that is named within a slot: in front of a name, behind it, around a list, with or without a preposition. */

import { isClause } from '../command/doubt.ts';
import { nameOf, plainOf, textOf } from '../command/tokens.ts';
import { partsOf, soughtNames } from './around.ts';
import { groupsCalled, mayRead, tagsCalled, type View } from './names.ts';
import { Remembered, readersOf } from './remembered.ts';

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
  /(?:[\s,(@/>:→“"「『【]|在|从|到|给|进|放|加到|属于|于|\bto|\bin|\binto|\bfrom|\bunder|\bonto)+$/u;

const BETWEEN = new RegExp(
  `^${GROUP_NOUN}${WITHIN}\\s*(?:(?:的那个|那个|那一个|的|嘅)?\\s*(?:标签)?\\s*(?:[/>:→]+|-(?=\\s))?)\\s*`,
  'u',
);

/** 渠道来源 里, 转介绍这个标签组下, 房屋类型 下午开会要看: a group with what may stand around it. */
export function wholePlace(typed: string, view: View): { readonly group: string; readonly rest: string } | undefined {
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
export function trailingPlace(typed: string, view: View): Placed | undefined {
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
export function leadingPlace(typed: string, view: View): Placed | undefined {
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
export function outOfList(
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

export function isGroup(typed: string, view: View): boolean {
  return groupsCalled(nameOf(typed).name, view).length > 0;
}

function isTag(typed: string, view: View): boolean {
  return tagsCalled(nameOf(typed).name, view).length > 0;
}

export function holds(group: string, typed: string, view: View): boolean {
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

const keys = new Remembered<readonly GroupKey[]>();

/** Groups the member may read, the longest names first, those of the current library before others. */
function groupKeys(view: View): readonly GroupKey[] {
  return keys.of(view.library, `${view.libraryId} ${readersOf(view)}`, () =>
    view.library.groups
      .filter((group) => mayRead(view, group.libraryId) && !NOUNS.test(group.name))
      .map((group) => ({ key: plainOf(group.name), name: group.name, here: group.libraryId === view.libraryId }))
      .sort((a, b) => b.key.length - a.key.length || Number(b.here) - Number(a.here)),
  );
}

export const PARTICLES =
  /^(?:从|在|到|的|里|里的|里面|里面的|和|与|及|以及|还有|等|等等|都|把|给|吧|了|也|中|下|from|in|to|and)$/iu;
