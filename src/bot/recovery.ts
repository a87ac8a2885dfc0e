/** What a member is told after a restart of a message that the crash left unfinished. Nothing here writes to the library. */

import { parse } from '../command/parser.ts';
import { type IncomingMessage, NO_TURN, type Outgoing, recalled, wordsIn } from '../message.ts';
import { type Line, line } from '../reply/reply.ts';
import type { ChangeRow, MessageRow } from '../store/store.ts';
import { giveUpChange, recoverChange } from './change/interrupted.ts';
import { Context } from './context.ts';
import type { BotDeps } from './deps.ts';
import { isCommand } from './dialog/question.ts';
import { messageMeant } from './message-meant.ts';
import { closeQuestion, loadSession, type Session, sentAt } from './session.ts';

/** What became of a message whose write a crash interrupted. */
export async function recover(deps: BotDeps, row: MessageRow, changes: readonly ChangeRow[]): Promise<Outgoing> {
  const message = recalled(row);
  const ctx = new Context(deps, message, NO_TURN, await loadSession(deps.store, message.member));
  ctx.session = closedBy(message, ctx.session);
  // Without the platform every step is uncertain, and that is what is told.
  await ctx
    .look()
    .catch((error: unknown) => deps.log.warn({ key: row.key, err: error }, 'recovering without the library'));
  const lines: Line[] = [];
  let undone = false;
  for (const each of changes) {
    const found = await recoverChange(ctx, each);
    lines.push(...found.lines);
    undone ||= found.state === 'failed' || found.state === 'partial';
  }
  return ctx.finish({
    tone: 'info',
    title: line`刚才机器人重启了，你之前的操作已核对`,
    lines,
    ...(undone ? { hint: line`没有做成的，需要的话请再发一次` } : {}),
    outcome: '已核对',
  });
}

/**
 * Of a message that was in hand whenever the process died: it is not looked into any more. What the journal knows of its
 * changes is told, and what it does not is called uncertain.
 */
export async function parked(deps: BotDeps, row: MessageRow, changes: readonly ChangeRow[]): Promise<Outgoing> {
  const message = recalled(row);
  const ctx = new Context(deps, message, NO_TURN, await loadSession(deps.store, message.member));
  const lines: Line[] = [];
  for (const each of changes) lines.push(...(await giveUpChange(ctx, each)));
  return ctx.finish({
    tone: 'warn',
    title:
      changes.length === 0
        ? line`处理你的消息${messageMeant(message, ctx.question)}时，机器人两次意外停下，这条消息没有执行`
        : line`处理你的消息${messageMeant(message)}时，机器人两次意外停下，不再继续`,
    lines,
    hint: line`请换个说法再发一次，并告诉管理员看日志`,
    outcome: '没有执行',
  });
}

/** Whatever was asked before the message has been answered or dropped by it; what was asked since still waits. */
function closedBy(message: IncomingMessage, session: Session): Session {
  const { question } = session;
  if (!question || question.askedBy.createTime * 1_000 > sentAt(message)) return session;
  const confirms = message.kind === 'press' || (message.kind === 'text' && isCommand(parse(message.text), 'confirm'));
  return closeQuestion(session, confirms ? 'done' : 'dropped');
}

/** Of a message that is too old to be carried out after a restart. */
export function tooOld(row: MessageRow): Outgoing {
  const message = recalled(row);
  const words = wordsIn(message);
  const asked = words === undefined ? '一条消息' : `「${words}」`;
  return {
    text: `机器人刚刚重启。你之前发的${asked}隔得太久，没有执行。需要的话请再发一次。`,
    ...(message.kind === 'press' ? { update: { kind: 'button', replaceName: '没有执行' } } : {}),
  };
}
