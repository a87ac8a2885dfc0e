/**
 * The tags, groups and rule groups that a command is about: found by name, asked when several bear it, told with the
 * nearest names when none does. Each finder takes what to do with the finding and yields a fit.
 */

import { nameOf } from '../command/tokens.ts';
import { line, name as nameSpan } from '../reply/reply.ts';
import type { TagEntry } from '../tags/library.ts';
import type { TagGroup } from '../tags/tag.ts';
import { absent, choice, type Fit, fits, MOST_OPTIONS, NO_RULE_GROUP, type Option, RANK } from './fit.ts';
import {
  groupRef,
  groupsCalled,
  librariesCalled,
  mayRead,
  partedNames,
  readableRules,
  ruleRef,
  rulesCalled,
  tagRef,
  tagsCalled,
  type View,
} from './names.ts';
import type { GroupRef, LibraryRef, Order, RuleRef, TagRef } from './order.ts';

/** One tag, perhaps narrowed to a group. */
export function oneTag(typed: string, groupTyped: string | undefined, view: View, make: (tag: TagRef) => Order): Fit {
  const { name } = nameOf(typed);
  const within = groupTyped === undefined ? undefined : groupsCalled(nameOf(groupTyped).name, view);
  if (within?.length === 0)
    return absentGroup(nameOf(groupTyped ?? '').name, view, (group) => tagIn(group, name, make));
  const found = tagsCalled(name, view, idsOf(within));
  const [only] = found;
  if (only === undefined) return absentTag(name, view, make);
  if (found.length === 1) return fits(make(tagRef(only)));
  return choice(line`${nameSpan(name)} 不止一个，要动哪一个？`, () =>
    found.map((entry) => tagOption(entry, view, make)),
  );
}

/** Several tags; names that do not exist are told as long as one does. */
export function manyTags(
  typed: readonly string[],
  groupTyped: string | undefined,
  view: View,
  make: (tags: readonly TagRef[], absent: readonly string[]) => Order,
): Fit {
  const within = groupTyped === undefined ? undefined : groupsCalled(nameOf(groupTyped).name, view);
  const ids = idsOf(within);
  const names = partedNames(typed, (name) => tagsCalled(name, view, ids).length > 0);
  const [first] = names;
  if (within?.length === 0) {
    return absentGroup(nameOf(groupTyped ?? '').name, view, (group) =>
      names.length === 1 && first !== undefined ? tagIn(group, first, (tag) => make([tag], [])) : undefined,
    );
  }
  const found = names.map((name) => ({ name, entries: tagsCalled(name, view, ids) }));
  const gone = found.filter(({ entries }) => entries.length === 0).map(({ name }) => name);
  if (gone.length === names.length) return absentTag(first ?? '', view, (tag) => make([tag], names.slice(1)));
  const ambiguous = found.filter(({ entries }) => entries.length > 1);
  const certain = unique(found.filter(({ entries }) => entries.length === 1).flatMap(({ entries }) => entries));
  if (gone.length > 0)
    return someAbsent(
      gone,
      found.filter(({ entries }) => entries.length > 0).map(({ name }) => name),
    );
  const [open] = ambiguous;
  if (open === undefined) return fits(make(certain.map(tagRef), gone));
  const combined = ambiguous.length > 1 ? ambiguous.flatMap(({ entries }) => entries) : open.entries;
  const together = (entries: readonly TagEntry[]): Order => make(unique([...certain, ...entries]).map(tagRef), gone);
  return choice(line`${nameSpan(open.name)} 在 ${open.entries.length} 个组里都有，要动哪一个？`, () => [
    ...open.entries.slice(0, MOST_OPTIONS - 1).map((entry) => tagOption(entry, view, () => together([entry]))),
    { label: '都要', detail: `${combined.length} 个`, order: together(combined) },
  ]);
}

/** A list in which something names nothing is never carried out in part. */
function someAbsent(gone: readonly string[], there: readonly string[]): Fit {
  return {
    rank: RANK.partly,
    understanding: () => ({
      kind: 'invalid',
      title: line`没有找到${gone.map((name) => `「${name}」`).join('')}，什么都没有改`,
      lines: [line`其余的都在：${there.slice(0, 10).join('、')}`],
      hint: line`请把名字改对，或去掉它，再发一次。`,
    }),
  };
}

/** One group. */
export function oneGroup(typed: string, view: View, make: (group: GroupRef) => Order): Fit {
  const { name } = nameOf(typed);
  const found = groupsCalled(name, view);
  const [only] = found;
  if (only === undefined) return absentGroup(name, view, (group) => make(groupRef(group)));
  if (found.length === 1) return fits(make(groupRef(only)));
  return choice(line`叫 ${nameSpan(name)} 的标签组不止一个，要动哪一个？`, () =>
    found.map((group) => groupOption(group, view, make(groupRef(group)))),
  );
}

/** Several groups; names that do not exist are told as long as one does. */
export function manyGroups(
  typed: readonly string[],
  view: View,
  make: (groups: readonly GroupRef[], absent: readonly string[]) => Order,
): Fit {
  const names = partedNames(typed, (name) => groupsCalled(name, view).length > 0);
  const found = names.map((name) => ({ name, groups: groupsCalled(name, view) }));
  const [first] = names;
  if (names.length === 1 && first !== undefined) return oneGroup(first, view, (group) => make([group], []));
  const gone = found.filter(({ groups }) => groups.length === 0).map(({ name }) => name);
  if (gone.length === names.length)
    return absentGroup(first ?? '', view, (group) => make([groupRef(group)], names.slice(1)));
  const several = found.find(({ groups }) => groups.length > 1);
  const certain = found.flatMap(({ groups }) => (groups.length === 1 ? groups : [])).map(groupRef);
  if (several !== undefined) {
    return choice(line`叫 ${nameSpan(several.name)} 的标签组不止一个，要动哪一个？`, () =>
      several.groups.map((group) => groupOption(group, view, make([...certain, groupRef(group)], gone))),
    );
  }
  if (gone.length > 0)
    return someAbsent(
      gone,
      certain.map(({ name }) => name),
    );
  return fits(make(certain, []));
}

