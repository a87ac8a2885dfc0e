/**
 * Whether a change may be made by this member, asked before the plan and again at its confirmation. A refusal names who
 * can help and shows the member's own userid. Nothing is called for someone without the right.
 */

import { type Line, line, name, type Reply } from '../../reply/reply.ts';
import type { Order } from '../../resolve/order.ts';
import type { Library } from '../../tags/library.ts';
import type { Context } from '../context.ts';
import { sameMember, whoCanHelp } from '../rights.ts';
import { readChange } from './journal.ts';
import { type Change, strategiesConcerned } from './replan.ts';

export async function refuseWithoutRight(ctx: Context, change: Change, library: Library): Promise<Reply | undefined> {
  const ids = await strategiesConcerned(ctx, change, library);
  if (change.kind === 'rule') {
    if (change.right === 'bot-admin') return ctx.botAdmin ? undefined : refusal(ctx, undefined, '新建和删除规则组');
    const right = change.right;
    const missing = ids.find((id) => !ctx.rights.can(right, id));
    return missing === undefined ? undefined : refusal(ctx, missing, '改规则组的设置');
  }
  if (change.kind === 'undo') {
    const [row] = await ctx.deps.store.changes({ id: change.id, limit: 1 });
    if (row && !sameMember(row.member, ctx.member) && !ctx.botAdmin) {
      return {
        tone: 'warn',
        title: line`改动 ${change.id} 不是你做的`,
        lines: [],
        hint: line`只能撤销自己的改动；管理员可以撤销所有人的。`,
      };
    }
    const does = new Set(row && readChange(row).steps.map((step) => step.do));
    if ((does.has('createRule') || does.has('deleteRule')) && !ctx.botAdmin)
      return refusal(ctx, undefined, '新建和删除规则组');
    const unruly = does.has('editRule') ? ids.find((id) => !ctx.rights.can('admin', id)) : undefined;
    if (unruly !== undefined) return refusal(ctx, unruly, '改规则组的设置');
  }
  const missing = ids.find((id) => !ctx.rights.can('edit', id));
  return missing === undefined ? undefined : refusal(ctx, missing, '改这个规则组的标签');
}

/** Names who can help and shows the member's own userid, which nobody knows by heart. */
export async function refusal(ctx: Context, strategyId: number | undefined, what: string): Promise<Reply> {
  const { directory, access, metrics } = ctx.deps;
  metrics.write('denied');
  const { library } = ctx.snapshot;
  const helpers = strategyId === undefined ? [...access.botAdmins] : whoCanHelp(library, access, strategyId);
  const named = await Promise.all(helpers.slice(0, 5).map((userid) => directory.name(userid)));
  const where: Line = strategyId === undefined ? [] : line`规则组${name(library.ruleGroupName(strategyId))}：`;
  const lines: Line[] = [line`你的账号（userid）是${name(ctx.member)}`];
  if (named.length > 0)
    lines.push([
      ...line`可以找 `,
      ...named.flatMap((person, i): Line => (i > 0 ? ['、', { name: person }] : [{ name: person }])),
      ' 帮忙，或请他开通权限',
    ]);
  else lines.push(line`还没有人有这个权限。请部署机器人的人把你的 userid 写进 BOT_ADMINS，重启后再试。`);
  return {
    tone: 'warn',
    title: line`${where}你没有权限${what}`,
    lines,
    hint: line`什么都没有改。回复「我」看看你能做什么。`,
    outcome: '没有权限',
  };
}

/** A right that the rule group itself gives is taken away in the client without any event: it is asked for once more. */
export async function rereadRights(ctx: Context, change: Change): Promise<void> {
  const { library } = await ctx.look();
  for (const id of await strategiesConcerned(ctx, change, library)) {
    if (ctx.rights.in(id)?.source === 'rule-group-admin') ctx.use(await ctx.deps.catalog.refreshStrategy(id));
  }
}

/** Rights for what is not a tag write (those are checked with their plan). Nothing is called without the right. */
export async function withoutRight(ctx: Context, order: Order): Promise<Reply | undefined> {
  switch (order.command) {
    case 'rule.create':
    case 'rule.delete':
      return ctx.botAdmin ? undefined : refusal(ctx, undefined, '新建和删除规则组');
    case 'rule.rename':
    case 'rule.admins':
    case 'rule.range':
      return ctx.rights.can('admin', order.target.id) ? undefined : refusal(ctx, order.target.id, '改规则组的设置');
    case 'tag.list':
    case 'tag.find':
    case 'group.list':
    case 'rule.list':
    case 'stats':
    case 'export':
      return ctx.rights.readable.size > 0 || order.command === 'rule.list' ? undefined : noRuleGroup(ctx);
    default:
      return undefined;
  }
}

/** Nothing visible is not the same as no tags: say why, and the first step. */
export function noRuleGroup(ctx: Context): Reply {
  const lines: Line[] = [
    line`机器人只能看到由它自己（本应用）新建的规则组；在企业微信客户端或后台手工建的，它看不到，这是平台的规定。`,
  ];
  if (ctx.snapshot.library.ruleGroups.length > 0) {
    return {
      tone: 'warn',
      title: line`你还没有查看任何规则组的权限`,
      lines: [line`你的账号（userid）是${name(ctx.member)}，请把它发给管理员开通。`],
    };
  }
  lines.push(
    ctx.botAdmin
      ? line`第一步：规则组 新建 华东大区 负责人 张三 范围 销售部`
      : line`请管理员先用机器人新建规则组。你的账号（userid）是${name(ctx.member)}`,
  );
  return { tone: 'warn', title: line`还没有机器人能管理的规则组`, lines };
}
