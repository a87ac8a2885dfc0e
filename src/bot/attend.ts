/** Keeps in mind what an exchange was about, for the next one. */

import type { Reading } from '../command/reading.ts';
import { nameOf } from '../command/tokens.ts';
import { groupRef } from '../resolve/names.ts';
import type { Order, OrderOf } from '../resolve/order.ts';
import type { Context } from './context.ts';
import { type About, focusAt, focusOn } from './focus.ts';

/** Hits of a search that can be pointed at. */
const MOST_HITS = 20;

/** After the order was carried out, asked or answered. */
export function attend(ctx: Context, order: Order): void {
  if (order.command === 'undo' && ctx.changeId === undefined) return;
  const former = focusAt(ctx.session.focus, ctx.sentAt);
  const found = order.command === 'tag.find' ? foundBy(ctx, order) : [];
  if (order.command === 'tag.find' && found.length === 0) return;
  const made = focusOn(order, ctx.snapshot.library, found);
  if (made === undefined) return;
  // What is taken back was about something all the same: 再加一个 goes where the last one went.
  const stays = order.command === 'undo' || order.command === 'stats';
  const kept = stays && former ? { tags: former.tags, ...(former.group ? { group: former.group } : {}) } : {};
  const change = ctx.changeId === undefined ? {} : { change: ctx.changeId };
  bearInMind(ctx, { ...made, ...kept, ...change });
}

/** From now on the member may refer to this. */
export function bearInMind(ctx: Context, about: About): void {
  const at = ctx.sentAt;
  const since = focusAt(ctx.session.focus, at)?.since ?? ctx.startedAt;
  ctx.about = about;
  ctx.session = { ...ctx.session, focus: { at, since, ...about } };
}

/** The group of a question that still waits for a name: 现在都有啥 means its tags. */
export function attendPlace(ctx: Context, reading: Reading): void {
  if (!('group' in reading) || reading.group === undefined) return;
  const called = ctx.snapshot.library.groupsNamed(nameOf(reading.group).name);
  const group = called.find(({ libraryId }) => libraryId === ctx.libraryId) ?? called[0];
  if (group === undefined || !ctx.rights.readable.has(group.libraryId)) return;
  bearInMind(ctx, { group: groupRef(group), tags: [] });
}

/** What the answer to a lookup named: the exact hits when there are any. */
function foundBy(ctx: Context, { query, group, libraryId }: OrderOf<'tag.find'>): string[] {
  const hits = ctx.search(query, { groupId: group?.id, libraryId });
  const exact = hits.filter((hit) => hit.rank === 'exact');
  const named = exact.length > 0 ? exact : hits;
  return named.slice(0, MOST_HITS).map((hit) => (hit.kind === 'tag' ? hit.tag.id : hit.group.id));
}
