/** One reading against the library, command by command. */

import type { Intent, IntentOf } from '../command/intent.ts';
import { nameOf } from '../command/tokens.ts';
import { line, name as nameSpan } from '../reply/reply.ts';
import { isOrder, MAX_ORDER } from '../tags/tag.ts';
import { fold } from '../text.ts';
import { badName, choice, type Fit, fits, invalid, missing, RANK } from './fit.ts';
import {
  groupRef,
  groupsCalled,
  partedNames,
  readableRules,
  ruleRef,
  rulesCalled,
  tagsCalled,
  type View,
} from './names.ts';
import type { GroupRef, Resolved, RuleRef, TargetGroup } from './resolved.ts';
import { absentGroup, groupOption, groupsInReach, manyGroups, manyTags, oneGroup, oneRule, oneTag } from './targets.ts';

/** How `intent` fits; commands about tags need a rule group to be there at all. */
export function fitOf(intent: Intent, view: View): Fit {
  switch (intent.command) {
    case 'rule.list':
    case 'undo':
    case 'history':
    case 'stats':
    case 'export':
    case 'more':
    case 'confirm':
    case 'cancel':
    case 'help':
    case 'doctor':
    case 'me':
    case 'settings':
    case 'menu.publish':
      return fits(withoutQuotes(intent));
    case 'rule.create':
      return createRule(intent, view);
    default:
      return readableRules(view).length === 0 ? NO_RULE_GROUP : fitTagCommand(intent, view);
  }
}

const NO_RULE_GROUP: Fit = { rank: RANK.fits, resolution: () => ({ kind: 'noRuleGroup' }) };

type TagCommand = Exclude<Intent, Extract<Resolved, Intent> | { command: 'rule.create' }>;

function fitTagCommand(intent: TagCommand, view: View): Fit {
  switch (intent.command) {
    case 'tag.add':
      return addTags(intent, view);
    case 'tag.delete':
      return deleteTags(intent, view);
    case 'tag.move':
      if (intent.tags.length === 0) return missing('tags', intent, line`要移动哪个标签？`);
      return manyTags(intent.tags, undefined, view, (targets) => ({
        command: 'tag.move',
        targets,
        group: groupNamed(intent.group, view),
      }));
    case 'tag.rename':
      return rename(intent, 'tag', intent.tag, intent.to, (to) =>
        oneTag(intent.tag, intent.group, view, (target) => ({ command: 'tag.rename', target, to })),
      );
    case 'tag.order':
      return place(intent, 'tag', intent.tag, intent.order, (order) =>
        oneTag(intent.tag, intent.group, view, (target) => ({ command: 'tag.order', target, order })),
      );
    case 'tag.top':
      if (intent.tag === '') return missing('tag', intent, line`要置顶哪个标签？`);
      return oneTag(intent.tag, intent.group, view, (target) => ({ command: 'tag.top', target }));
    case 'tag.list':
      return listTags(intent, view);
    case 'tag.find':
      return find(intent, view);
    case 'group.create':
      return createGroup(intent, view);
    case 'group.delete':
      if (intent.groups.length === 0) return missing('group', intent, line`要删除哪个标签组？`, groupNames(view));
      return manyGroups(intent.groups, view, (targets, absent) => ({ command: 'group.delete', targets, absent }));
    case 'group.rename':
      return rename(intent, 'group', intent.group, intent.to, (to) =>
        oneGroup(intent.group, view, (target) => ({ command: 'group.rename', target, to })),
      );
    case 'group.order':
      return place(intent, 'group', intent.group, intent.order, (order) =>
        oneGroup(intent.group, view, (target) => ({ command: 'group.order', target, order })),
      );
    case 'group.top':
      if (intent.group === '') return missing('group', intent, line`要置顶哪个标签组？`, groupNames(view));
      return oneGroup(intent.group, view, (target) => ({ command: 'group.top', target }));
    case 'group.list':
      return inRule(intent, view, (strategyId) => ({ command: 'group.list', strategyId }));
    case 'rule.switch':
      return switchRule(intent, view);
    case 'rule.show':
      return oneRule(intent.rule, intent, view, (target) => ({ command: 'rule.show', target }));
    case 'rule.rename':
      return rename(intent, 'rule', intent.rule, intent.to, (to) =>
        oneRule(intent.rule, intent, view, (target) => ({ command: 'rule.rename', target, to })),
      );
    case 'rule.delete':
      if (intent.rule === '') return missing('rule', intent, line`要删除哪个规则组？`, ruleNames(view));
      return oneRule(intent.rule, intent, view, (target) => ({ command: 'rule.delete', target }));
    case 'rule.admins':
    case 'rule.range':
      return oneRule(intent.rule, intent, view, (target) => ({
        command: intent.command,
        target,
        add: bare(intent.add),
        remove: bare(intent.remove),
      }));
    case 'import':
      return importGroups(intent, view);
  }
}

