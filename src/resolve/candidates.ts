/** One reading against the library, command by command. */

import { isGroupName } from '../command/doubt.ts';
import type { Reading, ReadingOf } from '../command/reading.ts';
import { nameOf } from '../command/tokens.ts';
import { line, name as nameSpan } from '../reply/reply.ts';
import { isOrder, type LibraryId, MAX_ORDER } from '../tags/tag.ts';
import { fold } from '../text.ts';
import {
  absentGroup,
  groupOption,
  groupsInReach,
  manyGroups,
  manyTags,
  oneGroup,
  oneLibrary,
  oneRule,
  oneTag,
} from './finders.ts';
import { badName, choice, type Fit, fits, invalid, missing, NO_RULE_GROUP, RANK } from './fit.ts';
import {
  fullName,
  groupRef,
  groupsCalled,
  librariesCalled,
  partedNames,
  readableLibraries,
  readableRules,
  ruleRef,
  rulesCalled,
  tagsCalled,
  type View,
} from './names.ts';
import type { GroupRef, Order, RuleRef, TargetGroup } from './order.ts';

/** How `reading` fits; commands about tags need a library to be there at all. */
export function fitOf(reading: Reading, view: View): Fit {
  switch (reading.command) {
    case 'rule.list':
    case 'more':
    case 'confirm':
    case 'cancel':
    case 'help':
    case 'doctor':
    case 'me':
    case 'settings':
    case 'menu.publish':
      return fits(reading);
    case 'history':
      return fits(historyOf(reading, view));
    case 'undo':
    case 'stats':
    case 'export':
      return fits({ ...reading, ...namedIn(view) });
    case 'rule.create':
      return createRule(reading, view);
    default:
      return readableLibraries(view).length === 0 ? NO_RULE_GROUP : fitTagCommand(reading, view);
  }
}

type TagCommand = Exclude<Reading, Extract<Order, Reading> | { command: 'rule.create' }>;

function fitTagCommand(reading: TagCommand, view: View): Fit {
  switch (reading.command) {
    case 'tag.add':
      return addTags(reading, view);
    case 'tag.delete':
      return deleteTags(reading, view);
    case 'tag.move':
      if (reading.tags.length === 0) return missing('tags', reading, line`要移动哪个标签？`);
      if (isLibrary(reading.group, view)) return toOtherLibrary();
      return manyTags(reading.tags, undefined, view, (targets) => ({
        command: 'tag.move',
        targets,
        group: groupNamed(reading.group, view),
      }));
    case 'tag.rename':
      return rename(reading, 'tag', reading.tag, reading.to, (to) =>
        oneTag(reading.tag, reading.group, view, (target) => ({ command: 'tag.rename', target, to })),
      );
    case 'tag.order':
      if (reading.last) {
        return oneTag(reading.tag, reading.group, view, (target) => ({
          command: 'tag.order',
          target,
          order: behindAll(view.library.group(target.group.id)?.tags, target.id),
        }));
      }
      return place(reading, 'tag', reading.tag, reading.order, (order) =>
        oneTag(reading.tag, reading.group, view, (target) => ({ command: 'tag.order', target, order })),
      );
    case 'tag.top':
      if (reading.tag === '') return missing('tag', reading, line`要置顶哪个标签？`);
      return oneTag(reading.tag, reading.group, view, (target) => ({ command: 'tag.top', target }));
    case 'tag.list':
      return listTags(reading, view);
    case 'tag.find':
      return find(reading, view);
    case 'group.create':
      return createGroup(reading, view);
    case 'group.delete':
      if (reading.groups.length === 0) return missing('group', reading, line`要删除哪个标签组？`, groupNames(view));
      return manyGroups(reading.groups, view, (targets, absent) => ({ command: 'group.delete', targets, absent }));
    case 'group.rename':
      return rename(reading, 'group', reading.group, reading.to, (to) =>
        oneGroup(reading.group, view, (target) => ({ command: 'group.rename', target, to })),
      );
    case 'group.order':
      if (reading.last) {
        return oneGroup(reading.group, view, (target) => ({
          command: 'group.order',
          target,
          order: behindAll(view.library.groupsOf(target.libraryId), target.id),
        }));
      }
      return place(reading, 'group', reading.group, reading.order, (order) =>
        oneGroup(reading.group, view, (target) => ({ command: 'group.order', target, order })),
      );
    case 'group.top':
      if (reading.group === '') return missing('group', reading, line`要置顶哪个标签组？`, groupNames(view));
      return oneGroup(reading.group, view, (target) => ({ command: 'group.top', target }));
    case 'group.list':
      return inLibrary(reading, view, (libraryId) => ({ command: 'group.list', libraryId }));
    case 'rule.switch':
      return switchRule(reading, view);
    case 'rule.show':
      return oneRule(reading.rule === undefined ? undefined : fullName(reading.rule, view), view, (target) => ({
        command: 'rule.show',
        target,
      }));
    case 'rule.rename':
      return rename(reading, 'rule', reading.rule, reading.to, (to) =>
        oneRule(reading.rule, view, (target) => ({ command: 'rule.rename', target, to })),
      );
    case 'rule.delete':
      if (reading.rule === '') return missing('rule', reading, line`要删除哪个规则组？`, ruleNames(view));
      return oneRule(reading.rule, view, (target) => ({ command: 'rule.delete', target }));
    case 'rule.admins':
    case 'rule.range':
      return oneRule(reading.rule, view, (target) => ({
        command: reading.command,
        target,
        add: bare(reading.add),
        remove: bare(reading.remove),
      }));
    case 'import':
      return importGroups(reading, view);
  }
}

