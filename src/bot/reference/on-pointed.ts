/** What is to be done with what is pointed at: 删掉它, 第二个改成…, 这个组置顶, 它在哪个组. */

import type { Pointer } from '../../command/pointer.ts';
import type { Reading } from '../../command/reading.ts';
import type { Reference } from '../../command/reference.ts';
import { line } from '../../reply/reply.ts';
import type { GroupRef, TagRef } from '../../resolve/order.ts';
import type { Context } from '../context.ts';
import type { Focus } from '../focus.ts';
import { groupInFocus, type Meant, meantBy } from './pointed.ts';
import { inRuleGroup, nothingInFocus, one, quoted, type Referred, told, understood } from './referred.ts';

export type PointingReference = Extract<Reference, { refers: 'delete' | 'top' | 'last' | 'find' | 'list' | 'rename' }>;

/** undefined: what looked like a pointer is none, and the words are read as they stand. */
export function onPointed(ctx: Context, reference: PointingReference, focus: Focus | undefined): Referred | undefined {
  const { what } = reference;
  if (reference.refers === 'list' && groupInFocus(ctx, focus) === undefined) return undefined;
  if (focus === undefined) return what.points === 'one' && what.of !== undefined ? undefined : nothingInFocus(what);
  const meant = meantBy(ctx, what, focus);
  switch (meant.kind) {
    case 'elsewhere':
      return undefined;
    case 'none':
      return nothingInFocus(what);
    case 'outOfRange':
      return told(line`上面只有 ${meant.count} 个`, `请写出名字，或说「第几个」。`);
    case 'count':
      return told(line`上面说到的是 ${meant.count} 个，和你说的对不上`, '请写出名字再发一次，什么都没有改。');
    case 'group':
      return understood(ctx, groupReadings(reference, meant.group), meant.group.libraryId, reference);
    case 'tags':
      return meant.tags.length === 1 || (reference.refers === 'delete' && what.points !== 'one')
        ? onTags(ctx, reference, meant.tags)
        : ofSeveral(ctx, reference, meant, what);
  }
}

/** The first of these tags, or all of them where they are to be deleted. */
export function onTags(ctx: Context, reference: PointingReference, tags: readonly TagRef[]): Referred {
  const [tag] = tags;
  if (reference.refers === 'delete') return one({ command: 'tag.delete', targets: tags, absent: [] }, true);
  if (tag === undefined) return nothingInFocus(reference.what);
  return understood(ctx, [tagReading(reference, tag)], tag.group.libraryId, reference);
}

/** 它 may be any of several: asked; 第一个和第二个 are all of them. */
export function ofSeveral(
  ctx: Context,
  reference: PointingReference,
  { tags }: Extract<Meant, { kind: 'tags' }>,
  what: Pointer,
): Referred {
  const each = tags.map((tag) => {
    return { tag, understanding: inRuleGroup(ctx, [tagReading(reference, tag)], tag.group.libraryId) };
  });
  const orders = each.flatMap(({ tag, understanding }) =>
    understanding.kind === 'one' ? [{ tag, order: understanding.order }] : [],
  );
  if (what.points !== 'one' && orders.length === each.length && reference.refers !== 'rename') {
    const lines = orders.map(({ tag, order }, at) => ({ number: at + 1, text: tag.name, order }));
    return { kind: 'understood', understanding: { kind: 'batch', lines }, showFirst: false };
  }
  if (orders.length === 0) return nothingInFocus(what);
  const options = orders.slice(0, 10).map(({ tag, order }) => ({ label: tag.name, detail: tag.group.name, order }));
  return { kind: 'understood', understanding: { kind: 'choice', asked: line`是哪一个？`, options }, showFirst: true };
}

function tagReading(reference: PointingReference, tag: TagRef): Reading {
  const named = { tag: quoted(tag.name), group: quoted(tag.group.name) };
  switch (reference.refers) {
    case 'rename':
      return { command: 'tag.rename', ...named, ...(reference.to === undefined ? {} : { to: reference.to }) };
    case 'last':
      return { command: 'tag.order', ...named, last: true };
    case 'find':
    case 'list':
      return { command: 'tag.find', query: named.tag, group: named.group };
    case 'delete':
      return { command: 'tag.delete', tags: [named.tag], group: named.group };
    case 'top':
      return { command: 'tag.top', ...named };
  }
}

function groupReadings(reference: PointingReference, { name: called }: GroupRef): Reading[] {
  const group = quoted(called);
  switch (reference.refers) {
    case 'rename':
      return [{ command: 'group.rename', group, ...(reference.to === undefined ? {} : { to: reference.to }) }];
    case 'delete':
      return [{ command: 'group.delete', groups: [group] }];
    case 'find':
    case 'list':
      return [{ command: 'tag.list', group }];
    case 'top':
      return [{ command: 'group.top', group }];
    case 'last':
      return [{ command: 'group.order', group, last: true }];
  }
}
