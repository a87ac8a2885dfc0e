/**
 * The subject: tags in tag groups in libraries, the rules their names and orders obey, and the ports through which the
 * tags room reaches the platform. Knows no HTTP.
 */

/**
 * Which library: 企业标签, of which every corp has one, or the one of a rule group (规则组), by its strategy id. A plain
 * value, so that libraries are compared, counted in sets and written into the journal as they are.
 */
export type LibraryId = 'corp' | number;

/** Libraries that the platform reads and writes by the same calls, under one right (docs 92117, 94882). */
export type Family = 'corp' | 'rule-groups';

export const FAMILIES: readonly Family[] = ['corp', 'rule-groups'];

/** By which calls it is read and written. */
export function familyOf(libraryId: LibraryId): Family {
  return libraryId === 'corp' ? 'corp' : 'rule-groups';
}

/** The corp's own first, then rule groups in the order in which they were made. */
export function byLibrary(a: LibraryId, b: LibraryId): number {
  return (a === 'corp' ? 0 : a) - (b === 'corp' ? 0 : b);
}

/** A group by its id; the platform has to be asked in the family that it belongs to. */
export interface GroupKey {
  readonly id: string;
  readonly libraryId: LibraryId;
}

export interface Tag {
  readonly id: string;
  readonly name: string;
  /** Sort value in [0, 2^32); larger is shown first. */
  readonly order: number;
  /** Unix seconds. */
  readonly createTime: number;
}

export interface TagGroup {
  readonly id: string;
  readonly name: string;
  readonly order: number;
  readonly createTime: number;
  readonly libraryId: LibraryId;
  /** As shown, see byPosition. */
  readonly tags: readonly Tag[];
}

/** How many tags these groups have together. */
export function countTags(groups: readonly { readonly tags: readonly unknown[] }[]): number {
  return groups.reduce((sum, group) => sum + group.tags.length, 0);
}

/** 规则组 (customer strategy). Only those created by this app are visible (REF: doc 94883). */
export interface RuleGroup {
  readonly id: number;
  /** 0 for level 1. Tags go into level-1 rule groups only. */
  readonly parentId: number;
  readonly name: string;
  readonly createTime: number;
  /** Userids of the 负责人. */
  readonly admins: readonly string[];
  /** The privilege booleans exactly as the platform names them, e.g. manage_customer_tag. */
  readonly privilege: Readonly<Record<string, boolean>>;
}

export type RangeNode =
  | { readonly type: 'member'; readonly userid: string }
  | { readonly type: 'department'; readonly id: number };

export const MAX_NAME_LENGTH = 30;
export const MAX_ORDER = 2 ** 32 - 1;
/** Corp tags and strategy tags together, per company. */
export const TAG_QUOTA = 10_000;

/** Larger order first, then older first; what is equal in both stays in the order in which the platform named it. */
export function byPosition(
  a: { readonly order: number; readonly createTime: number },
  b: { readonly order: number; readonly createTime: number },
): number {
  return b.order - a.order || a.createTime - b.createTime;
}

export type NameProblem =
  | { readonly problem: 'empty' }
  | { readonly problem: 'too-long'; readonly length: number }
  | { readonly problem: 'control' };

/** Why a trimmed name cannot be a tag or group name; undefined when it can. Length is counted in code points. */
export function nameProblem(name: string): NameProblem | undefined {
  if (name.trim() === '') return { problem: 'empty' };
  let length = 0;
  for (const _ of name) length++;
  if (length > MAX_NAME_LENGTH) return { problem: 'too-long', length };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is looked for
  if (/[\u0000-\u001f\u007f]/.test(name)) return { problem: 'control' };
  return undefined;
}

/** Whether the platform takes it for a sort value. */
export function isOrder(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= MAX_ORDER;
}

/** With groupIds the platform ignores tagIds (docs 92117, 94882). */
export interface TagFilter {
  /** One library, or those of all visible rule groups by one call. */
  readonly of: LibraryId | 'rule-groups';
  readonly tagIds?: readonly string[];
  readonly groupIds?: readonly string[];
}

export interface NewTag {
  readonly name: string;
  readonly order?: number;
}

/**
 * The four corp tag calls (doc 92117) and the four strategy tag calls (doc 94882). Every method throws BotError; fields
 * that are absent are never sent.
 */
export interface TagApi {
  list(filter: TagFilter): Promise<TagGroup[]>;
  /** Into an existing group (`groupId`), or into the group of that name, which is created when missing (`groupName`). */
  add(request: {
    readonly libraryId: LibraryId;
    readonly target: { readonly groupId: string } | { readonly groupName: string; readonly order?: number };
    readonly tags: readonly NewTag[];
  }): Promise<{ readonly groupId: string; readonly tags: readonly Tag[] }>;
  edit(request: {
    readonly libraryId: LibraryId;
    readonly id: string;
    readonly name?: string;
    readonly order?: number;
  }): Promise<void>;
  delete(request: {
    readonly libraryId: LibraryId;
    readonly tagIds?: readonly string[];
    readonly groupIds?: readonly string[];
  }): Promise<void>;
}

/** customer_strategy/* (doc 94883). create/edit/del are serial per corp on the platform's side. */
export interface RuleGroupApi {
  /** Ids of all rule groups this app created, all pages. */
  list(): Promise<number[]>;
  get(id: number): Promise<RuleGroup>;
  range(id: number): Promise<RangeNode[]>;
  create(request: {
    readonly parentId?: number;
    readonly name: string;
    readonly admins: readonly string[];
    readonly privilege?: Readonly<Record<string, boolean>>;
    readonly range: readonly RangeNode[];
  }): Promise<number>;
  /** `admins` and `privilege` overwrite what is there; ranges are deltas. */
  edit(request: {
    readonly id: number;
    readonly name?: string;
    readonly admins?: readonly string[];
    readonly privilege?: Readonly<Record<string, boolean>>;
    readonly rangeAdd?: readonly RangeNode[];
    readonly rangeDelete?: readonly RangeNode[];
  }): Promise<void>;
  delete(id: number): Promise<void>;
}
