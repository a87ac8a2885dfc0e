/**
 * The one place that says yes or no. Whatever is run passes `mayRun` (typed, chosen, pressed, clicked, the next page),
 * whatever is asked `mayAsk`, and whatever is written once more `mayWrite`, on the plan, with the admin lists as they are
 * at that moment. Each gives undefined for yes, or the refusal, which names who can help and shows the member's own userid.
 */

import { commandRow } from '../../command/table/grammar.ts';
import { code, type Line, line, name, nameList, type Reply } from '../../reply/reply.ts';
import type { Option } from '../../resolve/fit.ts';
import type { View } from '../../resolve/names.ts';
import type { Order, Understanding } from '../../resolve/order.ts';
import type { Plan } from '../../tags/change/step.ts';
import type { LibraryId } from '../../tags/tag.ts';
import type { Context } from '../context.ts';
import { lacking, type Need, needsOfOrder, needsOfQuestion, needsOfSteps } from '../needs.ts';
import { adminsSetting, sameUserid, whoCanHelp } from '../rights.ts';
import type { Change } from '../shown-plan.ts';
import { changesOf, readChange } from './journal.ts';
import { noRuleGroup, unreadable, unreadLines } from './unreadable.ts';

/** Before anything is called for an order. */
export async function mayRun(ctx: Context, order: Order): Promise<Reply | undefined> {
  // While nobody is an admin, whoever asks is the one who sets the bot up.
  if (order.command === 'doctor' && ctx.deps.access.botAdmins.length === 0) return undefined;
  if (order.command === 'undo') return order.change === undefined ? undefined : mayUndo(ctx, [order.change]);
  // Elsewhere there may be something of the same name, which is not what was meant.
  const unread =
    commandRow(order.command).right === 'edit' && ctx.libraryId && !ctx.placeNamed
      ? unreadable(ctx, ctx.libraryId)
      : undefined;
  if (unread) return unread;
  const needs = needsOfOrder(order, ctx.snapshot.library);
  const readsSomething = needs.some(({ right, command }) => right === 'read' && command !== 'history');
  if (readsSomething && ctx.rights.readable.size === 0) return noRuleGroup(ctx);
  return unmet(ctx, needs);
}

/** Whether `mayRun` lets this lookup pass; who gets no for an answer must hear from there why. */
export function mayLookUp(ctx: Context, order: Order): boolean {
  const { rights, snapshot } = ctx;
  return rights.readable.size > 0 && lacking(rights, needsOfOrder(order, snapshot.library)) === undefined;
}

/** Nobody is asked what to do where they may do nothing. */
export async function mayAsk(ctx: Context, understanding: Understanding, view: View): Promise<Reply | undefined> {
  // What is not there may be in what could not be read.
  const misses = understanding.kind === 'absent' && understanding.what !== 'ruleGroup';
  const unread = misses && ctx.libraryId && !ctx.placeNamed ? unreadable(ctx, ctx.libraryId) : undefined;
  if (unread) return unread;
  if (misses) ctx.aside ??= unreadLines(ctx)[0];
  const needs = needsOfQuestion(understanding, view);
  const none = needs.length > 0 && needs.every((need) => lacking(ctx.rights, [need]) !== undefined);
  if (none) return unmet(ctx, needs);
  ctx.tellsOf(ctx.rights.readable);
  return undefined;
}

/** Whether what was once shown may be shown again: the options of a question that is put anew. */
export async function mayAskAgain(ctx: Context, options: readonly Option[]): Promise<Reply | undefined> {
  return unmet(
    ctx,
    options.flatMap(({ order }) => needsOfOrder(order, ctx.snapshot.library)),
  );
}

/** Likewise the pages that are left of an answer about these libraries. */
export async function mayReadOn(ctx: Context, libraryIds: readonly LibraryId[]): Promise<Reply | undefined> {
  return unmet(
    ctx,
    libraryIds.map((where) => ({ right: 'read', where })),
  );
}

/** Before anything is read for a change, at its confirmation too. */
export async function mayMake(ctx: Context, change: Change): Promise<Reply | undefined> {
  switch (change.kind) {
    case 'writes': {
      const { library } = ctx.snapshot;
      return unmet(
        ctx,
        change.writes.flatMap(({ write }) => needsOfOrder(write, library)),
      );
    }
    case 'rule':
      return unmet(ctx, needsOfSteps(change.steps));
    case 'undo':
      return mayUndo(ctx, change.ids);
  }
}

