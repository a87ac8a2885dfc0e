/**
 * The circumstances of one message: who wrote, what they may do, the library as it is now, and the way to answer.
 */

import { BotError } from '../errors.ts';
import type { Fate, IncomingMessage, Outgoing, ReplyFormat, Turn } from '../message.ts';
import { paginate, render } from '../reply/render.ts';
import type { Line, Reply } from '../reply/reply.ts';
import type { View } from '../resolve/names.ts';
import type { Order } from '../resolve/order.ts';
import type { ByHeart } from '../store/store.ts';
import type { Snapshot } from '../tags/catalog.ts';
import { Library } from '../tags/library.ts';
import { buildIndex, type Hit } from '../tags/search/search.ts';
import { familyOf, type LibraryId } from '../tags/tag.ts';
import type { BotDeps } from './deps.ts';
import { type About, focusAt } from './focus.ts';
import { isBotAdmin, type Rights, rightsOf } from './rights.ts';
import {
  closeQuestion,
  openQuestion,
  type Page,
  type Question,
  type Session,
  samePage,
  saveByHeart,
  saveSession,
  sentAt,
} from './session.ts';

/** An answer ready to be told. */
export interface DrawnReply {
  readonly outgoing: Outgoing;
  /** It must be remembered that it was asked. */
  readonly asks: boolean;
  /** What 更多 goes on with. */
  readonly rest?: Page;
  readonly tone: Reply['tone'];
}

/** Nobody reads on a phone beyond this. */
export const MOST_HITS = 500;

/** Without either, in all that may be read. */
export interface SearchedIn {
  readonly groupId?: string | undefined;
  readonly libraryId?: LibraryId | undefined;
}

export class Context {
  readonly deps: BotDeps;
  readonly message: IncomingMessage;
  readonly turn: Turn;
  readonly member: string;
  /** Why the member's session could not be read: what they have chosen is not known, so nothing may be changed. */
  readonly forgotten: BotError | undefined;
  #saved: Session;
  session: Session;
  /** A change is in the journal: from now on its question is over, whatever else goes wrong. */
  intended = false;
  /** What a pressed card shows when the answer itself does not say. */
  outcome = '已处理';
  /** Said beside the answer, where it fits on the same page: the next one must go on where this one ends. */
  aside: Line | undefined;
  /** The question that was open when the message came, unless the message answers it. */
  held: Question | undefined;
  /** Said beside the answer: what became of that question. */
  ofHeld: Line | undefined;
  /** The words mean something only after what was said before. */
  refers = false;
  /** A lookup that has found something, and what is told of it. */
  answeredLookup: { readonly order: Order; readonly drawn: DrawnReply } | undefined;
  /** Libraries that the answer tells of: what is kept of it for 更多 is shown while all of them may be read. */
  readonly #toldOf = new Set<LibraryId>();
  /** What the answer was about, from which the session's focus was made. */
  about: About | undefined;
  /** Changes are shown as a plan first even when they destroy nothing: what was meant was worked out, not spelled out. */
  showFirst = false;
  /** The sentence says in which library, which need not be where the member works. */
  placeNamed = false;
  /** What was taken for a remark and kept out of all names: told with the plan. */
  leftOut: readonly string[] = [];
  /** The number of the change that was carried out for this message. */
  changeId: number | undefined;
  /** What the message was understood as. */
  command: string | undefined;
  readonly startedAt: number;
  /** ms of WeCom's clock. */
  readonly sentAt: number;
  #caughtUp: Promise<void> | undefined;
  #snapshot: Snapshot | undefined;
  #rights: Rights | undefined;
  #searched: (SearchedIn & { readonly query: string; readonly hits: readonly Hit[] }) | undefined;

  /** `remembered`: the member's session, or why it could not be read. */
  constructor(deps: BotDeps, message: IncomingMessage, turn: Turn, remembered: Session | BotError) {
    const session = remembered instanceof BotError ? {} : remembered;
    this.forgotten = remembered instanceof BotError ? remembered : undefined;
    this.deps = deps;
    this.message = message;
    this.turn = turn;
    this.member = message.member;
    this.startedAt = deps.now();
    this.sentAt = sentAt(message);
    this.#saved = session;
    this.session = session;
  }

  /** The message failed before anything was intended: a question that it answered waits for the answer again. */
  reopenQuestion(): void {
    const { question } = this.#saved;
    const { last } = this.session;
    if (!this.intended && question && last?.id === question.id && last.outcome === 'done') this.session = this.#saved;
  }

  /** The message is no answer: unless it turns out to be an aside, it drops the question. */
  hold(question: Question, dropped: Line | undefined): void {
    this.held = question;
    this.ofHeld = dropped;
    this.session = closeQuestion(this.session, 'dropped');
  }