function isLibrary(typed: string | undefined, view: View): boolean {
  if (typed === undefined || groupsCalled(nameOf(typed).name, view).length > 0) return false;
  return librariesCalled(fullName(nameOf(typed).name, view), view).length > 0;
}

function toOtherLibrary(): Fit {
  const told = invalid(
    line`企业微信不支持把标签移到另一个标签库`,
    [line`可以在那边建同名标签：那是一个新标签，客户身上原来的不会跟过去，要重新打。`],
    line`什么都没有改。例如：企业标签 添加 名字 到 组名`,
  );
  return { ...told, rank: RANK.fits };
}

function addTags(reading: ReadingOf<'tag.add'>, view: View): Fit {
  if (reading.group === undefined || reading.group === '') {
    const names = partedNames(reading.tags, (name) => tagsCalled(name, view).length > 0);
    if (names.length === 0) return missing('tags', reading, line`要添加什么标签？`);
    return (
      badName(names, '标签') ?? missing('group', reading, line`${quoted(names)}要加到哪个标签组？`, groupNames(view))
    );
  }
  const { name } = nameOf(reading.group);
  const made = view.made?.get(fold(name));
  const groups = groupsCalled(name, view);
  const known = (tag: string): boolean => tagsCalled(tag, view).length > 0;
  const tags = partedNames(reading.tags, known);
  const into = (target: TargetGroup): Order => ({ command: 'tag.add', tags, target });
  const [only] = groups;
  if (only === undefined && made === undefined) {
    const fresh: TargetGroup | undefined =
      view.libraryId === undefined || tags.length === 0 || !mayBeMade(reading.group, view)
        ? undefined
        : { kind: 'new', name, libraryId: view.libraryId };
    const create = fresh === undefined ? [] : [{ label: `新建「${name}」`, detail: '新的标签组', order: into(fresh) }];
    return absentGroup(
      name,
      view,
      (group) => (tags.length === 0 ? undefined : into({ kind: 'existing', group: groupRef(group) })),
      create,
    );
  }
  if (tags.length === 0) return missing('tags', reading, line`要往 ${nameSpan(only?.name ?? name)} 里添加什么标签？`);
  const bad = badName(tags, '标签');
  if (bad !== undefined) return bad;
  if (only === undefined && made !== undefined) return fits(into({ kind: 'new', ...made }));
  if (groups.length === 1 && only !== undefined) return fits(into({ kind: 'existing', group: groupRef(only) }));
  return choice(line`叫 ${nameSpan(name)} 的标签组不止一个，加到哪一个？`, () =>
    groups.map((group) => groupOption(group, view, into({ kind: 'existing', group: groupRef(group) }))),
  );
}

