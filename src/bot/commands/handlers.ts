/** One entry per command, exhaustive by type: a command without a handler does not compile. */

import { type Line, line, name, type Reply } from '../../reply/reply.ts';
import type { BatchOrder, Order, OrderOf } from '../../resolve/order.ts';
import type { Write } from '../../tags/change/step.ts';
import type { LibraryId } from '../../tags/tag.ts';
import { makeChange } from '../change/change.ts';
import { libraryWords } from '../change/wording.ts';
import type { Context } from '../context.ts';
import { nothingToConfirm } from '../dialog/answer.ts';
import { offer } from '../dialog/ask.ts';
import { closeQuestion } from '../session.ts';
import { exported, imported } from './files.ts';
import { help } from './guide.ts';
import { history, undo } from './history.ts';
import * as lookups from './lookups.ts';
import * as ruleGroups from './rule-groups.ts';
import { stats } from './stats.ts';

type Handlers = {
  readonly [C in Order['command']]: (ctx: Context, order: OrderOf<C>) => Reply | Promise<Reply>;
};

const HANDLERS: Handlers = {
  'tag.add': written,
  'tag.delete': written,
  'tag.rename': written,
  'tag.order': written,
  'tag.top': written,
  'group.create': written,
  'group.delete': written,
  'group.rename': written,
  'group.order': written,
  'group.top': written,
  'tag.list': lookups.tagList,
  'tag.find': lookups.tagFind,
  'tag.move': move,
  'group.list': lookups.groupList,
  'rule.list': ruleGroups.list,
  'rule.switch': switchTo,
  'rule.show': ruleGroups.show,
  'rule.create': ruleGroups.create,
  'rule.rename': ruleGroups.rename,
  'rule.delete': ruleGroups.remove,
  'rule.admins': ruleGroups.admins,
  'rule.range': ruleGroups.range,
  import: imported,
  export: exported,
  stats,
  undo,
  history,
  more: nothingMore,
  confirm: nothingToConfirm,
  cancel: nothingToCancel,
  help,
  doctor: diagnose,
  me: lookups.me,
  settings,
  'menu.publish': publishMenu,
};

/** Carries the order out, asks first, or looks up: whatever its command does. */
export async function replyTo(ctx: Context, order: Order): Promise<Reply> {
  // The table is typed per command; the union on both sides is what TypeScript cannot correlate.
  const handler = HANDLERS[order.command] as (ctx: Context, order: Order) => Reply | Promise<Reply>;
  return handler(ctx, order);
}

/** Several orders in one message: one plan when all of them write, one answer when all of them look up. */
export async function replyToBatch(ctx: Context, lines: readonly BatchOrder[]): Promise<Reply> {
  const writes = lines.flatMap(({ number, order }) => {
    const write = writeOf(order);
    return write ? [{ line: number, write }] : [];
  });
  if (writes.length === lines.length) return makeChange(ctx, { kind: 'writes', writes });
  if (writes.length > 0) {
    const others = lines.filter(({ order }) => !writeOf(order));
    return {
      tone: 'warn',
      title: line`改动和查询请分开发`,
      lines: others.slice(0, 5).map(({ number, text }) => line`第 ${number} 行不是改动：${name(text)}`),
      hint: line`什么都没有改。`,
    };
  }
  const answers: Line[] = [];
  const several = new Set(lines.map(({ order }) => libraryOf(order))).size > 1;
  for (const { number, order } of lines) {
    if (!isLookup(order)) {
      answers.push(line`${number}. 这一条请单独发`);
      continue;
    }
    const reply = await replyTo(ctx, order);
    const id = several ? libraryOf(order) : undefined;
    const where = id === undefined ? [] : [name(ctx.snapshot.library.libraryName(id)), '：'];
    answers.push([`${number}. `, ...where, ...reply.title], ...reply.lines);
  }
  return { tone: 'info', title: line`${lines.length} 条查询的结果`, lines: answers };
}

function libraryOf(order: Order): LibraryId | undefined {
  return 'libraryId' in order ? order.libraryId : undefined;
}

/** The write inside an order; undefined for everything that does not change tags. */
function writeOf(order: Order): Write | undefined {
  switch (order.command) {
    case 'tag.add':
    case 'tag.delete':
    case 'tag.rename':
    case 'tag.order':
    case 'tag.top':
    case 'group.create':
    case 'group.delete':
    case 'group.rename':
    case 'group.order':
    case 'group.top':
      return order;
    default:
      return undefined;
  }
}

