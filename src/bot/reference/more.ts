/** More of what was done last: 再加一个银卡, 银卡也加, 3-6岁也一样, 华南的也加, 铜卡不要了. */

import { isEverydayObject } from '../../command/guard.ts';
import type { Pointer } from '../../command/pointer.ts';
import type { CommandId, Reading } from '../../command/reading.ts';
import type { Reference } from '../../command/reference.ts';
import type { GroupRef } from '../../resolve/order.ts';
import type { Context } from '../context.ts';
import type { Focus } from '../focus.ts';
import { inOther, inOtherGroup } from './elsewhere.ts';
import { groupInFocus, groupsShown, nthOf } from './pointed.ts';
import {
  clear,
  firstClear,
  inRuleGroup,
  isPointing,
  namesIn,
  nothingBefore,
  nothingInFocus,
  placeCalled,
  quoted,
  type Referred,
  understood,
} from './referred.ts';

/** 再加一遍, 再加油, 还要多久. */
const NO_NAME =
  /^(?:[一两三几]?(?:遍|次|回|下|点|些|会儿?)|油|班|急|回来?|来|去|多|人|好友|微信|钱|价|倍|课时|时间|说|看|想)$/u;

/** 银卡也一样 改成白银会员: the tag is named; of twins the one in the group in focus. */
export function renameToo(
  ctx: Context,
  { tag, to }: Extract<Reference, { refers: 'renameToo' }>,
  focus: Focus | undefined,
): Referred | undefined {
  const understanding = firstClear(ctx, focus, (group) => ({ command: 'tag.rename', tag, to, ...group }));
  return understanding && { kind: 'understood', understanding, showFirst: false };
}

/** 再加一个银卡, 银卡加进去: into the group that is pointed at, else the one in focus. undefined: not meant so. */
export function addMore(
  ctx: Context,
  reference: Extract<Reference, { refers: 'add' }>,
  focus: Focus | undefined,
): Referred | undefined {
  const { into, verbless } = reference;
  if (into !== undefined && into.points !== 'group' && into.points !== 'nth') {
    // 加到它后面: the place is a tag's, so the group is the one in focus.
    if (into.points !== 'one' || into.of !== undefined || into.said === '') return undefined;
  }
  const group = into?.points === 'nth' ? nthGroup(ctx, into, focus) : groupInFocus(ctx, focus);
  const tags = namesIn(reference.tags);
  const [only = ''] = tags;
  if (tags.length === 1 && (isEverydayObject(only) || NO_NAME.test(only))) return undefined;
  if (group === undefined) {
    if (into !== undefined) return nothingInFocus(into);
    return verbless ? undefined : understood(ctx, [{ command: 'tag.add', tags }], undefined, reference);
  }
  const making = focus?.order?.command === 'tag.add' || focus?.order?.command === 'group.create';
  if (verbless && !making && focus?.order?.command !== 'tag.list') return undefined;
  const reading: Reading = { command: 'tag.add', tags, group: quoted(group.name) };
  return {
    kind: 'understood',
    understanding: inRuleGroup(ctx, [reading], group.libraryId),
    showFirst: verbless === true && !making,
  };
}

/** 把金卡放到最后, 把换货挪到售后问题的最前面: of tags or groups that exist; nothing else is such an order. */
export function toEdge(
  ctx: Context,
  { refers, name, group: typed }: Extract<Reference, { refers: 'toFront' | 'toEnd' }>,
  focus: Focus | undefined,
): Referred | undefined {
  const called = name.replace(/(?:这个|那个)?(?:标签)?组$/u, '');
  const last = refers === 'toEnd' ? ({ last: true } as const) : {};
  const tag = clear(
    ctx,
    focus,
    (group) => ({
      command: refers === 'toEnd' ? 'tag.order' : 'tag.top',
      tag: name,
      ...last,
      ...(typed === undefined ? group : { group: typed }),
    }),
    false,
  );
  if (tag !== undefined || typed !== undefined) return tag;
  if (ctx.snapshot.library.groupsNamed(called).length === 0) return undefined;
  return understood(ctx, [{ command: 'group.order', group: called, last: true }], undefined, { refers: 'last' });
}