/** A new group is offered only under a name that can be one, and is nothing else already. */
function mayBeMade(typed: string, view: View): boolean {
  const { name, literal } = nameOf(typed);
  if (badName([name], '标签组') !== undefined) return false;
  return literal || (isGroupName(name) && tagsCalled(name, view).length === 0);
}

/** A group's name where a tag's was expected: then it is asked which of its tags. */
function deleteTags(reading: ReadingOf<'tag.delete'>, view: View): Fit {
  const [only = '', ...others] = reading.tags;
  const { name } = nameOf(only);
  const isGroup =
    reading.group === undefined &&
    others.length === 0 &&
    tagsCalled(name, view).length === 0 &&
    groupsCalled(name, view).length === 1;
  if (only !== '' && !isGroup) {
    return manyTags(reading.tags, reading.group, view, (targets, absent) => ({
      command: 'tag.delete',
      targets,
      absent,
    }));
  }
  const group = isGroup ? only : reading.group;
  if (group === undefined) return missing('tags', { ...reading, tags: [] }, line`要删除哪些标签？`);
  return missing('tags', { ...reading, tags: [], group }, line`要删除${nameSpan(nameOf(group).name)}里的哪些标签？`);
}

function createGroup(reading: ReadingOf<'group.create'>, view: View): Fit {
  const { name } = nameOf(reading.group);
  if (name === '') return missing('group', reading, line`新的标签组叫什么名字？`);
  const bad = badName([name], '标签组');
  if (bad !== undefined) return bad;
  const tags = partedNames(reading.tags, (tag) => tagsCalled(tag, view).length > 0);
  if (tags.length === 0) {
    return missing('tags', reading, line`标签组不能是空的，${nameSpan(name)} 里先放哪些标签？`, ['青铜、白银、黄金']);
  }
  return (
    badName(tags, '标签') ??
    inLibrary(reading, view, (libraryId) => ({ command: 'group.create', name, libraryId, tags }))
  );
}

function rename(
  reading: Reading,
  slot: 'tag' | 'group' | 'rule',
  from: string,
  to: string | undefined,
  carry: (to: string) => Fit,
): Fit {
  const what = WHAT[slot];
  if (from === '') return missing(slot, reading, line`要给哪个${what}改名？`);
  if (to === undefined || to === '')
    return missing('to', reading, line`${nameSpan(nameOf(from).name)} 要改成什么名字？`);
  const { name } = nameOf(to);
  const found = carry(name);
  if (found.rank !== RANK.fits || slot === 'rule') return found;
  return badName([name], what) ?? found;
}

function place(
  reading: Reading,
  slot: 'tag' | 'group',
  named: string,
  order: number | undefined,
  carry: (order: number) => Fit,
): Fit {
  if (named === '') return missing(slot, reading, line`要给哪个${WHAT[slot]}排序？`);
  if (order === undefined) {
    const found = carry(0);
    return found.rank === RANK.absent
      ? found
      : missing('order', reading, line`${nameSpan(nameOf(named).name)} 的排序值设成多少？越大越靠前。`, ['100']);
  }
  if (!isOrder(order))
    return invalid(
      line`排序值要是 0 到 ${MAX_ORDER} 的整数，越大越靠前。`,
      [],
      line`请换一个数再发一次，现在什么都没有改。`,
    );
  return carry(order);
}

/** A value below every sibling's; where one is 0 already, no value is, and 0 is as near as it comes. */
function behindAll(siblings: readonly { readonly id: string; readonly order: number }[] = [], id: string): number {
  const others = siblings.filter((sibling) => sibling.id !== id).map(({ order }) => order);
  return Math.max(0, Math.min(MAX_ORDER, ...others) - 1);
}

