/**
 * An answer that is owed, in as many parts as it takes: what is given with the next message shares 2,048 bytes with that
 * message's own answer. Pure.
 */

import type { Outgoing } from '../message.ts';
import type { MessageRow } from '../store/store.ts';
import { cutUtf8, utf8Length } from '../text.ts';

/** Most bytes of a text, pushed or passive (docs 90236, 90241). */
export const TEXT_LIMIT = 2048;

const HEAD = '【补发】上一条的回复当时没能送达：\n';
const GOES_ON = '…（没完，再发一句话接着给）';
const CONTINUED = '（接上）';
/** A shorter part is not worth reading. */
const LEAST = 200;

export interface Part {
  readonly text: string;
  /** The answer that is owed still. */
  readonly rest: Outgoing | undefined;
}

/** As much of the row's answer as `room` bytes take; undefined when that is next to nothing. */
export function partOf(row: MessageRow, room: number): Part | undefined {
  const outgoing: Outgoing = row.answer === undefined ? { text: '' } : (JSON.parse(row.answer) as Outgoing);
  const whole = HEAD + outgoing.text;
  if (utf8Length(whole) <= room) return { text: whole, rest: undefined };
  const bytes = room - utf8Length(HEAD + GOES_ON);
  if (bytes < LEAST) return undefined;
  const part = upToBorder(cutUtf8(outgoing.text, bytes));
  return {
    text: HEAD + part + GOES_ON,
    rest: { ...outgoing, text: CONTINUED + outgoing.text.slice(part.length).trimStart() },
  };
}

/** Ends with a line or a name of a list, where there is one in the latter half. */
function upToBorder(text: string): string {
  const border = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('、')) + 1;
  return border > text.length / 2 ? text.slice(0, border) : text;
}
