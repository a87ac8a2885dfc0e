/**
 * Rule groups in the chat: which there are and what is known of one; and for a change who is meant, what the platform will
 * not take (told before the call), and the steps.
 * `edit` overwrites admin_list, so it is read, changed and written, and nobody loses a right by accident (doc 94883).
 */

import { type Line, line, name, nameList, quiet, type Reply, strong } from '../../reply/reply.ts';
import type { OrderOf } from '../../resolve/order.ts';
import type { Step } from '../../tags/change/step.ts';
import { badName } from '../../tags/change/writes.ts';
import { CORP_LIBRARY } from '../../tags/library.ts';
import { countTags, type RangeNode, type RuleGroup, type TagGroup } from '../../tags/tag.ts';
import { makeChange } from '../change/change.ts';
import { noRuleGroup } from '../change/unreadable.ts';
import { problemLines, rangeText } from '../change/wording.ts';
import type { Context } from '../context.ts';
import { findAdmins, findRange } from './whom.ts';

/** Limits of customer_strategy/create and edit. */
const MAX_ADMINS = 20;
const MAX_LEVELS = 5;

/** 规则组 列表: those that may be read, as a tree, with 企业标签 above them. */
export function list(ctx: Context): Reply {
  const { library } = ctx.snapshot;
  const visible = library.ruleGroups.filter((ruleGroup) => ctx.rights.readable.has(ruleGroup.id));
  const current = ctx.libraryId;
  const lines: Line[] = ctx.rights.readable.has('corp')
    ? [line`${CORP_LIBRARY} ${quiet(counted(library.groupsOf('corp')))}${current === 'corp' ? ' ← 当前' : ''}`]
    : [];
  if (visible.length === 0) {
    const none = noRuleGroup(ctx);
    return { ...none, lines: [...lines, ...none.lines] };
  }
  const children = (parentId: number) => visible.filter((ruleGroup) => ruleGroup.parentId === parentId);
  const roots = visible.filter(
    (ruleGroup) => ruleGroup.parentId === 0 || !visible.some((other) => other.id === ruleGroup.parentId),
  );
  const walk = (ruleGroup: RuleGroup, depth: number) => {
    const counts = depth === 0 ? counted(library.groupsOf(ruleGroup.id)) : '（下级，不能放标签）';
    lines.push(
      line`${'　'.repeat(depth)}${depth > 0 ? '└ ' : ''}${name(ruleGroup.name)} ${quiet(counts)}${ruleGroup.id === current ? ' ← 当前' : ''}`,
    );
    if (depth < 5) for (const child of children(ruleGroup.id)) walk(child, depth + 1);
  };
  for (const root of roots) walk(root, 0);
  return {
    tone: 'info',
    title: line`你能看到 ${strong(visible.length)} 个规则组${lines.length > visible.length ? '和企业标签' : ''}`,
    lines,
    hint: line`发「规则组 切换 名称」换一个`,
  };
}

function counted(groups: readonly TagGroup[]): string {
  const tags = countTags(groups);
  return `（${groups.length} 个标签组，${tags} 个标签）`;
}

/** 规则组 详情: its range is read anew. Throws BotError when that cannot be. */
export async function show(ctx: Context, { target }: OrderOf<'rule.show'>): Promise<Reply> {
  const { library } = ctx.snapshot;
  const ruleGroup = library.ruleGroup(target.id);
  if (!ruleGroup) return { tone: 'info', title: line`规则组${name(target.name)}已经不在了`, lines: [] };
  const admins = await Promise.all(ruleGroup.admins.map((userid) => ctx.deps.directory.name(userid)));
  const groups = library.groupsOf(ruleGroup.id);
  return {
    tone: 'info',
    title: line`规则组${name(ruleGroup.name)}`,
    lines: [
      line`级别：${levelWords(ctx, ruleGroup)}`,
      line`负责人：${admins.length === 0 ? '无' : nameList(admins, admins.length)}`,
      line`负责人能管标签：${ruleGroup.privilege.manage_customer_tag ? '能' : '不能（规则组没有开「管理企业客户标签」）'}`,
      line`范围：${await rangeWords(ctx, await ctx.deps.rangeOf(ruleGroup.id))}`,
      line`标签：${strong(groups.length)} 个标签组，${strong(countTags(groups))} 个标签`,
    ],
  };
}

