/**
 * What comes in from a member and what goes back, in the words every room shares.
 * The callback room makes `IncomingMessage`s, the bot answers them, the app turns the answer into an `Outgoing`,
 * and the callback room decides by which way that travels (passive reply, push, card update).
 */

/** Milliseconds since the epoch. The one clock of the program is `Date.now`, handed in by program.ts. */
export type Clock = () => number;

interface Head {
  /** Receiving corp (`ToUserName`). */
  readonly corpId: string;
  /**
   * Identity of the message within its corp: `m:<MsgId>` for messages, `e:<sha256 of the whole plaintext>` for events.
   * Two deliveries of the same message have the same key; different messages never do.
   */
  readonly key: string;
  /** The member's userid, or `sys` for events without a member. */
  readonly member: string;
  /** `CreateTime`, unix seconds, as WeCom stated it. */
  readonly createTime: number;
  /** When the callback arrived here, in ms of the injected clock. The answering window counts from it. */
  readonly receivedAt: number;
}

export type TagChange = {
  readonly change: 'create' | 'update' | 'delete' | 'shuffle';
  /** Tag id or tag group id; empty when the groups themselves were reordered. */
  readonly id: string;
  readonly tagType: 'tag' | 'tag_group' | undefined;
  readonly strategyId: number | undefined;
};

export type Content =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'click'; readonly eventKey: string }
  | {
      readonly kind: 'press';
      readonly taskId: string;
      readonly eventKey: string;
      readonly cardType: string;
      /** One-time code for update_template_card, valid 72 h. */
      readonly responseCode: string;
      /** question_key → chosen option ids; empty for cards that only have buttons. */
      readonly selected: Readonly<Record<string, readonly string[]>>;
    }
  | { readonly kind: 'enter' }
  | { readonly kind: 'subscribe' }
  | { readonly kind: 'media'; readonly media: 'image' | 'voice' | 'video' | 'location' | 'link' }
  | ({ readonly kind: 'tagChange' } & TagChange)
  /** Anything this bot has no use for: acknowledged, never answered. */
  | { readonly kind: 'other'; readonly what: string };

export type IncomingMessage = Head & Content;
export type IncomingOf<K extends Content['kind']> = Head & Extract<Content, { kind: K }>;

/** A template card in the JSON form of message/send (WeCom doc 90236, template_card). */
export type TemplateCard = { readonly card_type: string; readonly [field: string]: unknown };

/** A message for message/send, without the addressing that wecom/messages adds (WeCom doc 90236). */
export type PushMessage =
  | { readonly msgtype: 'text'; readonly text: { readonly content: string } }
  | { readonly msgtype: 'markdown'; readonly markdown: { readonly content: string } }
  | { readonly msgtype: 'template_card'; readonly template_card: TemplateCard }
  | { readonly msgtype: 'file'; readonly file: { readonly media_id: string } };

/** What may happen to the card that a member has pressed (WeCom doc 94888 and passive replies 90241). */
export type CardUpdate =
  | { readonly kind: 'button'; readonly replaceName: string }
  | { readonly kind: 'card'; readonly card: TemplateCard };

/**
 * One answer in every form it can travel in.
 * `text` always exists (≤ 2,048 bytes UTF-8): it is the passive reply, the fallback of a failed push, and what is owed.
 */
export interface Outgoing {
  readonly text: string;
  /** The richer form, pushed with message/send while the callback is held open. Absent: the text is the answer. */
  readonly push?: PushMessage;
  /** The outcome of the pressed card; only for `press` messages. */
  readonly update?: CardUpdate;
  /** Says that a change is not made, while another replica, or a restart, may yet make it. */
  readonly mayYetRun?: true;
  /** For the log: ids and codes, never a word of anybody. */
  readonly fate?: Fate;
}

/** What became of a message. */
export interface Fate {
  /** The command it was understood as; absent when it was none. */
  readonly command: string | undefined;
  /** The tone of the answer: done, info, warn, error … */
  readonly outcome: string;
  /** The number of the change it made. */
  readonly change: number | undefined;
}

/** The XML a callback can be answered with (WeCom doc 90241). */
export type PassiveReply = { readonly kind: 'text'; readonly content: string } | CardUpdate;

/** What has to be kept of a message so that a restart can look after it. */
export interface Keepsake {
  readonly key: string;
  readonly member: string;
  readonly receivedAt: number;
  /** The message as JSON. */
  readonly content: string;
}

/** The message of a former run, as far as it is still known: its text may be past the retention time. */
export function recalled(kept: Omit<Keepsake, 'content'> & { readonly content: string | undefined }): IncomingMessage {
  if (kept.content !== undefined) return JSON.parse(kept.content) as IncomingMessage;
  const { key, member, receivedAt } = kept;
  return { corpId: '', key, member, createTime: 0, receivedAt, kind: 'other', what: 'forgotten' };
}

/** As much of the member's words as fits on a line, so that they know which message is meant; undefined without words. */
export function wordsIn(message: IncomingMessage): string | undefined {
  return message.kind === 'text' ? [...message.text.replace(/\s+/g, ' ')].slice(0, 40).join('') : undefined;
}

/** What the bot may ask of the inbox while it handles one message. */
export interface Turn {
  /** Runs a write that persists the message along with it; it is handed nothing when the message is persisted already. */
  keepWith<T>(write: (unkept: Keepsake | undefined) => Promise<T>): Promise<T>;
  /**
   * Whether the message is kept, or may be: then it is carried out after all where this process dies before it has noted
   * what the member was told.
   */
  mayYetRun(): boolean;
  /**
   * The journal does not know the outcome: until `conclude` has worked, which is tried for as long as it takes, a restart
   * has to look after the message, whatever the member is told.
   */
  unconcluded(conclude: () => Promise<void>): void;
  /** Long work: tells the member that it has begun; the answer will be pushed. */
  announce(outgoing: Outgoing): Promise<void>;
}

/** For what is neither kept nor announced: a hint, and the recovery of a former run's message. */
export const NO_TURN: Turn = {
  keepWith: (write) => write(undefined),
  mayYetRun: () => false,
  unconcluded: () => {},
  announce: async () => {},
};

/** markdown: markdown answers, card questions · text: text answers, card questions · plain: nothing but text. */
export type ReplyFormat = 'markdown' | 'text' | 'plain';