function addTags(intent: IntentOf<'tag.add'>, view: View): Fit {
  if (intent.group === undefined || intent.group === '') {
    const names = partedNames(intent.tags, (name) => tagsCalled(name, view).length > 0);
    if (names.length === 0) return missing('tags', intent, line`要添加什么标签？`);
    return (
      badName(names, '标签') ?? missing('group', intent, line`${quoted(names)}要加到哪个标签组？`, groupNames(view))
    );
  }
  const { name } = nameOf(intent.group);
  const made = view.made?.get(fold(name));
  const groups = groupsCalled(name, view);
  const ids = new Set(groups.map((group) => group.id));
  const known = (tag: string): boolean => tagsCalled(tag, view, ids).length > 0 || tagsCalled(tag, view).length > 0;
  const tags = partedNames(intent.tags, known);
  const into = (target: TargetGroup): Resolved => ({ command: 'tag.add', tags, target });
  const [only] = groups;
  if (only === undefined && made === undefined) {
    const fresh: TargetGroup | undefined =
      view.strategyId === undefined || badName([name], '标签组') !== undefined || tags.length === 0
        ? undefined
        : { kind: 'new', name, strategyId: view.strategyId };
    const create =
      fresh === undefined ? [] : [{ label: `新建「${name}」`, detail: '新的标签组', resolved: into(fresh) }];
    return absentGroup(
      name,
      view,
      (group) => (tags.length === 0 ? undefined : into({ kind: 'existing', group: groupRef(group) })),
      create,
    );
  }
  if (tags.length === 0) return missing('tags', intent, line`要往 ${nameSpan(only?.name ?? name)} 里添加什么标签？`);
  const bad = badName(tags, '标签');
  if (bad !== undefined) return bad;
  if (only === undefined && made !== undefined) return fits(into({ kind: 'new', ...made }));
  if (groups.length === 1 && only !== undefined) return fits(into({ kind: 'existing', group: groupRef(only) }));
  return choice(line`叫 ${nameSpan(name)} 的标签组不止一个，加到哪一个？`, () =>
    groups.map((group) => groupOption(group, view, into({ kind: 'existing', group: groupRef(group) }))),
  );
}

/** A group's name where a tag's was expected: then it is asked which of its tags. */
function deleteTags(intent: IntentOf<'tag.delete'>, view: View): Fit {
  const [only = '', ...others] = intent.tags;
  const { name } = nameOf(only);
  const isGroup =
    intent.group === undefined &&
    others.length === 0 &&
    tagsCalled(name, view).length === 0 &&
    groupsCalled(name, view).length === 1;
  if (only !== '' && !isGroup) {
    return manyTags(intent.tags, intent.group, view, (targets, absent) => ({ command: 'tag.delete', targets, absent }));
  }
  const group = isGroup ? only : intent.group;
  if (group === undefined) return missing('tags', { ...intent, tags: [] }, line`要删除哪些标签？`);
  return missing('tags', { ...intent, tags: [], group }, line`要删除${nameSpan(nameOf(group).name)}里的哪些标签？`);
}