/** A right that a rule group's own admin list gives can be taken away there without any event: it is asked for anew. */
export async function mayWrite(ctx: Context, plan: Plan): Promise<Reply | undefined> {
  const needs = needsOfSteps(plan.steps);
  for (const id of new Set(needs.map(({ where }) => where))) {
    if (typeof id === 'number' && ctx.rights.in(id)?.source === 'rule-group-admin')
      ctx.use(await ctx.deps.catalog.refreshRuleGroup(id));
  }
  return unmet(ctx, needs);
}

/** One's own changes, and for bot admins everybody's. One that cannot be read is not known to exist. */
async function mayUndo(ctx: Context, ids: readonly number[]): Promise<Reply | undefined> {
  const rows = await changesOf(ctx.deps.store, ids);
  for (const row of rows) {
    if (ctx.botAdmin || sameUserid(row.member, ctx.member)) continue;
    if (!row.libraryIds.some((libraryId) => ctx.rights.readable.has(libraryId)))
      return { tone: 'info', title: line`没有编号 ${row.id} 的改动`, lines: [], hint: line`发「历史」看改动和编号` };
    return {
      tone: 'warn',
      title: line`改动 ${row.id} 不是你做的`,
      lines: [],
      hint: line`只能撤销自己的改动；管理员可以撤销所有人的。`,
    };
  }
  return unmet(ctx, needsOfSteps(rows.flatMap((row) => readChange(row).steps)));
}

/** The refusal of the first need that is not met; when all are, the answer may tell of their libraries. */
async function unmet(ctx: Context, needs: readonly Need[]): Promise<Reply | undefined> {
  const need = lacking(ctx.rights, needs);
  if (need) return (need.where === 'somewhere' ? undefined : unreadable(ctx, need.where)) ?? refusal(ctx, need);
  for (const { right, where } of needs) {
    if (where !== 'somewhere') ctx.tellsOf([where]);
    else if (right === 'read') ctx.tellsOf(ctx.rights.readable);
  }
  return undefined;
}

function what({ right, command }: Need, at: LibraryId | undefined): string {
  if (command === 'doctor') return '看诊断';
  if (command === 'menu.publish') return '发布菜单';
  const words = {
    anyone: '这样做',
    read: '查看这里的标签',
    edit: at === 'corp' ? '改企业标签' : '改这个规则组的标签',
    admin: '改规则组的设置',
    'bot-admin': '新建和删除规则组',
  } as const;
  return words[right];
}

/** Names who can help and shows the member's own userid, which nobody knows by heart. */
async function refusal(ctx: Context, need: Need): Promise<Reply> {
  const { directory, access, metrics } = ctx.deps;
  if (need.right !== 'read') metrics.write('denied');
  const { library } = ctx.snapshot;
  const meant = need.where === 'somewhere' ? ctx.libraryId : need.where;
  // The name of one that may not be read is not told, not even in a refusal.
  const isTold = meant !== undefined && ctx.rights.readable.has(meant) && need.right !== 'bot-admin';
  const at = isTold ? meant : undefined;
  const helpers = need.right === 'edit' ? whoCanHelp(library, access, at) : [...access.botAdmins];
  const named = await Promise.all(helpers.slice(0, 5).map((userid) => directory.name(userid)));
  const where: Line = typeof at === 'number' ? line`规则组${name(library.libraryName(at))}：` : [];
  const lines: Line[] = [line`你的账号（userid）是${name(ctx.member)}`];
  if (need.right === 'edit') lines.push(...whereInstead(ctx));
  if (named.length > 0) lines.push(line`可以找 ${nameList(named)} 帮忙，或请他开通权限`);
  else lines.push(line`还没有人有这个权限。请部署机器人的人把你的 userid 写进 ${adminsSetting(access)}，重启后再试。`);
  return {
    tone: 'warn',
    title: line`${where}你没有权限${what(need, at)}`,
    lines,
    hint: line`什么都没有改。回复「我」看看你能做什么。`,
    outcome: '没有权限',
  };
}

/** Who works in one library may forget to have chosen another. */
function whereInstead({ rights, snapshot: { library } }: Context): Line[] {
  const own = [...rights.readable].filter((id) => rights.can('edit', id)).map((id) => library.libraryName(id));
  if (own.length === 0) return [];
  return [line`你能改的是 ${nameList(own, 5)}，发${code(`切换到${own[0]}`)}就换过去`];
}
