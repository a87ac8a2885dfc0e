/**
 * What a referring sentence (command/reference.ts) comes to: the words refer, the focus and the library say to what.
 *
 * A tag or group in focus is named in full and looked up anew, so that an order by reference is an order like any other.
 * What destroys or renames by reference is shown as a plan; an add runs and names its group. Where nothing is in focus,
 * one sentence says what to write instead.
 */

import type { Parsed } from '../../command/reading.ts';
import type { Reference } from '../../command/reference.ts';
import { commandRow } from '../../command/table/grammar.ts';
import type { Understanding } from '../../resolve/order.ts';
import { resolve } from '../../resolve/resolve.ts';
import type { Context } from '../context.ts';
import { focusAt } from '../focus.ts';
import { inBoth } from './both.ts';
import { instead } from './instead.ts';
import { addMore, addTo, drop, renameToo, toEdge, tooFor } from './more.ts';
import { onPointed } from './on-pointed.ts';
import { groupInFocus } from './pointed.ts';
import { quoted, type Referred } from './referred.ts';
import { whichChanges } from './which-undo.ts';

/** undefined: the sentence refers to nothing after all and is read as it stands. */
export async function refer(ctx: Context, reference: Reference, parsed: Parsed): Promise<Referred | undefined> {
  const focus = focusAt(ctx.session.focus, ctx.sentAt);
  if (standsAlone(resolve(parsed, ctx.view))) return undefined;
  switch (reference.refers) {
    case 'undo':
      return whichChanges(ctx, reference.which, focus);
    case 'delete':
    case 'top':
    case 'last':
    case 'find':
    case 'list':
    case 'rename':
      return onPointed(ctx, reference, focus);
    case 'toFront':
    case 'toEnd':
      return toEdge(ctx, reference, focus);
    case 'renameToo':
      return renameToo(ctx, reference, focus);
    case 'add':
      return addMore(ctx, reference, focus);
    case 'addTo':
      return addTo(ctx, reference.place, focus);
    case 'too':
      return tooFor(ctx, reference, focus);
    case 'both':
      return inBoth(ctx, reference, focus);
    case 'instead':
      return instead(ctx, reference, focus);
    case 'drop':
      return drop(ctx, reference.names, focus);
  }
}

/** 再加一个白金卡到会员级别 says everything itself. */
function standsAlone(understanding: Understanding): boolean {
  if (understanding.kind === 'batch') return true;
  if (understanding.kind !== 'one') return false;
  const { order } = understanding;
  return order.command.startsWith('tag.') || order.command.startsWith('group.')
    ? commandRow(order.command).risk !== 'read' && !('absent' in order && order.absent.length > 0)
    : false;
}

/** 加个钻石卡 right after 会员级别 was spoken of: it goes there. A formal 标签 添加 says its place or is asked. */
export function whereLeftOff(ctx: Context, parsed: Parsed): Parsed {
  if (parsed.kind !== 'sentence' || parsed.formal !== false || !COUNTED_ADD.test(parsed.text ?? '')) return parsed;
  const [best, ...others] = parsed.readings;
  if (best?.command !== 'tag.add' || best.group !== undefined) return parsed;
  const group = groupInFocus(ctx, focusAt(ctx.session.focus, ctx.sentAt));
  if (group === undefined || group.libraryId !== ctx.libraryId) return parsed;
  return { ...parsed, readings: [{ ...best, group: quoted(group.name) }, ...others] };
}

const COUNTED_ADD =
  /^(?:添加|新增|增加|加|补|來|来|建)(?:上)?(?:[一两兩三四五几幾\d]*个|[一两兩三四五几幾\d]*個|[俩仨])/u;
