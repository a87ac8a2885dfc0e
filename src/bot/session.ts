/**
 * What the bot remembers of one member between two messages: the rule group they work in, the question that is open,
 * where they are in a long answer, how they like their answers. Survives a restart; small.
 */

import type { Clock } from '../message.ts';
import type { Reply } from '../reply/reply.ts';
import type { Store } from '../store/store.ts';
import type { OpenQuestion } from './question.ts';
import type { Resolved } from './resolved.ts';

export type ReplyFormat = 'markdown' | 'text' | 'plain';

export type Fate = 'done' | 'cancelled' | 'dropped' | 'replaced';

export interface Session {
  readonly strategyId?: number;
  readonly question?: OpenQuestion;
  /** What became of the last question, so that a late press can be answered properly. */
  readonly last?: { readonly id: string; readonly fate: Fate };
  /** What 更多 continues: a lookup is asked again, so that the next page shows the library as it is then. */
  readonly page?: { readonly next: number } & (
    | { readonly kind: 'again'; readonly resolved: Resolved }
    | { readonly kind: 'kept'; readonly reply: Reply }
  );
  readonly format?: ReplyFormat;
  /** Local day (YYYY-MM-DD) of the last welcome. */
  readonly welcomed?: string;
}

export async function loadSession(store: Store, member: string): Promise<Session> {
  const saved = await store.session(member);
  return saved === undefined ? {} : (JSON.parse(saved) as Session);
}

/** `lazy` as in the store. */
export async function saveSession(store: Store, member: string, session: Session, lazy: boolean): Promise<void> {
  await store.saveSession(member, JSON.stringify(session), session.question?.id, lazy);
}

/** The open question, unless its time is over. */
export function openQuestion(session: Session, now: Clock): OpenQuestion | undefined {
  return session.question && session.question.expiresAt > now() ? session.question : undefined;
}

/** The session without its question, remembering what became of it. */
export function closeQuestion(session: Session, fate: Fate): Session {
  const { question, ...rest } = session;
  return question ? { ...rest, last: { id: question.id, fate } } : rest;
}
