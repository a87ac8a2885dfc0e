/**
 * Names that the app itself may not know: a 第三方 app sees userids alone. The platform puts the name in their place in what
 * is pushed (doc 91958), so an answer that names somebody is pushed where it would otherwise be text alone; in what goes back
 * passively the userid stands, which is what an order about somebody wants.
 *
 * Until then a userid travels between marks, spelt so that no form of an answer escapes or folds anything in it.
 */

import type { CardUpdate, Outgoing, PushMessage } from '../message.ts';
import type { Directory } from '../people.ts';

/** Private use. As long as what the platform wants to see, so that a full answer stays within its limit. */
const BEGIN = '\uE000'.repeat(2);
const END = '\uE001'.repeat(2);
const OTHERS = 0xe100;
const MARKED = /\uE000{2}([A-Za-z0-9\uE100-\uE17F]+)\uE001{2}/g;
/** Of one that was cut. */
const LEFT_OVER = /[\uE000\uE001\uE100-\uE17F]/g;

/** The same directory; whoever is asked for by name is told by a mark. */
export function withMarks(directory: Directory): Directory {
  return { ...directory, name: async (userid) => mark(userid) };
}

function mark(userid: string): string {
  const spelt = userid.replace(/[^A-Za-z0-9]/g, (char) => String.fromCharCode(OTHERS + (char.charCodeAt(0) & 0x7f)));
  return `${BEGIN}${spelt}${END}`;
}

function spelling(spelt: string): string {
  return spelt.replace(/[\uE100-\uE17F]/g, (char) => String.fromCharCode(char.charCodeAt(0) - OTHERS));
}

/** Whether somebody is named in it. */
export function namesSomebody({ text }: Outgoing): boolean {
  return text.includes(BEGIN);
}

/** What travels: pushed with the platform's own marks, passively with userids. */
export function unmarked(outgoing: Outgoing): Outgoing {
  if (!JSON.stringify(outgoing).includes(BEGIN)) return outgoing;
  const { text, update } = outgoing;
  const push: PushMessage = outgoing.push ?? { msgtype: 'text', text: { content: text } };
  return {
    ...outgoing,
    text: asUserids(text),
    push: everywhere(push, asMarks),
    ...(update && { update: everywhere<CardUpdate>(update, asUserids) }),
  };
}

function asMarks(text: string): string {
  return text.replace(MARKED, (_, spelt: string) => `$userName=${spelling(spelt)}$`).replace(LEFT_OVER, '');
}

function asUserids(text: string): string {
  return text.replace(MARKED, (_, spelt: string) => spelling(spelt)).replace(LEFT_OVER, '');
}

function everywhere<T>(value: T, change: (text: string) => string): T {
  return JSON.parse(JSON.stringify(value), (_, part: unknown) => (typeof part === 'string' ? change(part) : part)) as T;
}
