/**
 * What the bot remembers of one member between two messages: the rule group they work in, the question that is open,
 * where they are in a long answer, how they like their answers. Survives a restart; small.
 */

import { LRUCache } from 'lru-cache';
import type { Clock } from '../message.ts';
import type { Reply } from '../reply/reply.ts';
import type { Store } from '../store/store.ts';
import type { OpenQuestion } from './question.ts';
import type { Resolved } from './resolved.ts';

export type ReplyFormat = 'markdown' | 'text' | 'plain';

export type Fate = 'done' | 'cancelled' | 'dropped' | 'replaced';

/** What 更多 continues: a lookup is asked again, so that the next page shows the library as it is then. */
export type Page = { readonly next: number } & (
  | { readonly kind: 'again'; readonly resolved: Resolved }
  | { readonly kind: 'kept'; readonly reply: Reply }
);

export interface Session {
  readonly strategyId?: number;
  readonly question?: OpenQuestion;
  /** What became of the last question, so that a late press can be answered properly. */
  readonly last?: { readonly id: string; readonly fate: Fate };
  readonly page?: Page;
  readonly format?: ReplyFormat;
  /** Local day (YYYY-MM-DD) of the last welcome. */
  readonly welcomed?: string;
}

const NEW: Session = {};
/** Sessions by their text: most members are where they were a message ago, and reading one takes 2 % of a lookup. */
const read = new LRUCache<string, Session>({ max: 500 });
/** In characters; the few that keep a long answer for 更多 are read each time. */
const LONGEST_KEPT = 2_000;

export async function loadSession(store: Store, member: string): Promise<Session> {
  const saved = await store.session(member);
  if (saved === undefined) return NEW;
  let session = read.get(saved);
  if (session === undefined) {
    session = JSON.parse(saved) as Session;
    if (saved.length <= LONGEST_KEPT) read.set(saved, session);
  }
  return session;
}

/** `lazy` as in the store. */
export function saveSession(store: Store, member: string, session: Session, lazy: boolean): Promise<void> {
  return store.saveSession(member, JSON.stringify(session), session.question?.id, lazy);
}

/** The open question, unless its time is over. */
export function openQuestion(session: Session, now: Clock): OpenQuestion | undefined {
  return session.question && session.question.expiresAt > now() ? session.question : undefined;
}

/** Whether both are the same place of the same answer. */
export function samePage(a: Page, b: Page | undefined): boolean {
  return a === b || (b !== undefined && a.next === b.next && textOf(a) === textOf(b));
}

const texts = new WeakMap<Page, string>();

function textOf(page: Page): string {
  const text = texts.get(page) ?? JSON.stringify(page);
  texts.set(page, text);
  return text;
}

/** The session without its question, remembering what became of it. */
export function closeQuestion(session: Session, fate: Fate): Session {
  const { question, ...rest } = session;
  return question ? { ...rest, last: { id: question.id, fate } } : rest;
}
