/**
 * Lookups that were answered before: colleagues ask for the same few names, and while the library is the same, so is
 * what is found. The key holds all that an answer depends on; whether it may be given is asked anew each time.
 */

import type { Order } from '../../resolve/order.ts';
import type { Snapshot } from '../../tags/catalog.ts';
import type { Context, DrawnReply } from '../context.ts';
import type { About } from '../focus.ts';

export interface ToldAnswer {
  readonly order: Order;
  readonly drawn: DrawnReply;
  /** What the member may refer to next. */
  readonly about: About;
}

/** Of one library: gone with it. At most 6 KB each. */
const tolds = new WeakMap<Snapshot, Map<string, ToldAnswer>>();
const MOST_TOLD = 500;
/** Longer texts are no names that anybody repeats. */
const LONGEST_TEXT = 40;

/** What was answered to the same characters in the same circumstances. The library must have been looked at. */
export function toldBefore(ctx: Context, typed: string): ToldAnswer | undefined {
  return tolds.get(ctx.snapshot)?.get(keyOf(ctx, typed));
}

/** Keeps an answer that these words alone have led to: they must refer to nothing that was said before. */
export function keepTold(ctx: Context, typed: string, told: ToldAnswer): void {
  if (typed.length > LONGEST_TEXT || told.drawn.asks || !dependsOnWordsAlone(told.order)) return;
  const ofLibrary = tolds.get(ctx.snapshot) ?? new Map<string, ToldAnswer>();
  if (ofLibrary.size >= MOST_TOLD) ofLibrary.clear();
  ofLibrary.set(keyOf(ctx, typed), told);
  tolds.set(ctx.snapshot, ofLibrary);
}

function keyOf(ctx: Context, typed: string): string {
  const { rights, format } = ctx;
  const { libraryId, unchosen } = ctx.view;
  const scope = [...rights.readable].map((id) => `${id}${rights.in(id)?.right}`);
  return `${libraryId} ${unchosen} ${format} ${scope} ${typed}`;
}

/** Other lookups tell who asks (我), when (历史, 统计), or what only the platform knows (规则组 详情). */
function dependsOnWordsAlone({ command }: Order): boolean {
  return command === 'tag.find' || command === 'tag.list' || command === 'group.list';
}
