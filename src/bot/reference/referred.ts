/** What a reference comes to, and the ways to put it: names and places as they are said here, resolved like any other. */

import type { Pointer } from '../../command/pointer.ts';
import type { Reading } from '../../command/reading.ts';
import type { Reference } from '../../command/reference.ts';
import { listOf, textOf } from '../../command/tokens.ts';
import { code, line, name, type Reply } from '../../reply/reply.ts';
import { readableLibraries } from '../../resolve/names.ts';
import type { Order, Understanding } from '../../resolve/order.ts';
import { resolve } from '../../resolve/resolve.ts';
import type { LibraryId } from '../../tags/tag.ts';
import { fold } from '../../text.ts';
import type { Context } from '../context.ts';
import type { Focus } from '../focus.ts';
import { groupInFocus } from './pointed.ts';

export type Referred =
  /** `showFirst`: as a plan, although it may destroy nothing. */
  | { readonly kind: 'understood'; readonly understanding: Understanding; readonly showFirst: boolean }
  | { readonly kind: 'undo'; readonly ids: readonly number[] }
  | { readonly kind: 'told'; readonly reply: Reply };

/** What a name stands for when it is a place: 华南的 → the library of 华南区, 客户价值里 → that group. */
export function placeCalled(ctx: Context, said: string): { readonly library?: LibraryId; readonly group?: string } {
  const bare = said
    .replace(/(?:那边的?|这边的?|里面的?|里的?|下面的?|中的?|那个组?|这个组|的那个|标签组|规则组|的)$/u, '')
    .trim();
  const { library } = ctx.snapshot;
  const wanted = fold(bare);
  if (wanted.length < 2) return {};
  const rules = readableLibraries(ctx.view);
  const exact = rules.filter((rule) => fold(rule.name) === wanted);
  const begins = exact.length > 0 ? exact : rules.filter((rule) => fold(rule.name).startsWith(wanted));
  const [rule] = begins;
  const group = library.groupsNamed(bare).find((each) => ctx.rights.readable.has(each.libraryId));
  if (group !== undefined) return { group: group.name };
  return rule !== undefined && begins.length === 1 ? { library: rule.id } : {};
}

/** 它, 这个: says no name. */
export function isPointing(said: string): boolean {
  return /^(?:它|他|她|这个|那个|这些|那些|这个组|那个组)的?$/u.test(said.trim());
}

/** The names of a list, as typed. */
export function namesIn(said: string): string[] {
  return listOf(textOf(said));
}

type Within = { readonly group?: string };

/** In the group in focus when the name is there, else wherever it is; undefined when it is nowhere. */
export function clear(
  ctx: Context,
  focus: Focus | undefined,
  make: (group: Within) => Reading,
  showFirst: boolean,
): Referred | undefined {
  const understanding = firstClear(ctx, focus, make);
  return understanding && { kind: 'understood', understanding, showFirst };
}

/** As `clear`, before it is decided whether it is shown first. */
export function firstClear(
  ctx: Context,
  focus: Focus | undefined,
  make: (group: Within) => Reading,
): Understanding | undefined {
  const group = groupInFocus(ctx, focus);
  const tries = [
    ...(group === undefined ? [] : [inRuleGroup(ctx, [make({ group: quoted(group.name) })], group.libraryId)]),
    inRuleGroup(ctx, [make({})], undefined),
  ];
  const whole = tries.find((each) => each.kind === 'one' && !('absent' in each.order && each.order.absent.length > 0));
  return whole ?? tries.find((each) => each.kind === 'choice' || each.kind === 'slot');
}

/** These readings, in the library where the focus is. */
export function understood(
  ctx: Context,
  readings: readonly Reading[],
  libraryId: LibraryId | undefined,
  { refers }: Pick<Reference, 'refers'>,
): Referred {
  return {
    kind: 'understood',
    understanding: inRuleGroup(ctx, readings, libraryId),
    showFirst: refers === 'rename' || refers === 'delete',
  };
}

/** Resolved where the focus is, which may be another rule group than the member's own. */
export function inRuleGroup(
  ctx: Context,
  readings: readonly Reading[],
  libraryId: LibraryId | undefined,
): Understanding {
  const text = ctx.message.kind === 'text' ? ctx.message.text : '';
  const view = ctx.view;
  return resolve(
    { kind: 'sentence', readings, text: `\u2060${text}`, formal: false },
    libraryId === undefined ? view : { ...view, libraryId },
  );
}

/** A name that is taken literally. */
export function quoted(called: string): string {
  return `「${called}」`;
}

/** A single order that needs no understanding any more. */
export function one(order: Order, showFirst: boolean): Referred {
  return { kind: 'understood', understanding: { kind: 'one', order }, showFirst };
}

/** What is said to a pointer when nothing was spoken of. */
export function nothingInFocus({ said }: Pointer): Referred {
  return said === ''
    ? told(line`要改哪一个？前面没有说到标签`, '请连名字一起说，例如：把「原来的名字」改成「新名字」。')
    : told(line`${name(said)}指的是哪一个？前面没有说到`, '请写出标签的名字再发一次，什么都没有改。');
}

/** Likewise to 也, where there is nothing that could be done again. */
export function nothingBefore(said: string): Referred {
  return {
    kind: 'told',
    reply: {
      tone: 'info',
      title: line`${name(said)}要怎么改？前面没有说到可以照做的`,
      lines: [],
      hint: line`请说完整，例如：${code('标签 添加 名字 到 组名')}。什么都没有改。`,
    },
  };
}

/** An answer, and nothing else. */
export function told(title: Reply['title'], hint: string): Referred {
  return { kind: 'told', reply: { tone: 'info', title, lines: [], hint: [hint] } };
}
