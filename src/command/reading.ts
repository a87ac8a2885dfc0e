/**
 * What a member may want, in their own words: names as typed, with the quotes around them, nothing looked up yet.
 * The parser proposes readings, best first; resolve/ keeps the one that fits the catalog.
 */

export type Reading =
  | { readonly command: 'tag.add'; readonly tags: readonly string[]; readonly group?: string }
  /** `group` narrows where to look: 删除地区里的VIP. */
  | { readonly command: 'tag.delete'; readonly tags: readonly string[]; readonly group?: string }
  | { readonly command: 'tag.rename'; readonly tag: string; readonly to?: string; readonly group?: string }
  /** `last`: behind all others of its group, whatever the number. */
  | {
      readonly command: 'tag.order';
      readonly tag: string;
      readonly order?: number;
      readonly last?: true;
      readonly group?: string;
    }
  | { readonly command: 'tag.top'; readonly tag: string; readonly group?: string }
  /** Without a group: the tags of every group of the current rule group. */
  | { readonly command: 'tag.list'; readonly group?: string }
  | { readonly command: 'tag.find'; readonly query: string; readonly group?: string }
  /** Cannot be done on this platform; explained, and an add is offered. */
  | { readonly command: 'tag.move'; readonly tags: readonly string[]; readonly group?: string }
  | { readonly command: 'group.create'; readonly group: string; readonly tags: readonly string[] }
  | { readonly command: 'group.delete'; readonly groups: readonly string[] }
  | { readonly command: 'group.rename'; readonly group: string; readonly to?: string }
  | { readonly command: 'group.order'; readonly group: string; readonly order?: number; readonly last?: true }
  | { readonly command: 'group.top'; readonly group: string }
  | { readonly command: 'group.list' }
  | { readonly command: 'rule.list' }
  | { readonly command: 'rule.switch'; readonly rule?: string }
  | { readonly command: 'rule.show'; readonly rule?: string }
  | {
      readonly command: 'rule.create';
      readonly rule: string;
      readonly parent?: string;
      readonly admins: readonly string[];
      readonly range: readonly string[];
    }
  | { readonly command: 'rule.rename'; readonly rule: string; readonly to?: string }
  | { readonly command: 'rule.delete'; readonly rule: string }
  /** 负责人 加/减. People by name or userid, a leading @ is dropped. */
  | {
      readonly command: 'rule.admins';
      readonly rule?: string;
      readonly add: readonly string[];
      readonly remove: readonly string[];
    }
  /** 范围 加/减. A leading @ says a person; otherwise a department is tried first. */
  | {
      readonly command: 'rule.range';
      readonly rule?: string;
      readonly add: readonly string[];
      readonly remove: readonly string[];
    }
  | { readonly command: 'undo'; readonly change?: number }
  /** `filter` as typed: a name, @person, 今天 … */
  | { readonly command: 'history'; readonly filter?: string }
  | { readonly command: 'stats' }
  | { readonly command: 'export'; readonly form: 'file' | 'text' }
  /** Pasted `组: 名、名` lines; with deletes only when the member wrote 含删除. */
  | {
      readonly command: 'import';
      readonly groups: readonly { readonly group: string; readonly tags: readonly string[] }[];
      readonly withDeletes: boolean;
    }
  | { readonly command: 'more' }
  | { readonly command: 'confirm' }
  | { readonly command: 'cancel' }
  | { readonly command: 'help'; readonly topic?: string }
  | { readonly command: 'doctor' }
  | { readonly command: 'me' }
  | { readonly command: 'settings'; readonly format?: 'markdown' | 'text' | 'plain' }
  | { readonly command: 'menu.publish'; readonly dryRun: boolean };

export type CommandId = Reading['command'];
export type ReadingOf<C extends CommandId> = Extract<Reading, { command: C }>;

/**
 * Why a text that names a write is not taken as one: it asks, says no, tells what somebody said, wants everything gone,
 * speaks of later or of a condition, tells what has already happened, corrects itself into something
 * unclear, or speaks of a customer's tags.
 */
export type Refusal =
  | 'question'
  | 'negation'
  | 'quotation'
  | 'sweep'
  | 'later'
  | 'statement'
  | 'correction'
  | 'customer';

/** What stands beside the order in a sentence, or was said about it before it came to this. */
export interface Circumstances {
  /** The rule group that is named in the sentence: 华南的渠道来源加知乎. */
  readonly rule?: string;
  /** What was taken for a remark and kept out of all names; told to the member. */
  readonly leftOut?: readonly string[];
  /** The member corrected himself, or words were left out that may not have been a remark: shown before it is done. */
  readonly careful?: boolean;
}

export interface BatchLine extends Circumstances {
  /** Counts the non-empty lines from 1. */
  readonly number: number;
  readonly text: string;
  readonly readings: readonly Reading[];
  readonly formal: boolean;
}

export type Parsed =
  /** One sentence; readings best first, at least one. The last ones may be lookups (a bare word). */
  | ({
      readonly kind: 'sentence';
      readonly readings: readonly Reading[];
      readonly typo?: { readonly wrote: string; readonly meant: string };
      /** What was typed, without courtesies; absent when no member typed it (an answered question). */
      readonly text?: string;
      /** Begins like 标签 添加 …: whatever stands in a slot is a name. Otherwise a new name that sounds like talk is asked about. */
      readonly formal?: boolean;
    } & Circumstances)
  /** Several lines or sentences: one plan. */
  | {
      readonly kind: 'batch';
      readonly lines: readonly BatchLine[];
      /** Together they put tags of one group in order. */
      readonly arranges?: true;
    }
  /**
   * Looks like a write but must not be one; explained. `command` is what it talks about, `readings` what it would be if
   * it were meant.
   */
  | {
      readonly kind: 'refused';
      readonly why: Refusal;
      readonly command: CommandId;
      readonly text: string;
      readonly readings: readonly Reading[];
    }
  /** One line of a batch is not a command; nothing of it is done. */
  | { readonly kind: 'unclear'; readonly number: number; readonly text: string }
  /**
   * A key word was mistyped: suggested, and taken with one character.
   * `asTyped` are readings without any correction; they win when the catalog has what they name.
   */
  | ({
      readonly kind: 'suggestion';
      readonly text: string;
      readonly wrote: string;
      readonly meant: string;
      readonly readings: readonly Reading[];
      readonly asTyped?: readonly Reading[];
    } & Circumstances)
  /** More than what is read at once, by its `length` in characters or by what it is made of. */
  | { readonly kind: 'too-long'; readonly length: number }
  /** Chit-chat, noise. `nearest` are commands that come closest. */
  | { readonly kind: 'nothing'; readonly nearest: readonly CommandId[] };

/** The same under these circumstances, every line of a batch as well, where it says nothing else; what orders nothing stays as it is. */
export function under(circumstances: Circumstances, parsed: Parsed): Parsed {
  if (parsed.kind === 'sentence' || parsed.kind === 'suggestion') return { ...circumstances, ...parsed };
  if (parsed.kind !== 'batch') return parsed;
  return { ...parsed, lines: parsed.lines.map((line) => ({ ...circumstances, ...line })) };
}
