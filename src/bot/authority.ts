/**
 * Whether a change may be made by this member, asked before the plan and again at its confirmation. A refusal names who
 * can help and shows the member's own userid. Nothing is called for someone without the right.
 */

import { type Line, line, name, type Reply } from '../reply/reply.ts';
import type { Library } from '../tags/library.ts';
import type { Context } from './context.ts';
import { readChange } from './journal.ts';
import { sameMember, whoCanHelp } from './permissions.ts';
import { type Source, strategiesConcerned } from './planning.ts';

export async function refuseWithoutRight(ctx: Context, source: Source, library: Library): Promise<Reply | undefined> {
  const ids = await strategiesConcerned(ctx, source, library);
  if (source.kind === 'rule') {
    if (source.right === 'bot-admin') return ctx.botAdmin ? undefined : refusal(ctx, undefined, '新建和删除规则组');
    const right = source.right;
    const missing = ids.find((id) => !ctx.rights.can(right, id));
    return missing === undefined ? undefined : refusal(ctx, missing, '改规则组的设置');
  }
  if (source.kind === 'undo') {
    const [row] = await ctx.deps.store.changes({ id: source.change, limit: 1 });
    if (row && !sameMember(row.member, ctx.member) && !ctx.botAdmin) {
      return {
        tone: 'warn',
        title: line`改动 ${source.change} 不是你做的`,
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
    fate: '没有权限',
  };
}

/** A right that the rule group itself gives is taken away in the client without any event: it is asked for once more. */
export async function rereadRights(ctx: Context, source: Source): Promise<void> {
  const { library } = await ctx.look();
  for (const id of await strategiesConcerned(ctx, source, library)) {
    if (ctx.rights.in(id)?.source === 'rule-group-admin') ctx.use(await ctx.deps.catalog.refreshStrategy(id));
  }
}
