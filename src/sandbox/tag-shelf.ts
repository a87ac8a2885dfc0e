/**
 * Where the tags of the simulated corp stand: groups in rule groups, tags in groups, and the corp tags beside them.
 * The calls of the API (tag-library.ts) and the people in the console (console.ts) both work on it.
 */
import { tagId } from './ids.ts';
import type { SandboxGroup, SandboxTag } from './protocol.ts';
import { type Body, objectList, refuse } from './refusal.ts';

export interface Tag {
  readonly id: string;
  name: string;
  order: number;
  readonly createTime: number;
}

export interface Group {
  readonly id: string;
  readonly strategyId: number;
  name: string;
  order: number;
  readonly createTime: number;
  tags: Tag[];
}

/** What an id stands for; no `tag` when it is the group's own. */
export interface Found {
  readonly group: Group;
  readonly tag: Tag | undefined;
}

const MAX_NAME = 30;
/** Corp tags and rule-group tags together. */
const QUOTA = 10_000;

export class TagShelf {
  /** In order of creation, which is also the order of the API's answers: sorting is the reader's business. */
  readonly #groups = new Map<string, Group>();
  readonly #now: () => number;
  #corpGroups: readonly Body[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Tags of every rule group, visible to the app or not. */
  get tagCount(): number {
    let count = 0;
    for (const group of this.#groups.values()) count += group.tags.length;
    return count;
  }

  get corpGroups(): readonly Body[] {
    return this.#corpGroups;
  }

  groups(): readonly Group[] {
    return [...this.#groups.values()];
  }

  groupsOf(strategyId: number): readonly Group[] {
    return this.groups().filter((group) => group.strategyId === strategyId);
  }

  /** The groups of a rule group as the client shows them: larger order first. */
  shown(strategyId: number): readonly SandboxGroup[] {
    return [...this.groupsOf(strategyId)]
      .sort((a, b) => b.order - a.order)
      .map((group) => ({
        group_id: group.id,
        group_name: group.name,
        order: group.order,
        tag: [...group.tags]
          .sort((a, b) => b.order - a.order)
          .map(({ id, name, order }): SandboxTag => ({ id, name, order })),
      }));
  }

  /** Puts a group in as it is, without the API's checks. */
  put(strategyId: number, name: string, tags: readonly string[], order = 0): string {
    const group = this.newGroup(strategyId, name, order);
    for (const [at, tag] of tags.entries()) group.tags.push(this.newTag(tag, tags.length - at));
    return group.id;
  }

  /** Corp tags are only read and counted here. */
  putCorpGroups(groups: readonly { readonly name: string; readonly tags: readonly string[] }[]): void {
    this.#corpGroups = groups.map((group) => ({
      group_id: tagId(),
      group_name: group.name,
      create_time: this.#seconds(),
      order: 0,
      deleted: false,
      tag: group.tags.map((name) => ({ id: tagId(), name, create_time: this.#seconds(), order: 0, deleted: false })),
    }));
  }

  find(id: string): Found | undefined {
    const asGroup = this.#groups.get(id);
    if (asGroup !== undefined) return { group: asGroup, tag: undefined };
    for (const group of this.#groups.values()) {
      const tag = group.tags.find((each) => each.id === id);
      if (tag !== undefined) return { group, tag };
    }
    return undefined;
  }

  newGroup(strategyId: number, name: string, order: number): Group {
    const group: Group = { id: tagId(), strategyId, name, order, createTime: this.#seconds(), tags: [] };
    this.#groups.set(group.id, group);
    return group;
  }

  /** A tag that stands in no group yet. */
  newTag(name: string, order: number): Tag {
    return { id: tagId(), name, order, createTime: this.#seconds() };
  }

  /** Renames; 40071 when a sibling has the name: a group of the rule group, a tag of the group. */
  rename({ group, tag }: Found, name: string): void {
    checkName(name);
    const self = tag ?? group;
    const siblings: readonly (Tag | Group)[] = tag === undefined ? this.groupsOf(group.strategyId) : group.tags;
    if (siblings.some((sibling) => sibling !== self && sibling.name === name)) refuse(40071, 'tag name already exists');
    self.name = name;
  }

  /** Removes a group with its tags, or a tag; a group without tags vanishes. */
  remove(id: string): void {
    const found = this.find(id);
    if (found === undefined) return;
    found.group.tags = found.tag === undefined ? [] : found.group.tags.filter((tag) => tag.id !== id);
    if (found.group.tags.length === 0) this.#groups.delete(found.group.id);
  }

  /** A rule group is gone and its tags go along. */
  drop(strategyId: number): void {
    for (const group of this.groupsOf(strategyId)) this.#groups.delete(group.id);
  }

  /** Refuses with 40126 what would exceed the quota. */
  checkQuota(added: number): void {
    const corpTags = this.#corpGroups.reduce((count, group) => count + objectList(group, 'tag').length, 0);
    if (this.tagCount + corpTags + added > QUOTA) refuse(40126, 'external tag count exceeds limit');
  }

  #seconds(): number {
    return Math.floor(this.#now() / 1000);
  }
}

/** A name of 1 to 30 code points that is not blank; anything else is 40072, no text at all 40035. */
export function checkName(name: unknown): string {
  if (name !== undefined && typeof name !== 'string') refuse(40035, 'invalid parameter, name should be a string');
  if (name === undefined || name.trim() === '' || [...name].length > MAX_NAME) refuse(40072, 'invalid tag name');
  return name;
}