  /** It was an aside: the question waits on, unless another one has been asked. */
  keepOpen(waiting: Line): void {
    if (this.held === undefined || this.session.question !== undefined) return;
    const { last: _, ...session } = this.session;
    const { last } = this.#saved;
    this.session = { ...session, question: this.held, ...(last ? { last } : {}) };
    this.ofHeld = waiting;
  }

  tellsOf(libraryIds: Iterable<LibraryId>): void {
    for (const id of libraryIds) this.#toldOf.add(id);
  }

  /** What this message may answer. */
  get question(): Question | undefined {
    return openQuestion(this.session, this.message);
  }

  get format(): ReplyFormat {
    return this.session.format ?? this.deps.replyFormat;
  }

  /** The library this message is answered from; replaced by `look` and `lookAgain`. Throws when neither has run. */
  get snapshot(): Snapshot {
    if (!this.#snapshot) throw new Error('the library was not read yet');
    return this.#snapshot;
  }

  get rights(): Rights {
    this.#rights ??= rightsOf(this.member, this.snapshot.library, this.deps.access);
    return this.#rights;
  }

  get botAdmin(): boolean {
    return isBotAdmin(this.deps.access, this.member);
  }

  async look(): Promise<Snapshot> {
    this.#caughtUp ??= this.deps.replicas.catchUp();
    await this.#caughtUp;
    return this.use(await this.deps.catalog.current());
  }

  /** For what can be answered though the library cannot be read: as if there were nothing in it. */
  async lookAtNothing(): Promise<Snapshot> {
    const library = new Library([], [], this.deps.now());
    return this.use({ library, index: await buildIndex(library) });
  }

  /** Re-reads the library: before a name is said not to exist. */
  async lookAgain(): Promise<Snapshot> {
    return this.use(await this.deps.catalog.fresh());
  }

  /** What was worked out from the same library still holds. */
  use(snapshot: Snapshot): Snapshot {
    if (snapshot === this.#snapshot) return snapshot;
    this.#snapshot = snapshot;
    this.#rights = undefined;
    this.#searched = undefined;
    return snapshot;
  }

  /** The library that the member has chosen, else the configured one; also while the app has no right to read it. */
  get chosenLibrary(): LibraryId | undefined {
    const { readable } = this.rights;
    const { unread } = this.snapshot.library;
    return [this.session.libraryId, this.deps.defaultStrategyId].find(
      (id) => id !== undefined && (readable.has(id) || unread.has(familyOf(id))),
    );
  }

  /**
   * The library the member works in: the chosen one, else where the last exchange was, else the only rule group; 企业标签
   * where there is none.
   */
  get libraryId(): LibraryId | undefined {
    return this.chosenLibrary ?? this.#libraryInFocus ?? this.#likeliestLibrary;
  }

  get #libraryInFocus(): LibraryId | undefined {
    const id = focusAt(this.session.focus, this.sentAt)?.group?.libraryId;
    return id !== undefined && this.rights.readable.has(id) ? id : undefined;
  }

  get #likeliestLibrary(): LibraryId | undefined {
    const { readable } = this.rights;
    const ruleGroups = [...readable].filter((id) => id !== 'corp');
    if (ruleGroups.length === 0) return readable.has('corp') ? 'corp' : undefined;
    const levelOne = ruleGroups.filter((id) => (this.snapshot.library.ruleGroup(id)?.parentId ?? 0) === 0);
    return levelOne.length === 1 ? levelOne[0] : undefined;
  }