const WHAT = { tag: '标签', group: '标签组', rule: '规则组' } as const;

function listTags(reading: ReadingOf<'tag.list'>, view: View): Fit {
  if (reading.group !== undefined) {
    const found = oneGroup(reading.group, view, (group) => ({
      command: 'tag.list',
      libraryId: group.libraryId,
      group,
    }));
    if (found.rank !== RANK.absent) return found;
    // 老客户有哪些 may ask for tags; nobody is told to make a group because of that.
    const query = nameOf(reading.group).name;
    return {
      rank: found.rank,
      understanding: () => {
        const nearest = found.understanding();
        const nothing = nearest.kind === 'absent' && nearest.nearest.length === 0;
        return nothing ? lookup({ command: 'tag.find', query, group: undefined }).understanding() : nearest;
      },
    };
  }
  return inLibrary(reading, view, (libraryId) => ({ command: 'tag.list', libraryId, group: undefined }));
}

/** The name of a group or of 企业标签 answers with its tags, a rule group's with its details; anything else is searched. */
function find(reading: ReadingOf<'tag.find'>, view: View): Fit {
  const { name } = nameOf(reading.query);
  if (name === '') return missing('tag', reading, line`要查哪个标签？`);
  const group = groupNamed(reading.group, view);
  const [tag] = tagsCalled(name, view);
  // Dictated, it is written otherwise: 三到六岁 for 3-6岁.
  if (tag !== undefined && view.library.tagsNamed(name).length === 0)
    return lookup({ command: 'tag.find', query: tag.tag.name, group });
  if (tag === undefined) {
    const groups = groupsCalled(name, view);
    const [only] = groups;
    if (groups.length === 1 && only !== undefined) {
      return lookup({ command: 'tag.list', libraryId: only.libraryId, group: groupRef(only) });
    }
    const libraries = groups.length === 0 ? librariesCalled(name, view) : [];
    if (libraries[0]?.id === 'corp') return lookup({ command: 'tag.list', libraryId: 'corp', group: undefined });
    const [rule, ...more] = groups.length === 0 ? rulesCalled(name, view) : [];
    if (rule !== undefined && more.length === 0) return lookup({ command: 'rule.show', target: ruleRef(rule) });
  }
  return lookup({ command: 'tag.find', query: name, group, ...namedIn(view) });
}

function namedIn({ named }: View): { readonly libraryId?: LibraryId } {
  return named === undefined ? {} : { libraryId: named };
}

/** A lookup always works, so it never wins against a command whose names exist. */
function lookup(order: Order): Fit {
  return { rank: RANK.absent, understanding: () => ({ kind: 'one', order }) };
}

function switchRule(reading: ReadingOf<'rule.switch'>, view: View): Fit {
  if (reading.rule !== undefined)
    return oneLibrary(fullName(reading.rule, view), view, (target) => ({ command: 'rule.switch', target }));
  const libraries = readableLibraries(view);
  const [only] = libraries;
  if (libraries.length === 1 && only !== undefined) return fits({ command: 'rule.switch', target: only });
  return choice(line`切换到哪里？`, () =>
    libraries.map((target) => ({ label: target.name, order: { command: 'rule.switch', target } })),
  );
}

function createRule(reading: ReadingOf<'rule.create'>, view: View): Fit {
  const { name } = nameOf(reading.rule);
  if (name === '') return missing('rule', reading, line`新的规则组叫什么名字？`);
  if (reading.admins.length === 0)
    return missing('people', reading, line`${nameSpan(name)} 的负责人是谁？可以写几个，用、隔开。`, ['张三、lisi']);
  if (reading.range.length === 0)
    return missing('range', reading, line`${nameSpan(name)} 管哪些部门或成员？成员前面加 @。`, ['销售部、@wangwu']);
  const make = (parent: RuleRef | undefined): Order => ({
    command: 'rule.create',
    name,
    parent,
    admins: bare(reading.admins),
    range: bare(reading.range),
  });
  return reading.parent === undefined ? fits(make(undefined)) : oneRule(reading.parent, view, make);
}

