/** The last thing for both libraries: 两边的, 两边都加. */

import type { CommandId } from '../../command/reading.ts';
import type { Reference } from '../../command/reference.ts';
import { code, line, name } from '../../reply/reply.ts';
import { readableLibraries } from '../../resolve/names.ts';
import type { LibraryRef, Order, Understanding } from '../../resolve/order.ts';
import { resolve } from '../../resolve/resolve.ts';
import type { Context } from '../context.ts';
import type { Focus } from '../focus.ts';
import { readingOf } from './elsewhere.ts';
import { nothingBefore, type Referred } from './referred.ts';

type Both = Extract<Reference, { refers: 'both' }>;

const MEANT: Readonly<Record<Both['verb'], readonly CommandId[]>> = {
  look: ['tag.list', 'tag.find', 'group.list', 'stats'],
  add: ['tag.add'],
  rename: ['tag.rename'],
  delete: ['tag.delete'],
  top: ['tag.top'],
  any: ['tag.list', 'tag.find', 'group.list', 'stats', 'tag.add', 'tag.rename', 'tag.delete', 'tag.top'],
};

export function inBoth(ctx: Context, { said, verb }: Both, focus: Focus | undefined): Referred {
  const { order } = focus ?? {};
  if (focus === undefined || order === undefined || !MEANT[verb].includes(order.command)) return nothingBefore(said);
  const libraries = bothOf(ctx, focus);
  if (libraries === undefined) return whichOnes(ctx, said);
  const looks = MEANT.look.includes(order.command);
  // What is done already is not done again.
  const left =
    focus.change === undefined || looks ? libraries : libraries.filter(({ id }) => id !== focus.group?.libraryId);
  const found = left.map((library) => inLibrary(ctx, order, library));
  const [only] = found;
  const open = found.find(({ kind }) => kind !== 'one');
  if (only !== undefined && (found.length === 1 || open !== undefined))
    return { kind: 'understood', understanding: open ?? only, showFirst: false };
  const lines = found.flatMap((each, at) =>
    each.kind === 'one' ? [{ number: at + 1, text: left[at]?.name ?? '', order: each.order }] : [],
  );
  return { kind: 'understood', understanding: { kind: 'batch', lines }, showFirst: false };
}

/** The two that hold what was spoken of, or the only two that may be read; of more, 企业标签 and the one where that is. */
function bothOf(ctx: Context, { group, tags }: Focus): readonly LibraryRef[] | undefined {
  const readable = readableLibraries(ctx.view);
  const { library } = ctx.snapshot;
  const spoken = group === undefined ? tags : library.groupsNamed(group.name);
  const holding = readable.filter(({ id }) => spoken.some(({ libraryId }) => libraryId === id));
  const here = group?.libraryId ?? ctx.libraryId;
  const sides = readable.filter(({ id }) => id === 'corp' || id === here);
  return [holding, readable, sides].find(({ length }) => length === 2);
}

function inLibrary(ctx: Context, order: Order, { id }: LibraryRef): Understanding {
  const reading = readingOf(order);
  if (reading === undefined) return { kind: 'nothing', nearest: [order.command] };
  const view = { ...ctx.view, libraryId: id, readable: new Set([id]), unchosen: false, named: id };
  const understanding = resolve({ kind: 'sentence', readings: [reading] }, view);
  if (understanding.kind !== 'absent' || order.command !== 'tag.list') return understanding;
  return { kind: 'one', order: { command: 'tag.find', query: understanding.name, group: undefined, libraryId: id } };
}

function whichOnes(ctx: Context, said: string): Referred {
  const [first, second] = readableLibraries(ctx.view).map((library) => library.name);
  return {
    kind: 'told',
    reply: {
      tone: 'info',
      title: line`${name(said)}指的是哪两个标签库？`,
      lines: [],
      hint:
        first === undefined || second === undefined
          ? line`你能看的标签库只有一个。`
          : line`请写出名字，例如：${code(`${first}和${second}的客户分级`)}。什么都没有改。`,
    },
  };
}
