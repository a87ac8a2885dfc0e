/** Tags of one group in the order in which they were named: the values they have, dealt out anew. Pure. */

import { MAX_ORDER } from '../tags/tag.ts';
import type { View } from './names.ts';
import type { BatchOrder } from './order.ts';

/**
 * `lines` bring one after the other to the top. Where the named tags have values of their own they keep these among
 * themselves, so that nobody else's place changes; where some are equal all of them go above the others. The lines as
 * they are when they are of several groups, name one twice, or there is no room.
 */
export function arranged(lines: readonly BatchOrder[], { library }: View): readonly BatchOrder[] {
  const tops = lines.flatMap(({ order, ...line }) => (order.command === 'tag.top' ? [{ ...line, ...order }] : []));
  const named = tops.toReversed();
  const group = library.group(named[0]?.target.group.id ?? '');
  const ids = new Set(named.map(({ target }) => target.id));
  if (!group || ids.size < lines.length || named.some(({ target }) => target.group.id !== group.id)) return lines;
  const others = group.tags.filter(({ id }) => !ids.has(id)).map(({ order }) => order);
  const own = group.tags.filter(({ id }) => ids.has(id)).map(({ order }) => order);
  const values = own.toSorted((a, b) => b - a);
  const isDistinct = new Set([...own, ...others]).size === own.length + others.length;
  const highest = Math.max(0, ...others) + named.length;
  if (!isDistinct && highest > MAX_ORDER) return lines;
  return named.map(({ target, number, text }, at) => ({
    number,
    text,
    order: { command: 'tag.order', target, order: (isDistinct ? values[at] : undefined) ?? highest - at },
  }));
}
