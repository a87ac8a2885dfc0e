/**
 * The subject: tags in tag groups in rule groups (规则组), the rules their names and orders obey,
 * and the ports through which the tags room reaches the platform. Knows no HTTP.
 */

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
  readonly strategyId: number;
  /** As shown, see byPosition. */
  readonly tags: readonly Tag[];
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

export function isOrder(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= MAX_ORDER;
}

/** At most one of the three filters is meaningful: with groupIds the platform ignores tagIds (doc 94882). */
export interface TagFilter {
  readonly strategyId?: number;
  readonly tagIds?: readonly string[];
  readonly groupIds?: readonly string[];
}

export interface NewTag {
  readonly name: string;
  readonly order?: number;
}

/** The four strategy tag calls (doc 94882). Every method throws BotError; fields that are absent are never sent. */
export interface TagApi {
  list(filter: TagFilter): Promise<TagGroup[]>;
  /** Into an existing group (`groupId`), or into the group of that name, which is created when missing (`groupName`). */
  add(request: {
    readonly strategyId: number;
    readonly target: { readonly groupId: string } | { readonly groupName: string; readonly order?: number };
    readonly tags: readonly NewTag[];
  }): Promise<{ readonly groupId: string; readonly tags: readonly Tag[] }>;
  edit(request: { readonly id: string; readonly name?: string; readonly order?: number }): Promise<void>;
  delete(request: { readonly tagIds?: readonly string[]; readonly groupIds?: readonly string[] }): Promise<void>;
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