/** Lookups can be asked again for their next page; a write never is. */
export function isLookup(order: Order): boolean {
  switch (order.command) {
    case 'tag.list':
    case 'tag.find':
    case 'group.list':
    case 'rule.list':
    case 'rule.show':
    case 'history':
    case 'stats':
    case 'help':
    case 'me':
      return true;
    case 'export':
      return order.form === 'text';
    default:
      return false;
  }
}

function written(ctx: Context, order: Order): Promise<Reply> {
  const write = writeOf(order);
  if (!write) throw new Error(`${order.command} is not a write`);
  return makeChange(ctx, { kind: 'writes', writes: [{ write }] });
}

/** The platform has no move: say why, and offer what can be done. */
function move(ctx: Context, { targets, group }: OrderOf<'tag.move'>): Reply {
  const names = targets.map((target) => target.name);
  const reply: Reply = {
    tone: 'info',
    title: line`企业微信不支持把标签移到别的组`,
    lines: [line`在新组里建同名标签，会是一个新标签：原来客户身上的标记不会跟过去。`],
  };
  if (!group) return { ...reply, hint: line`可以发：标签 添加 ${names.join('、')} 到 组名` };
  return offer(ctx, { ...reply, lines: [...reply.lines, line`要在${name(group.name)}里新建同名标签吗？`] }, [
    {
      label: `在「${group.name}」里新建`,
      detail: names.join('、'),
      order: { command: 'tag.add', tags: names, target: { kind: 'existing', group } },
    },
    // 好 alone must not make a tag that was never asked for.
    { label: '不用了', order: { command: 'cancel' } },
  ]);
}

function switchTo(ctx: Context, { target }: OrderOf<'rule.switch'>): Reply {
  const { library } = ctx.snapshot;
  const ruleGroup = library.ruleGroup(target.id);
  ctx.session = { ...ctx.session, libraryId: target.id };
  const child: Line[] =
    ruleGroup && ruleGroup.parentId !== 0 ? [line`这是下级规则组，只能看，不能在里面建标签（企业微信的规定）。`] : [];
  return {
    tone: 'done',
    title: line`已切换到${libraryWords(library, target.id)}`,
    lines: [line`里面有 ${library.groupsOf(target.id).length} 个标签组`, ...child],
  };
}

/** While there is more, bot.ts goes on with what was being read. */
function nothingMore(): Reply {
  return { tone: 'info', title: line`没有更多内容了`, lines: [] };
}

function nothingToCancel(ctx: Context): Reply {
  if (!ctx.question) return { tone: 'info', title: line`没有等待确认的操作，什么都没有改`, lines: [] };
  ctx.session = closeQuestion(ctx.session, 'cancelled');
  return { tone: 'info', title: line`已取消，什么都没有改`, lines: [] };
}

async function diagnose(ctx: Context): Promise<Reply> {
  const checks = await ctx.deps.diagnose({ admin: ctx.botAdmin });
  const made = checks.filter(({ code }) => !code?.startsWith('blocked.'));
  const wrong = made.filter(({ ok }) => !ok).length;
  const rest = checks.length - made.length;
  return {
    tone: wrong === 0 ? 'done' : 'warn',
    title: wrong === 0 ? line`一切正常` : line`有 ${wrong} 处需要处理`,
    ...(rest === 0 ? {} : { hint: line`另有 ${rest} 项要先解决上面的才能查。` }),
    lines: made.map(({ ok, title, message, advice = '' }) => line`${ok ? '✓' : '✗'} ${title}：${message}${advice}`),
  };
}

const FORMATS = { markdown: '富文本（markdown）', text: '文本', plain: '纯文本' } as const;

function settings(ctx: Context, { format }: OrderOf<'settings'>): Reply {
  if (!format) {
    return {
      tone: 'info',
      title: line`现在的回复格式：${FORMATS[ctx.format]}`,
      lines: [
        line`设置 富文本：排版和卡片`,
        line`设置 文本：文字，提问用卡片`,
        line`设置 纯文本：只有文字，在微信里看选这个`,
      ],
    };
  }
  ctx.session = { ...ctx.session, format };
  return { tone: 'done', title: line`以后用${FORMATS[format]}回复你`, lines: [] };
}

async function publishMenu(ctx: Context, { dryRun }: OrderOf<'menu.publish'>): Promise<Reply> {
  const differences = await ctx.deps.menu.publish(dryRun);
  if (differences.length === 0) return { tone: 'info', title: line`菜单没有变化`, lines: [] };
  return {
    tone: 'done',
    title: dryRun ? line`如果发布，会有这些变化` : line`菜单已发布`,
    lines: differences.map((difference): Line => [difference]),
    hint: dryRun ? line`发「菜单 发布」执行` : line`重新进入应用后可以看到，最慢要等一天`,
  };
}