function createGroup(intent: IntentOf<'group.create'>, view: View): Fit {
  const { name } = nameOf(intent.group);
  if (name === '') return missing('group', intent, line`新的标签组叫什么名字？`);
  const bad = badName([name], '标签组');
  if (bad !== undefined) return bad;
  const tags = partedNames(intent.tags, (tag) => tagsCalled(tag, view).length > 0);
  if (tags.length === 0) {
    return missing('tags', intent, line`标签组不能是空的，${nameSpan(name)} 里先放哪些标签？`, ['青铜、白银、黄金']);
  }
  return (
    badName(tags, '标签') ?? inRule(intent, view, (strategyId) => ({ command: 'group.create', name, strategyId, tags }))
  );
}

function rename(
  intent: Intent,
  slot: 'tag' | 'group' | 'rule',
  from: string,
  to: string | undefined,
  carry: (to: string) => Fit,
): Fit {
  const what = WHAT[slot];
  if (from === '') return missing(slot, intent, line`要给哪个${what}改名？`);
  if (to === undefined || to === '')
    return missing('to', intent, line`${nameSpan(nameOf(from).name)} 要改成什么名字？`);
  const { name } = nameOf(to);
  const found = carry(name);
  if (found.rank !== RANK.fits || slot === 'rule') return found;
  return badName([name], what) ?? found;
}

function place(
  intent: Intent,
  slot: 'tag' | 'group',
  named: string,
  order: number | undefined,
  carry: (order: number) => Fit,
): Fit {
  if (named === '') return missing(slot, intent, line`要给哪个${WHAT[slot]}排序？`);
  if (order === undefined) {
    const found = carry(0);
    return found.rank === RANK.absent
      ? found
      : missing('order', intent, line`${nameSpan(nameOf(named).name)} 的排序值设成多少？越大越靠前。`, ['100']);
  }
  if (!isOrder(order))
    return invalid(
      line`排序值要是 0 到 ${MAX_ORDER} 的整数，越大越靠前。`,
      [],
      line`请换一个数再发一次，现在什么都没有改。`,
    );
  return carry(order);
}

const WHAT = { tag: '标签', group: '标签组', rule: '规则组' } as const;

function listTags(intent: IntentOf<'tag.list'>, view: View): Fit {
  if (intent.group !== undefined) {
    const found = oneGroup(intent.group, view, (group) => ({
      command: 'tag.list',
      strategyId: group.strategyId,
      group,
    }));
    if (found.rank !== RANK.absent) return found;
    // 老客户有哪些 may ask for tags; nobody is told to make a group because of that.
    const query = nameOf(intent.group).name;
    return {
      rank: found.rank,
      resolution: () => {
        const nearest = found.resolution();
        const nothing = nearest.kind === 'absent' && nearest.nearest.length === 0;
        return nothing ? lookup({ command: 'tag.find', query, group: undefined }).resolution() : nearest;
      },
    };
  }
  return inRule(intent, view, (strategyId) => ({ command: 'tag.list', strategyId, group: undefined }));
}

/** A group's name answers with its tags, a rule group's with its details; anything else is searched. */
function find(intent: IntentOf<'tag.find'>, view: View): Fit {
  const { name } = nameOf(intent.query);
  if (name === '') return missing('tag', intent, line`要查哪个标签？`);
  const group = groupNamed(intent.group, view);
  if (tagsCalled(name, view).length === 0) {
    const groups = groupsCalled(name, view);
    const [only] = groups;
    if (groups.length === 1 && only !== undefined) {
      return lookup({ command: 'tag.list', strategyId: only.strategyId, group: groupRef(only) });
    }
    const [rule, ...more] = groups.length === 0 ? rulesCalled(name, view) : [];
    if (rule !== undefined && more.length === 0) return lookup({ command: 'rule.show', target: ruleRef(rule) });
  }
  return lookup({ command: 'tag.find', query: name, group });
}

