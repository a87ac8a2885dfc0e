/** The same order in another place: 华南的也加, 不是，是华南的, 不是这个组 是客户价值. */

import type { Reading } from '../../command/reading.ts';
import type { Order, Understanding } from '../../resolve/order.ts';
import { resolve } from '../../resolve/resolve.ts';
import type { LibraryId } from '../../tags/tag.ts';
import type { Context } from '../context.ts';
import type { Focus } from '../focus.ts';
import { meantBy } from './pointed.ts';
import { inRuleGroup, quoted, type Referred } from './referred.ts';

/** The same again in another rule group; what was wrongly added here goes, when it was a mistake. */
export function inOther(ctx: Context, focus: Focus, libraryId: LibraryId, mistaken: boolean): Referred | undefined {
  const reading = focus.order === undefined ? undefined : readingOf(focus.order);
  if (reading === undefined) return undefined;
  const understanding = resolve(
    { kind: 'sentence', readings: [reading] },
    { ...ctx.view, libraryId, readable: new Set([libraryId]) },
  );
  return withoutTheWrong(ctx, focus, understanding, mistaken);
}

/** The same in another group, likewise. */
export function inOtherGroup(ctx: Context, focus: Focus, group: string, mistaken: boolean): Referred | undefined {
  const reading = focus.order === undefined ? undefined : readingOf(focus.order);
  if (reading === undefined || !('group' in reading)) return undefined;
  const there = { ...reading, group: quoted(group) } as Reading;
  return withoutTheWrong(ctx, focus, inRuleGroup(ctx, [there], focus.group?.libraryId), mistaken);
}

function withoutTheWrong(ctx: Context, focus: Focus, understanding: Understanding, mistaken: boolean): Referred {
  const changes = focus.order?.command === 'tag.rename' || focus.order?.command === 'group.rename';
  const wrong = mistaken && focus.order?.command === 'tag.add' && focus.change !== undefined;
  if (!wrong || understanding.kind !== 'one')
    return { kind: 'understood', understanding, showFirst: mistaken && changes };
  const meant = meantBy(ctx, { points: 'all', said: '' }, focus);
  const targets = meant.kind === 'tags' ? meant.tags : [];
  if (targets.length === 0) return { kind: 'understood', understanding, showFirst: true };
  const lines = [
    { number: 1, text: '', order: understanding.order },
    { number: 2, text: '', order: { command: 'tag.delete', targets, absent: [] } as const },
  ];
  return { kind: 'understood', understanding: { kind: 'batch', lines }, showFirst: true };
}

/** An order as it would be said, with every name in quotes; undefined for one that is not said again. */
export function readingOf(order: Order): Reading | undefined {
  switch (order.command) {
    case 'tag.add': {
      const group = order.target.kind === 'existing' ? order.target.group.name : order.target.name;
      return { command: 'tag.add', tags: order.tags.map(quoted), group: quoted(group) };
    }
    case 'tag.delete': {
      const groups = new Set(order.targets.map((target) => target.group.name));
      const [group = ''] = groups;
      const tags = order.targets.map((target) => quoted(target.name));
      return { command: 'tag.delete', tags, ...(groups.size === 1 ? { group: quoted(group) } : {}) };
    }
    case 'tag.rename':
      return {
        command: 'tag.rename',
        tag: quoted(order.target.name),
        to: quoted(order.to),
        group: quoted(order.target.group.name),
      };
    case 'tag.top':
      return { command: 'tag.top', tag: quoted(order.target.name), group: quoted(order.target.group.name) };
    case 'tag.list':
      return { command: 'tag.list', ...(order.group === undefined ? {} : { group: quoted(order.group.name) }) };
    case 'tag.find':
      return { command: 'tag.find', query: quoted(order.query) };
    case 'group.list':
      return { command: 'group.list' };
    case 'stats':
      return { command: 'stats' };
    default:
      return undefined;
  }
}
