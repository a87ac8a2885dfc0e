/**
 * What a member wants, with everything named found in the catalog: plain values with ids, so that an open question
 * can keep them in the session. Made by resolve.ts, carried out by the bot. An id that has meanwhile vanished is
 * noticed when the plan is made from a fresh read.
 */

import type { BatchLine, CommandId, Reading, Refusal } from '../command/reading.ts';
import type { Line } from '../reply/reply.ts';
import type { LibraryId } from '../tags/tag.ts';

export interface RuleRef {
  readonly id: number;
  readonly name: string;
}

/** A library by its name: 企业标签 or a rule group. */
export interface LibraryRef {
  readonly id: LibraryId;
  readonly name: string;
}

export interface GroupRef {
  readonly id: string;
  readonly name: string;
  readonly libraryId: LibraryId;
}

export interface TagRef {
  readonly id: string;
  readonly name: string;
  readonly group: GroupRef;
}

/** A group that exists, or one that an add names but nobody has made yet (created only by its own confirmed plan). */
export type TargetGroup =
  | { readonly kind: 'existing'; readonly group: GroupRef }
  | { readonly kind: 'new'; readonly name: string; readonly libraryId: LibraryId };

export type Order =
  | { readonly command: 'tag.add'; readonly tags: readonly string[]; readonly target: TargetGroup }
  /** `absent`: names that do not exist (told in the answer; at least one target exists). */
  | { readonly command: 'tag.delete'; readonly targets: readonly TagRef[]; readonly absent: readonly string[] }
  | { readonly command: 'tag.rename'; readonly target: TagRef; readonly to: string }
  | { readonly command: 'tag.order'; readonly target: TagRef; readonly order: number }
  | { readonly command: 'tag.top'; readonly target: TagRef }
  /** `group` undefined: all groups of `libraryId`. */
  | { readonly command: 'tag.list'; readonly libraryId: LibraryId; readonly group: GroupRef | undefined }
  /** The search runs in the handler over every rule group the member may read, the current one first. */
  | {
      readonly command: 'tag.find';
      readonly query: string;
      readonly group: GroupRef | undefined;
      /** The only one to be searched: it was named. */
      readonly libraryId?: LibraryId;
    }
  | { readonly command: 'tag.move'; readonly targets: readonly TagRef[]; readonly group: GroupRef | undefined }
  | {
      readonly command: 'group.create';
      readonly name: string;
      readonly libraryId: LibraryId;
      readonly tags: readonly string[];
    }
  | { readonly command: 'group.delete'; readonly targets: readonly GroupRef[]; readonly absent: readonly string[] }
  | { readonly command: 'group.rename'; readonly target: GroupRef; readonly to: string }
  | { readonly command: 'group.order'; readonly target: GroupRef; readonly order: number }
  | { readonly command: 'group.top'; readonly target: GroupRef }
  | { readonly command: 'group.list'; readonly libraryId: LibraryId }
  | { readonly command: 'rule.switch'; readonly target: LibraryRef }
  | { readonly command: 'rule.show'; readonly target: RuleRef }
  | {
      readonly command: 'rule.create';
      readonly name: string;
      readonly parent: RuleRef | undefined;
      readonly admins: readonly string[];
      readonly range: readonly string[];
    }
  | { readonly command: 'rule.rename'; readonly target: RuleRef; readonly to: string }
  | { readonly command: 'rule.delete'; readonly target: RuleRef }
  | {
      readonly command: 'rule.admins';
      readonly target: RuleRef;
      readonly add: readonly string[];
      readonly remove: readonly string[];
    }
  | {
      readonly command: 'rule.range';
      readonly target: RuleRef;
      readonly add: readonly string[];
      readonly remove: readonly string[];
    }
  | {
      readonly command: 'import';
      readonly libraryId: LibraryId;
      readonly groups: readonly { readonly target: TargetGroup; readonly tags: readonly string[] }[];
      readonly withDeletes: boolean;
    }
  /** In the library that was named. */
  | (Extract<Reading, { command: 'stats' | 'export' | 'history' | 'undo' }> & { readonly libraryId?: LibraryId })
  | Extract<
      Reading,
      {
        command: 'rule.list' | 'more' | 'confirm' | 'cancel' | 'help' | 'doctor' | 'me' | 'settings' | 'menu.publish';
      }
    >;