function importGroups(reading: ReadingOf<'import'>, view: View): Fit {
  if (reading.groups.length === 0) {
    return invalid(
      line`要导入什么？请把内容和「导入」写在同一条消息里。`,
      [line`导入`, line`会员等级：青铜、白银`, line`来源：展会、转介绍`],
      line`每行写「组：名、名」。要连同删除多余的标签，第一行写「导入 含删除」。`,
    );
  }
  return inLibraryOr(reading, whereRead(reading, view), (libraryId) => {
    const groups = reading.groups.map(({ group, tags }) => {
      const { name } = nameOf(group);
      const existing = groupsCalled(name, view).find((one) => one.libraryId === libraryId);
      const target: TargetGroup =
        existing === undefined ? { kind: 'new', name, libraryId } : { kind: 'existing', group: groupRef(existing) };
      return { target, tags: tags.map((tag) => nameOf(tag).name) };
    });
    const names = groups.flatMap(({ tags }) => tags);
    const newGroups = groups.flatMap(({ target }) => (target.kind === 'new' ? [target.name] : []));
    const order: Order = { command: 'import', libraryId, groups, withDeletes: reading.withDeletes };
    return badName(newGroups, '标签组') ?? badName(names, '标签') ?? fits(order);
  });
}

/** While nobody has chosen, the groups that are there already decide; where several libraries hold them, it is asked. */
function whereRead({ groups }: ReadingOf<'import'>, view: View): View {
  if (!view.unchosen) return view;
  const called = groups.flatMap(({ group }) => groupsCalled(nameOf(group).name, view));
  const [only, ...more] = new Set(called.map(({ libraryId }) => libraryId));
  return only === undefined ? view : { ...view, libraryId: more.length === 0 ? only : undefined };
}

/** In the current library, the only one there is, or asked. */
function inLibrary(reading: Reading, view: View, make: (libraryId: LibraryId) => Order): Fit {
  return inLibraryOr(reading, view, (libraryId) => fits(make(libraryId)));
}

function inLibraryOr(reading: Reading, view: View, carry: (libraryId: LibraryId) => Fit): Fit {
  const libraries = readableLibraries(view);
  const current = view.libraryId ?? (libraries.length === 1 ? libraries[0]?.id : undefined);
  if (current !== undefined) return carry(current);
  return { rank: RANK.fits, understanding: () => ({ kind: 'chooseLibrary', options: libraries, reading }) };
}

function groupNamed(typed: string | undefined, view: View): GroupRef | undefined {
  const [only] = typed === undefined ? [] : groupsCalled(nameOf(typed).name, view);
  return only === undefined ? undefined : groupRef(only);
}

function groupNames(view: View): string[] {
  return [...groupsInReach(view)].sort((a, b) => b.tags.length - a.tags.length).map((group) => group.name);
}

function ruleNames(view: View): string[] {
  return readableRules(view).map((rule) => rule.name);
}

function bare(typed: readonly string[]): string[] {
  return typed.map((name) => nameOf(name).name);
}

/** 「A」「B」 for a question about what is to be added. */
function quoted(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `「${name}」`);
  return `${shown.join('')}${names.length > 5 ? `等 ${names.length} 个` : ''}`;
}

/** 历史 企业标签 narrows as 企业标签 历史 does. */
function historyOf(reading: ReadingOf<'history'>, view: View): Order {
  if (reading.filter === undefined) return { ...reading, ...namedIn(view) };
  const filter = nameOf(reading.filter).name;
  const [library] =
    tagsCalled(filter, view).length + groupsCalled(filter, view).length > 0
      ? []
      : librariesCalled(fullName(filter, view), view);
  return library === undefined
    ? { ...reading, filter, ...namedIn(view) }
    : { command: 'history', libraryId: library.id };
}