/** The rule group named, or without a name the current one. */
export function oneRule(typed: string | undefined, view: View, make: (rule: RuleRef) => Order): Fit {
  const rules = readableRules(view);
  if (rules.length === 0) return NO_RULE_GROUP;
  if (typed === undefined || typed === '') {
    const current = rules.find((rule) => rule.id === view.libraryId) ?? (rules.length === 1 ? rules[0] : undefined);
    if (current !== undefined) return fits(make(ruleRef(current)));
    return choice(line`要说的是哪个规则组？`, () =>
      rules.map((rule) => ({ label: rule.name, order: make(ruleRef(rule)) })),
    );
  }
  const { name } = nameOf(typed);
  return oneOf(name, rulesCalled(name, view).map(ruleRef), view, make);
}

/** 企业标签 or a rule group, by its name. */
export function oneLibrary(typed: string, view: View, make: (library: LibraryRef) => Order): Fit {
  const { name } = nameOf(typed);
  return oneOf(name, librariesCalled(name, view), view, make);
}

function oneOf<L extends LibraryRef>(
  name: string,
  found: readonly L[],
  view: View,
  make: (library: L | RuleRef) => Order,
): Fit {
  const [only] = found;
  if (only === undefined) {
    return absent('ruleGroup', name, () =>
      view.search
        .nearest(name, 'ruleGroup', { limit: 5, libraryIds: view.readable })
        .map(({ ruleGroup }) => ({ label: ruleGroup.name, order: make(ruleRef(ruleGroup)) })),
    );
  }
  if (found.length === 1) return fits(make(only));
  return choice(line`叫 ${nameSpan(name)} 的规则组不止一个，要哪一个？`, () =>
    found.map((library) => ({ label: library.name, detail: `编号 ${library.id}`, order: make(library) })),
  );
}

/** A longer text is no name, and has none near it. */
const MOST_COMPARED = 60;

/** A tag that is nowhere: the same name in other places first, then the nearest names. */
export function absentTag(name: string, view: View, make: (tag: TagRef) => Order): Fit {
  return absent('tag', name, () => {
    if (name.length > MOST_COMPARED) return [];
    const elsewhere = tagsCalled(name, view).map((entry) => tagOption(entry, view, make, true));
    const near = view.search
      .nearest(name, 'tag', { limit: 5, libraryFirst: view.libraryId, libraryIds: view.readable })
      .map((entry) => tagOption(entry, view, make, true));
    return uniqueOptions([...elsewhere, ...near]);
  });
}

/** A group that is nowhere: the nearest names, then what else can be done. */
export function absentGroup(
  name: string,
  view: View,
  make: (group: TagGroup) => Order | undefined,
  last: readonly Option[] = [],
): Fit {
  return absent('group', name, () => {
    if (name.length > MOST_COMPARED) return [];
    const near = view.search
      .nearest(name, 'group', { limit: 5, libraryFirst: view.libraryId, libraryIds: view.readable })
      .flatMap(({ group }): Option[] => {
        const order = make(group);
        return order === undefined ? [] : [groupOption(group, view, order)];
      });
    return [...near, ...last];
  });
}

export function groupOption(group: TagGroup, view: View, order: Order): Option {
  return { label: group.name, ...ruleDetail(group, view), order };
}

/** Named by its group when the tag's own name is what was typed, else by both. */
function tagOption(entry: TagEntry, view: View, make: (tag: TagRef) => Order, withName = false): Option {
  const rule = entry.group.libraryId === view.libraryId ? undefined : view.library.libraryName(entry.group.libraryId);
  const detail = [withName ? entry.group.name : undefined, rule].filter((part) => part !== undefined).join(' · ');
  return {
    label: withName ? entry.tag.name : entry.group.name,
    ...(detail === '' ? {} : { detail }),
    order: make(tagRef(entry)),
  };
}

function ruleDetail(group: TagGroup, view: View): { readonly detail?: string } {
  return group.libraryId === view.libraryId ? {} : { detail: view.library.libraryName(group.libraryId) };
}

function tagIn(group: TagGroup, name: string, make: (tag: TagRef) => Order): Order | undefined {
  const entry = group.tags.find((tag) => tag.name === name);
  return entry === undefined ? undefined : make(tagRef({ tag: entry, group }));
}

function idsOf(groups: readonly TagGroup[] | undefined): ReadonlySet<string> | undefined {
  return groups === undefined ? undefined : new Set(groups.map((group) => group.id));
}

function unique(entries: readonly TagEntry[]): TagEntry[] {
  return [...new Map(entries.map((entry) => [entry.tag.id, entry])).values()];
}

function uniqueOptions(options: readonly Option[]): Option[] {
  return [...new Map(options.map((option) => [JSON.stringify(option.order), option])).values()];
}

/** Groups of the current library, or of all readable ones while none is chosen, as shown. */
export function groupsInReach(view: View): readonly TagGroup[] {
  if (view.libraryId !== undefined) return view.library.groupsOf(view.libraryId);
  return view.library.groups.filter((group) => mayRead(view, group.libraryId));
}