export type OrderOf<C extends CommandId> = Extract<Order, { command: C }>;

/** A slot the member left out; the next bare message fills it. */
export type MissingSlot = 'tags' | 'tag' | 'group' | 'to' | 'order' | 'rule' | 'people' | 'range';

/** The order is not certain enough to be carried out unseen: it is shown first, whatever it does. */
export interface ShownFirst {
  /** What was taken for a remark and kept out of all names. */
  readonly leftOut: readonly string[];
}

/** A change that is asked about. */
interface Asked {
  /** What was taken for a remark beside it: no answer carries it out. */
  readonly leftOut?: readonly string[];
}

export interface BatchOrder {
  readonly number: number;
  readonly text: string;
  readonly order: Order;
}

/** A batch that is understood up to a line about which something is asked. */
export interface Unfinished {
  readonly done: readonly BatchOrder[];
  readonly first?: ShownFirst;
  readonly line: BatchLine;
  readonly rest: readonly BatchLine[];
}

export type Understanding =
  | { readonly kind: 'one'; readonly order: Order; readonly first?: ShownFirst }
  | { readonly kind: 'batch'; readonly first?: ShownFirst; readonly lines: readonly BatchOrder[] }
  /**
   * Several things fit; asked with numbers (at most 10). `asked` is the question, e.g. 「VIP」在两个组里,改哪一个?
   * `clearer`: how a line of a batch, where nothing can be asked, is to be written.
   */
  | (Asked & {
      readonly kind: 'choice';
      readonly asked: Line;
      readonly clearer?: Line;
      readonly options: readonly { readonly label: string; readonly detail?: string; readonly order: Order }[];
    })
  /** A slot is missing; `reading` is complete but for it. `examples` can be typed as an answer. */
  | (Asked & {
      readonly kind: 'slot';
      readonly asked: Line;
      readonly slot: MissingSlot;
      /** The library that the order is about and no other. */
      readonly rule?: string;
      readonly reading: Reading;
      readonly examples: readonly string[];
    })
  /** A name does not exist: the nearest, each taken by number, name or press. */
  | (Asked & {
      readonly kind: 'absent';
      readonly what: 'tag' | 'group' | 'ruleGroup';
      readonly name: string;
      /** The batch that it stands in goes on with what is chosen. */
      readonly batch?: Unfinished;
      readonly nearest: readonly { readonly label: string; readonly detail?: string; readonly order: Order }[];
    })
  /** Input that can never work, explained: too long a name, contradiction in a batch, a range. Nothing is done. */
  | { readonly kind: 'invalid'; readonly title: Line; readonly lines: readonly Line[]; readonly hint?: Line }
  /** `say`: how the member would have to put it, when that is clear. */
  | { readonly kind: 'refused'; readonly why: Refusal; readonly command: CommandId; readonly say?: string }
  /** A mistyped key word: what it would mean; taken with 1, 好, or a press (a plan still asks before it destroys). */
  | { readonly kind: 'suggestion'; readonly wrote: string; readonly meant: string; readonly order: Order }
  /** Nothing may be looked into, or a command about rule groups meets none; the member has chosen none of several. */
  | { readonly kind: 'noRuleGroup' }
  | (Asked & {
      readonly kind: 'chooseLibrary';
      readonly options: readonly LibraryRef[];
      readonly reading: Reading;
      readonly batch?: Unfinished;
    })
  /** One line of a batch is not understood; nothing of it is done. */
  | { readonly kind: 'unclear'; readonly number: number; readonly text: string }
  | { readonly kind: 'nothing'; readonly nearest: readonly CommandId[] };