  /** What names mean to this member. */
  get view(): View {
    const { library, index } = this.snapshot;
    const unchosen = (this.chosenLibrary ?? this.#libraryInFocus) === undefined;
    return { library, libraryId: this.libraryId, unchosen, readable: this.rights.readable, search: index };
  }

  /** The app has no right, at the last look, to read where the member works. */
  get lacksItsLibrary(): boolean {
    return this.libraryId !== undefined && this.snapshot.library.unread.has(familyOf(this.libraryId));
  }

  /**
   * What the member may read of it, best first; at most MOST_HITS. Whether there is anything is asked before what there
   * is, so the last search is kept: it is half of the cost of a lookup.
   */
  search(query: string, { groupId, libraryId }: SearchedIn = {}): readonly Hit[] {
    const known = this.#searched;
    if (known?.query === query && known.groupId === groupId && known.libraryId === libraryId) return known.hits;
    const { readable } = this.rights;
    const libraryIds = libraryId !== undefined && readable.has(libraryId) ? new Set([libraryId]) : readable;
    const scope = { libraryFirst: this.libraryId, libraryIds, groupId, limit: MOST_HITS };
    const hits = this.snapshot.index.search(query, scope);
    this.#searched = { query, groupId, libraryId, hits };
    return hits;
  }

  /** Draws the reply, or a page of it, and tells it. */
  finish(reply: Reply, again?: Order, number = 1): Promise<Outgoing> {
    return this.tell(this.draw(reply, again, number), number);
  }

  /**
   * The answer in every form the format uses. What does not fit is continued by 更多: `again` is asked anew then, other
   * answers are kept as they are.
   */
  draw(reply: Reply, again?: Order, number = 1): DrawnReply {
    const { reply: page, more } = paginate(reply, this.format, number);
    const whole = page.page ? page : this.#withAside(page);
    if (whole === page) this.#dropUntold();
    const { outcome = this.outcome, ...shown } = whole;
    const outgoing = render(
      this.message.kind === 'press' ? { ...shown, outcome } : shown,
      this.format,
      this.deps.publicUrl === undefined ? {} : { publicUrl: this.deps.publicUrl },
    );
    const rest: Page = again
      ? { kind: 'again', order: again, next: number + 1 }
      : { kind: 'kept', reply, about: [...this.#toldOf], next: number + 1 };
    return {
      outgoing: reply.file
        ? { ...outgoing, push: { msgtype: 'file', file: { media_id: reply.file.mediaId } } }
        : outgoing,
      asks: reply.question !== undefined,
      tone: reply.tone,
      ...(more ? { rest } : {}),
    };
  }

  /** Remembers where the member is from now on. `number`: the page that is told. */
  async tell(drawn: DrawnReply, number = 1): Promise<Outgoing> {
    const { asks, rest } = drawn;
    // What somebody read, and where they stopped, is not worth the wait for the disk.
    const lazy = isSlight(this.session, this.#saved);
    if (rest) this.#stopAt(rest);
    else if (number > 1) {
      const { page: _, ...session } = this.session;
      this.session = session;
    }
    try {
      await this.save(lazy);
    } catch (error) {
      // What has been done must be told all the same; only a question that nobody would remember must not be asked.
      if (asks || this.forgotten || !(error instanceof BotError)) throw error;
      this.deps.log.error({ member: this.member, code: error.code }, 'session not saved');
    }
    return this.#told(drawn);
  }

  /** As `tell`, of a lookup's first page. */
  tellAtOnce(drawn: DrawnReply, byHeart: ByHeart): Outgoing {
    if (drawn.rest) this.#stopAt(drawn.rest);
    if (this.session !== this.#saved) saveByHeart(byHeart, this.member, this.session);
    return this.#told(drawn);
  }

  #told({ outgoing, asks, tone }: DrawnReply): Outgoing {
    const fate: Fate = { command: this.command, outcome: asks ? 'asked' : tone, change: this.changeId };
    return { fate, ...outgoing };
  }

  #withAside(reply: Reply): Reply {
    const asides = [this.aside, this.ofHeld].filter((aside) => aside !== undefined);
    if (asides.length === 0) return reply;
    const both = paginate({ ...reply, lines: [...reply.lines, ...asides] }, this.format, 1).reply;
    return both.page ? reply : both;
  }

  /** Of a question that nobody is reminded of only a plan waits on: a number or a name could be meant for what is read. */
  #dropUntold(): void {
    const { question } = this.session;
    if (this.held && question === this.held && question.kind !== 'confirm')
      this.session = closeQuestion(this.session, 'dropped');
  }

  #stopAt(page: Page): void {
    // The same list asked for again leaves the session as it is: nothing to save.
    if (!samePage(page, this.session.page)) this.session = { ...this.session, page };
  }

  /** `lazy`: a power cut may undo it. */
  async save(lazy = false): Promise<void> {
    if (this.session === this.#saved) return;
    if (this.forgotten) {
      // What was merely spoken of is no loss; a choice that nobody would remember must not be told as made.
      if (isSlight(this.session, this.#saved)) return;
      throw this.forgotten;
    }
    await saveSession(this.deps.store, this.member, this.session, lazy);
    this.#saved = this.session;
  }
}

/** What of a session is more than what was spoken of. */
const LASTING: Readonly<Record<Exclude<keyof Session, 'focus' | 'page' | 'form'>, true>> = {
  libraryId: true,
  question: true,
  last: true,
  format: true,
  welcomed: true,
};
const LASTING_PARTS = Object.keys(LASTING) as (keyof typeof LASTING)[];

/** Whether two sessions differ in nothing but what was spoken of. */
function isSlight(now: Session, before: Session): boolean {
  return now === before || LASTING_PARTS.every((part) => now[part] === before[part]);
}