/** With the name of the one above, where that may be read. */
function levelWords(ctx: Context, { parentId }: RuleGroup): Line {
  if (parentId === 0) return ['一级'];
  if (!ctx.rights.readable.has(parentId)) return ['下级'];
  return line`下级，上级是${name(ctx.snapshot.library.libraryName(parentId))}`;
}

export async function create(ctx: Context, wish: OrderOf<'rule.create'>): Promise<Reply> {
  const bad = badName(wish.name);
  if (bad) return { tone: 'warn', lines: [], ...problemLines(bad) };
  const { library } = ctx.snapshot;
  if (library.ruleGroupsNamed(wish.name).length > 0)
    return problem(line`已经有规则组叫${name(wish.name)}`, line`换一个名字再发一次。`);
  if (wish.admins.length === 0 || wish.range.length === 0) {
    return problem(
      line`新建规则组还要写负责人和范围`,
      line`例如：规则组 新建 ${wish.name} 负责人 张三 范围 销售部（超级管理员不能当负责人）`,
    );
  }
  if (wish.parent && levelOf(ctx, wish.parent.id) >= MAX_LEVELS)
    return problem(line`规则组最多 ${MAX_LEVELS} 级`, line`请选更上面的一级。`);
  const admins = await findAdmins(ctx, wish.admins, (names) => ({ ...wish, admins: names }));
  if ('reply' in admins) return admins.reply;
  const range = await findRange(ctx, wish.range, (names) => ({ ...wish, range: names }));
  if ('reply' in range) return range.reply;
  const step: Step = {
    do: 'createRule',
    name: wish.name,
    parentId: wish.parent?.id ?? 0,
    admins: [...new Set(admins.found.map((person) => person.userid))],
    range: range.found,
  };
  return tooMany(step.admins.length) ?? makeChange(ctx, { kind: 'rule', steps: [step] });
}

export async function rename(ctx: Context, { target, to }: OrderOf<'rule.rename'>): Promise<Reply> {
  const bad = badName(to);
  if (bad) return { tone: 'warn', lines: [], ...problemLines(bad) };
  const { library } = ctx.snapshot;
  if (target.name === to) return problem(line`${name(to)}已经是这个名字`, line`没有需要改的。`);
  // Names of rule groups that the member may not read cannot be found out by trying them.
  const visible = library.ruleGroups.filter((other) => other.id !== target.id && ctx.rights.readable.has(other.id));
  if (visible.some((other) => other.name === to))
    return problem(line`已经有规则组叫${name(to)}`, line`换一个名字再发一次。`);
  return makeChange(ctx, {
    kind: 'rule',
    steps: [{ do: 'editRule', id: target.id, name: target.name, rename: { from: target.name, to } }],
  });
}

export async function remove(ctx: Context, { target }: OrderOf<'rule.delete'>): Promise<Reply> {
  const { library } = ctx.snapshot;
  const children = library.ruleGroups.filter((ruleGroup) => ruleGroup.parentId === target.id);
  if (children.length > 0) {
    return problem(
      line`${name(target.name)}下面还有 ${children.length} 个下级规则组`,
      line`请先删除下级：${children.map((child) => child.name).join('、')}`,
    );
  }
  const groups = library.groupsOf(target.id);
  const tags = countTags(groups);
  return makeChange(ctx, {
    kind: 'rule',
    steps: [{ do: 'deleteRule', id: target.id, name: target.name, groups: groups.length, tags }],
  });
}

