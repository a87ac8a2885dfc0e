/**
 * A lookup that was answered before is answered again without waiting for anything, where that is possible: one process
 * works for the corp, and knows the member's session, the library and the answer by heart. Rights are looked at as always.
 * Whatever is not as simple as that is for the whole story, which bot.ts tells.
 */

import { type IncomingMessage, NO_TURN, type Outgoing } from '../message.ts';
import type { ByHeart } from '../store/store.ts';
import { bearInMind } from './attend.ts';
import { mayLookUp } from './change/permission.ts';
import { toldBefore } from './commands/told-before.ts';
import { Context } from './context.ts';
import type { BotDeps } from './deps.ts';
import { sessionByHeart } from './session.ts';

/** undefined: the message is for the whole story. */
export function atOnce(deps: BotDeps, byHeart: ByHeart, message: IncomingMessage): Outgoing | undefined {
  if (message.kind !== 'text') return undefined;
  const session = sessionByHeart(byHeart, message.member);
  const snapshot = deps.catalog.ready();
  if (!session || session.question || !snapshot) return undefined;
  const ctx = new Context(deps, message, NO_TURN, session);
  ctx.use(snapshot);
  const told = toldBefore(ctx, message.text);
  // What is pushed has to be waited for.
  if (!told || told.drawn.outgoing.push || !mayLookUp(ctx, told.order)) return undefined;
  ctx.command = told.order.command;
  bearInMind(ctx, told.about);
  return ctx.tellAtOnce(told.drawn, byHeart);
}