/** 会员级别加个标签: asks for the name; anything else that looks so is read as it stands. */
export function addTo(ctx: Context, place: string, focus: Focus | undefined): Referred | undefined {
  const readable = ctx.snapshot.library.groupsNamed(place).filter((each) => ctx.rights.readable.has(each.libraryId));
  const here = [ctx.libraryId, focus?.group?.libraryId].map((id) => readable.find((each) => each.libraryId === id));
  const group = here.find((each) => each !== undefined) ?? readable[0];
  if (group === undefined) return undefined;
  const reading: Reading = { command: 'tag.add', tags: [], group: quoted(group.name) };
  return { kind: 'understood', understanding: inRuleGroup(ctx, [reading], group.libraryId), showFirst: false };
}

function nthGroup(
  ctx: Context,
  { positions }: Extract<Pointer, { points: 'nth' }>,
  focus: Focus | undefined,
): GroupRef | undefined {
  const [position = 0] = positions;
  return focus && nthOf(groupsShown(ctx, focus), position);
}

/** 银卡也加, 华南的也一样, 华南的呢: what was done last, for other names or in another place. undefined: not meant so. */
export function tooFor(
  ctx: Context,
  { names, verb }: Extract<Reference, { refers: 'too' }>,
  focus: Focus | undefined,
): Referred | undefined {
  const place = placeCalled(ctx, names);
  if (verb === 'look')
    return place.library !== undefined && focus?.order !== undefined && LOOKS.has(focus.order.command)
      ? inOther(ctx, focus, place.library, false)
      : undefined;
  if (place.library !== undefined) {
    if (focus === undefined) return nothingBefore(names);
    if (verb in DONE_THERE && DONE_THERE[verb] !== focus.order?.command) return undefined;
    return inOther(ctx, focus, place.library, false);
  }
  const { order } = focus ?? {};
  if (place.group !== undefined && focus !== undefined && order !== undefined && DONE_THERE[verb] === order.command)
    return inOtherGroup(ctx, focus, place.group, false);
  if (verb === 'rename' || verb === 'delete' || verb === 'top') return undefined;
  if (verb === 'add' && place.group !== undefined && order?.command === 'tag.add') {
    const reading: Reading = { command: 'tag.add', tags: order.tags.map(quoted), group: quoted(place.group) };
    return understood(ctx, [reading], focus?.group?.libraryId, { refers: 'add' });
  }
  if (isPointing(names)) return nothingBefore(names);
  if (verb === 'add' || order?.command === 'tag.add' || order?.command === 'group.create') {
    const group = groupInFocus(ctx, focus);
    if (group === undefined && verb === 'same') return nothingBefore(names);
    return addMore(ctx, { refers: 'add', tags: names }, focus);
  }
  switch (order?.command) {
    case 'tag.delete':
      return drop(ctx, names, focus);
    case 'tag.top':
      return clear(ctx, focus, (group) => ({ command: 'tag.top', tag: names, ...group }), false);
    case 'tag.rename':
      return clear(ctx, focus, (group) => ({ command: 'tag.rename', tag: names, ...group }), true);
    case undefined:
      return nothingBefore(names);
    default:
      return undefined;
  }
}

/** What was done last, when 客户价值的也改 means the same there. */
const DONE_THERE: Readonly<Record<string, CommandId>> = {
  rename: 'tag.rename',
  delete: 'tag.delete',
  top: 'tag.top',
};

const LOOKS: ReadonlySet<CommandId> = new Set(['tag.list', 'tag.find', 'group.list']);

/** 铜卡不要了: only what exists is dropped; anything else is talk. */
export function drop(ctx: Context, names: string, focus: Focus | undefined): Referred | undefined {
  const tags = namesIn(names);
  const found = clear(ctx, focus, (group) => ({ command: 'tag.delete', tags, ...group }), true);
  if (found?.kind !== 'understood' || found.understanding.kind !== 'one') return found;
  const { order } = found.understanding;
  return order.command === 'tag.delete' && order.absent.length === 0 ? found : undefined;
}