export async function admins(ctx: Context, wish: OrderOf<'rule.admins'>): Promise<Reply> {
  const { target } = wish;
  const { library } = ctx.use(await ctx.deps.catalog.refreshRuleGroup(target.id));
  const ruleGroup = library.ruleGroup(target.id);
  if (!ruleGroup) return problem(line`规则组${name(target.name)}已经不在了`, line`发「规则组 列表」看看。`);
  const coming = await findAdmins(ctx, wish.add, (add) => ({ ...wish, add }));
  if ('reply' in coming) return coming.reply;
  const { directory } = ctx.deps;
  const present = await Promise.all(
    ruleGroup.admins.map(async (userid) => ({ userid, name: await directory.name(userid) })),
  );
  const going = await findAdmins(ctx, wish.remove, (remove) => ({ ...wish, remove }), present);
  if ('reply' in going) return going.reply;
  const leaving = new Set(going.found.map((person) => person.userid));
  const to = [
    ...new Set([
      ...ruleGroup.admins.filter((userid) => !leaving.has(userid)),
      ...coming.found.map((person) => person.userid),
    ]),
  ];
  if (to.join() === ruleGroup.admins.join())
    return problem(line`负责人没有变化`, line`发「规则组 详情 ${target.name}」看现在的负责人。`);
  if (to.length === 0) return problem(line`规则组至少要有一个负责人`, line`先加新的负责人，再减这一位。`);
  return (
    tooMany(to.length) ??
    makeChange(ctx, {
      kind: 'rule',
      steps: [{ do: 'editRule', id: target.id, name: ruleGroup.name, admins: { from: ruleGroup.admins, to } }],
    })
  );
}

export async function range(ctx: Context, wish: OrderOf<'rule.range'>): Promise<Reply> {
  const { target } = wish;
  const coming = await findRange(ctx, wish.add, (add) => ({ ...wish, add }));
  if ('reply' in coming) return coming.reply;
  const going = await findRange(ctx, wish.remove, (remove) => ({ ...wish, remove }));
  if ('reply' in going) return going.reply;
  const now = new Set((await ctx.deps.rangeOf(target.id)).map((node) => JSON.stringify(node)));
  const rangeAdd = coming.found.filter((node) => !now.has(JSON.stringify(node)));
  const rangeDelete = going.found.filter((node) => now.has(JSON.stringify(node)));
  if (rangeAdd.length + rangeDelete.length === 0)
    return problem(line`范围没有变化`, line`发「规则组 详情 ${target.name}」看现在的范围。`);
  return makeChange(ctx, {
    kind: 'rule',
    steps: [
      {
        do: 'editRule',
        id: target.id,
        name: target.name,
        ...(rangeAdd.length > 0 ? { rangeAdd } : {}),
        ...(rangeDelete.length > 0 ? { rangeDelete } : {}),
      },
    ],
  });
}

/** Names of a rule group's range. */
async function rangeWords(ctx: Context, nodes: readonly RangeNode[]): Promise<Line> {
  const { directory } = ctx.deps;
  const people = new Map<string, string>();
  const places = new Map<number, string>();
  for (const node of nodes.slice(0, 20)) {
    if (node.type === 'member') people.set(node.userid, await directory.name(node.userid));
    else
      places.set(
        node.id,
        (await directory.findDepartments(String(node.id)).catch(() => []))[0]?.name ?? `部门 ${node.id}`,
      );
  }
  return rangeText(nodes, {
    person: (userid) => people.get(userid) ?? userid,
    department: (id) => places.get(id) ?? `部门 ${id}`,
  });
}

function tooMany(count: number): Reply | undefined {
  return count > MAX_ADMINS
    ? problem(line`负责人最多 ${MAX_ADMINS} 个，现在是 ${count} 个`, line`请减少后再发。`)
    : undefined;
}

function levelOf(ctx: Context, id: number): number {
  let level = 1;
  let at = ctx.snapshot.library.ruleGroup(id);
  while (at && at.parentId !== 0 && level < MAX_LEVELS) {
    at = ctx.snapshot.library.ruleGroup(at.parentId);
    level++;
  }
  return level;
}

function problem(title: Line, hint: Line): Reply {
  return { tone: 'warn', title, lines: [line`什么都没有改。`], hint };
}
