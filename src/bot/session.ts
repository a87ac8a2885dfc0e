/**
 * What the bot remembers of one member between two messages: the rule group they work in, the question that is open,
 * where they are in a long answer, how they like their answers. Survives a restart; small.
 */

import type { Reading } from '../command/reading.ts';
import type { IncomingMessage, ReplyFormat } from '../message.ts';
import type { Line, Reply } from '../reply/reply.ts';
import type { Option } from '../resolve/fit.ts';
import type { LibraryRef, MissingSlot, Order, Unfinished } from '../resolve/order.ts';
import type { ByHeart, Store } from '../store/store.ts';
import type { LibraryId } from '../tags/tag.ts';
import type { Focus } from './focus.ts';
import type { ShownPlan } from './shown-plan.ts';

export type Question = {
  /** task_id of the card; identity of the question. */
  readonly id: string;
  /** ms of WeCom's clock, see `sentAt`. The caller drops expired questions before asking here. */
  readonly expiresAt: number;
  /** The message that made it be asked; its `createTime` by WeCom's clock, as that of the answer. */
  readonly askedBy: { readonly key: string; readonly createTime: number };
  /** What was asked, in words; a plan tells it itself. */
  readonly asked?: Line;
} & (
  | { readonly kind: 'confirm'; readonly plan: ShownPlan }
  /** One of up to ten; with a single option (did you mean …) 好 takes it, too. */
  | {
      readonly kind: 'choice';
      readonly options: readonly Option[];
      /** 都要 stands behind the options: each of them is the same command for another target. */
      readonly together?: boolean;
      /** The lines around the one that it is asked about. */
      readonly batch?: Unfinished;
    }
  /** Any number of them: 1、3 or 全部. */
  | { readonly kind: 'pick'; readonly options: readonly Option[] }
  | {
      readonly kind: 'library';
      readonly options: readonly LibraryRef[];
      readonly reading: Reading;
      readonly batch?: Unfinished;
    }
  | {
      readonly kind: 'slot';
      readonly slot: MissingSlot;
      /** The library that the order is about and no other. */
      readonly rule?: string;
      readonly reading: Reading;
      readonly examples: readonly string[];
    }
);

/** How long a question waits. */
export const QUESTION_MS = 5 * 60_000;

/**
 * When a message was sent, ms of WeCom's clock: what is remembered between two messages is timed by that one alone, since
 * two replicas may handle them whose clocks differ. Of a message that does not tell, ours.
 */
export function sentAt({ createTime, receivedAt }: Pick<IncomingMessage, 'createTime' | 'receivedAt'>): number {
  return createTime > 0 ? createTime * 1_000 : receivedAt;
}

export type QuestionOutcome = 'done' | 'cancelled' | 'dropped' | 'replaced';

/** What 更多 continues: a lookup is asked again, so that the next page shows the library as it is then. */
export type Page = { readonly next: number } & (
  | { readonly kind: 'again'; readonly order: Order }
  /** `about`: the rule groups it tells of. */
  | { readonly kind: 'kept'; readonly reply: Reply; readonly about: readonly LibraryId[] }
);

export interface Session {
  /** See FORM; of one that was saved. */
  readonly form?: number;
  readonly libraryId?: LibraryId;
  readonly question?: Question;
  /** What became of the last question, so that a late press can be answered properly. */
  readonly last?: { readonly id: string; readonly outcome: QuestionOutcome };
  readonly page?: Page;
  /** What the last exchange was about; see focus.ts. */
  readonly focus?: Focus;
  readonly format?: ReplyFormat;
  /** Local day (YYYY-MM-DD) of the last welcome. */
  readonly welcomed?: string;
}

/** Raised when what is kept of a question, a page or a focus changes its shape: an older one is then not understood any more. */
const FORM = 8;

/** Empty for whoever was never heard. Throws BotError `store.*`. */
export async function loadSession(store: Store, member: string): Promise<Session> {
  return understood(await store.session(member));
}

/** undefined: it must be loaded. */
export function sessionByHeart(byHeart: ByHeart, member: string): Session | undefined {
  const saved = byHeart.session(member);
  return saved === undefined ? undefined : understood(saved ?? undefined);
}

function understood(saved: SavedSession | undefined): Session {
  if (saved === undefined) return {};
  return saved.form === FORM ? saved : lastingPart(saved);
}

/** Where somebody works was told by the number of a rule group once, when there was nothing else. */
type SavedSession = Session & { readonly strategyId?: number };

/** What a session keeps for ever: how the member works, nothing that they typed. */
function lastingPart({ strategyId, libraryId = strategyId, format, welcomed }: SavedSession): Session {
  return {
    ...(libraryId === undefined ? {} : { libraryId }),
    ...(format === undefined ? {} : { format }),
    ...(welcomed === undefined ? {} : { welcomed }),
  };
}

/** The same of one that the store keeps. */
export function lastingOf(saved: SavedSession): Session & Readonly<Record<string, unknown>> {
  return { form: FORM, ...lastingPart(saved) };
}

/** `lazy` as in the store. */
export function saveSession(store: Store, member: string, session: Session, lazy: boolean): Promise<void> {
  return store.saveSession(member, { ...session, form: FORM }, session.question?.id, lazy);
}

/** Of a session without an open question; as `saveSession`, lazily. */
export function saveByHeart(byHeart: ByHeart, member: string, session: Session): void {
  byHeart.saveSession(member, { ...session, form: FORM });
}

/**
 * The open question, as far as this message may answer it: unless its time is over, and unless the message is older. One
 * that was caught on its way and comes again later must not answer what was asked since.
 */
export function openQuestion(
  session: Session,
  message: Pick<IncomingMessage, 'key' | 'createTime' | 'receivedAt'>,
): Question | undefined {
  const { question } = session;
  if (!question || isOver(question, message)) return undefined;
  const { key, createTime } = question.askedBy;
  return message.key === key || message.createTime < createTime ? undefined : question;
}

/** Whether the message came after the time of the question. */
export function isOver(question: Question, message: Pick<IncomingMessage, 'createTime' | 'receivedAt'>): boolean {
  return question.expiresAt <= sentAt(message);
}

/** Whether both are the same place of the same answer. */
export function samePage(a: Page, b: Page | undefined): boolean {
  return a === b || (b !== undefined && a.next === b.next && JSON.stringify(a) === JSON.stringify(b));
}

/** The session without its question, remembering what became of it. */
export function closeQuestion(session: Session, outcome: QuestionOutcome): Session {
  const { question, ...rest } = session;
  return question ? { ...rest, last: { id: question.id, outcome } } : rest;
}
