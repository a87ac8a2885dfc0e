/** One row of the command table, and what the rows need to read their slots. */

import type { CommandId, Reading, ReadingOf } from '../reading.ts';
import { listOf, type Text } from '../tokens.ts';
import { type Form, form, type Slots } from './forms.ts';

/** read: changes nothing. write: runs at once. destroy: shown as a plan first. */
export type Risk = 'read' | 'write' | 'destroy';
export type Right = 'anyone' | 'read' | 'edit' | 'admin' | 'bot-admin';

/** The three of the application menu, in its order. */
export const MENU_BRANCHES = ['查标签', '常用', '更多'] as const;

/** A button of the application menu; it says the first of the row's words unless something else stands here. */
export interface Button {
  readonly under: (typeof MENU_BRANCHES)[number];
  readonly name: string;
  readonly says?: string;
}

export interface CommandRow {
  readonly id: CommandId;
  /** The canonical words, then others that mean the same. */
  readonly words: readonly [string, ...string[]];
  /** What the member names, for the manual: 标签、标签组 … */
  readonly slots: readonly string[];
  readonly risk: Risk;
  readonly right: Right;
  /** Texts that are this command; {组} {标签} {规则组} stand for live names in the help. */
  readonly examples: readonly [string, ...string[]];
  /** One short line for the help. */
  readonly summary: string;
  readonly menu?: Button;
  readonly forms: readonly Form[];
  /** Typed slots → what is meant; undefined when the slots cannot be that. Several when the text leaves it open. */
  readonly read: (slots: Slots) => readonly Reading[] | undefined;
}

/** A row whose forms are written in the notation of forms.ts and whose reader yields its own command only. */
export function row<C extends CommandId>(
  id: C,
  entry: Omit<CommandRow, 'id' | 'forms' | 'read'> & {
    readonly forms: readonly string[];
    readonly read: (slots: Slots) => ReadingOf<C> | readonly ReadingOf<C>[] | undefined;
  },
): CommandRow {
  const { forms, read, ...rest } = entry;
  return {
    ...rest,
    id,
    forms: forms.map(form),
    read: (slots) => {
      const readings = read(slots);
      return readings === undefined ? undefined : ([readings].flat() as Reading[]);
    },
  };
}

/** The slot as typed, quotes kept; '' when the form has none. */
export function typed(slot: Text | undefined): string {
  return slot?.raw ?? '';
}

/** The names in a list slot, quotes kept. */
export function names(slot: Text | undefined): string[] {
  return slot === undefined ? [] : listOf(slot);
}

/** `{ key: value }` for a slot that is there, nothing for one that is not. */
export function given<K extends string>(key: K, slot: Text | undefined): { readonly [P in K]?: string } {
  return slot === undefined ? {} : ({ [key]: slot.raw } as { readonly [P in K]?: string });
}

/** A whole number as typed in any width; undefined when the slot is something else. */
export function integer(slot: Text | undefined): number | undefined {
  return slot !== undefined && /^[-+]?\d{1,15}$/.test(slot.plain) ? Number(slot.plain) : undefined;
}

/** `VIP 100`: the number is the value; `VIP100` may be a name as well; without a number the value is missing. */
export function orderReadings(slots: Slots): { readonly name: string; readonly order: { readonly order?: number } }[] {
  const slot = slots.tag ?? slots.group;
  if (slots.order !== undefined) {
    const order = integer(slots.order);
    return order === undefined ? [] : [{ name: typed(slot), order: { order } }];
  }
  if (slot === undefined) return [{ name: '', order: {} }];
  const parted = /^(.*?\S)(\s*)([-+]?\d{1,15})$/.exec(slot.plain);
  const whole = { name: slot.raw, order: {} };
  if (parted === null) return [whole];
  const split = { name: slot.raw.slice(0, (parted[1] as string).length), order: { order: Number(parted[3]) } };
  return parted[2] === '' ? [whole, split] : [split, whole];
}
