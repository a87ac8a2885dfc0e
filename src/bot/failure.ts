/** What is said of a message whose handling has failed: why, and whether what it would have changed may yet be done. */

import { BotError, codeOf, explain } from '../errors.ts';
import type { IncomingMessage, Outgoing, Turn } from '../message.ts';
import { line } from '../reply/reply.ts';
import { textLine } from '../reply/text.ts';
import type { Context } from './context.ts';
import type { BotDeps } from './deps.ts';
import { changeMeant } from './message-meant.ts';
import { isBotAdmin } from './rights.ts';

/** The reason in words; undefined when another will answer. `ctx` is missing when not even that could be made. */
export async function failure(
  { log, access, now }: BotDeps,
  message: IncomingMessage,
  turn: Turn,
  ctx: Context | undefined,
  error: unknown,
): Promise<Outgoing | undefined> {
  const known = error instanceof BotError ? error : undefined;
  const { member, key } = message;
  const fields = { member, key, code: codeOf(error), ...(known?.facts ?? {}) };
  if (!known || known.kind === 'bug') log.error({ ...fields, err: error }, 'message failed');
  else log.warn(fields, 'message failed');
  // Another replica has this very message in hand and will answer it.
  if (known?.code === 'store.taken') return undefined;
  const { sentence, advice: what } = explain(error, { admin: isBotAdmin(access, member), now: now() });
  ctx?.reopenQuestion();
  // Nothing has been sent, which only a journalled change would be.
  const change = ctx?.intended || known?.kind === 'unknown-outcome' ? undefined : changeMeant(message, ctx?.question);
  const isOpen = change && known && cannotBeNoted(known) && turn.mayYetRun();
  const advice = isOpen ? `${what}它要是后来做了，会再告诉你。` : what;
  const title = change ? line`${change}${isOpen ? '还没有做' : '没有执行'}：${sentence}` : [sentence];
  const open = isOpen ? ({ mayYetRun: true } as const) : {};
  const bare: Outgoing = {
    text: `${textLine(title)}\n${advice}`,
    ...open,
    ...(message.kind === 'press' ? { update: { kind: 'button', replaceName: '没有做成' } } : {}),
  };
  if (!ctx) return bare;
  try {
    return { ...(await ctx.finish({ tone: 'error', title, lines: [], hint: [advice], outcome: '没有做成' })), ...open };
  } catch {
    return bare;
  }
}

/** What the member is told cannot be noted either then; a turn that others kept for too long is no such thing. */
function cannotBeNoted({ code }: BotError): boolean {
  return code.startsWith('store.') && code !== 'store.turn';
}