/** A lookup always works, so it never wins against a command whose names exist. */
function lookup(resolved: Resolved): Fit {
  return { rank: RANK.absent, resolution: () => ({ kind: 'one', resolved }) };
}

function switchRule(intent: IntentOf<'rule.switch'>, view: View): Fit {
  if (intent.rule !== undefined)
    return oneRule(intent.rule, intent, view, (target) => ({ command: 'rule.switch', target }));
  const rules = readableRules(view);
  const [only] = rules;
  if (rules.length === 1 && only !== undefined) return fits({ command: 'rule.switch', target: ruleRef(only) });
  return choice(line`切换到哪个规则组？`, () =>
    rules.map((rule) => ({ label: rule.name, resolved: { command: 'rule.switch', target: ruleRef(rule) } })),
  );
}

function createRule(intent: IntentOf<'rule.create'>, view: View): Fit {
  const { name } = nameOf(intent.rule);
  if (name === '') return missing('rule', intent, line`新的规则组叫什么名字？`);
  if (intent.admins.length === 0)
    return missing('people', intent, line`${nameSpan(name)} 的负责人是谁？可以写几个，用、隔开。`, ['张三、lisi']);
  if (intent.range.length === 0)
    return missing('range', intent, line`${nameSpan(name)} 管哪些部门或成员？成员前面加 @。`, ['销售部、@wangwu']);
  const make = (parent: RuleRef | undefined): Resolved => ({
    command: 'rule.create',
    name,
    parent,
    admins: bare(intent.admins),
    range: bare(intent.range),
  });
  return intent.parent === undefined ? fits(make(undefined)) : oneRule(intent.parent, intent, view, make);
}

function importGroups(intent: IntentOf<'import'>, view: View): Fit {
  if (intent.groups.length === 0) {
    return invalid(
      line`要导入什么？请把内容和「导入」写在同一条消息里。`,
      [line`导入`, line`会员等级：青铜、白银`, line`来源：展会、转介绍`],
      line`每行写「组：名、名」。要连同删除多余的标签，第一行写「导入 含删除」。`,
    );
  }
  return inRuleOr(intent, view, (strategyId) => {
    const groups = intent.groups.map(({ group, tags }) => {
      const { name } = nameOf(group);
      const existing = groupsCalled(name, view).find((one) => one.strategyId === strategyId);
      const target: TargetGroup =
        existing === undefined ? { kind: 'new', name, strategyId } : { kind: 'existing', group: groupRef(existing) };
      return { target, tags: tags.map((tag) => nameOf(tag).name) };
    });
    const names = groups.flatMap(({ tags }) => tags);
    const newGroups = groups.flatMap(({ target }) => (target.kind === 'new' ? [target.name] : []));
    const resolved: Resolved = { command: 'import', strategyId, groups, withDeletes: intent.withDeletes };
    return badName(newGroups, '标签组') ?? badName(names, '标签') ?? fits(resolved);
  });
}

/** In the current rule group, the only one there is, or asked. */
function inRule(intent: Intent, view: View, make: (strategyId: number) => Resolved): Fit {
  return inRuleOr(intent, view, (strategyId) => fits(make(strategyId)));
}

function inRuleOr(intent: Intent, view: View, carry: (strategyId: number) => Fit): Fit {
  const rules = readableRules(view);
  const current = view.strategyId ?? (rules.length === 1 ? rules[0]?.id : undefined);
  if (current !== undefined) return carry(current);
  return { rank: RANK.fits, resolution: () => ({ kind: 'chooseRuleGroup', options: rules.map(ruleRef), intent }) };
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

function withoutQuotes<I extends Extract<Resolved, Intent>>(intent: I): I {
  return intent.command === 'history' && intent.filter !== undefined
    ? { ...intent, filter: nameOf(intent.filter).name }
    : intent;
}
