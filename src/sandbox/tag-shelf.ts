/**
 * Where the tags of the simulated corp stand: tags in groups, groups in a library, which is a rule group's or the one of
 * corp tags. The calls of the API (tag-library.ts) and the people in the console (console.ts) both work on it.
 */
import { tagId } from './ids.ts';
import type { SandboxGroup, SandboxTag } from './protocol.ts';
import { refuse } from './refusal.ts';
import { A_PERSON, type Maker } from './strategies.ts';

/** The corp tags, or those of the rule group with this id. */
export type LibraryId = 'corp' | number;

export interface Tag {
  readonly id: string;
  name: string;
  order: number;
  readonly createTime: number;
  /** Of corp tags an app changes only those that it has made itself. */
  readonly madeBy: Maker;
}

export interface Group {
  readonly id: string;
  readonly library: LibraryId;
  name: string;
  order: number;
  readonly createTime: number;
  readonly madeBy: Maker;
  tags: Tag[];
  /** Deleted ones: of corp tags the list call still knows them when it is asked for them by id (doc 92117). */
  readonly deleted: Tag[];
}

/** What an id stands for; no `tag` when it is the group's own. */
export interface Found {
  readonly group: Group;
  readonly tag: Tag | undefined;
}

const MAX_NAME = 30;
/** Corp tags and rule-group tags together. */
const QUOTA = 10_000;

/** The tags of a corp, whichever app looks at them. */
export class TagRecords {
  /** In order of creation, which is also the order of the API's answers: sorting is the reader's business. */
  readonly groups = new Map<string, Group>();
  readonly deleted = new Map<string, Group>();
}

export class TagShelf {
  readonly #groups: Map<string, Group>;
  readonly #deleted: Map<string, Group>;
  readonly #app: string;
  readonly #now: () => number;

  /** `app`: by which name what this app makes is marked. */
  constructor(records: TagRecords, app: string, now: () => number) {
    this.#groups = records.groups;
    this.#deleted = records.deleted;
    this.#app = app;
    this.#now = now;
  }

  isOwn({ madeBy }: Tag | Group): boolean {
    return madeBy === this.#app;
  }

  /** Tags of the corp and of every rule group, visible to the app or not: all that counts towards the quota. */
  get tagCount(): number {
    let count = 0;
    for (const group of this.#groups.values()) count += group.tags.length;
    return count;
  }

  groups(): readonly Group[] {
    return [...this.#groups.values()];
  }

  groupsOf(library: LibraryId): readonly Group[] {
    return this.groups().filter((group) => group.library === library);
  }

  /** Groups of the library that are no longer there. */
  deletedOf(library: LibraryId): readonly Group[] {
    return [...this.#deleted.values()].filter((group) => group.library === library);
  }

  /** The groups of a library as the client shows them: larger order first. */
  shown(library: LibraryId): readonly SandboxGroup[] {
    return [...this.groupsOf(library)]
      .sort((a, b) => b.order - a.order)
      .map((group) => ({
        group_id: group.id,
        group_name: group.name,
        order: group.order,
        ownApp: this.isOwn(group),
        tag: [...group.tags]
          .sort((a, b) => b.order - a.order)
          .map((tag): SandboxTag => ({ id: tag.id, name: tag.name, order: tag.order, ownApp: this.isOwn(tag) })),
      }));
  }

  /** Puts a group in as it is, without the API's checks. `ownApp`: as if the app had made it. */
  put(library: LibraryId, name: string, tags: readonly string[], order = 0, ownApp = true): string {
    const group = this.newGroup(library, name, order, ownApp);
    for (const [at, tag] of tags.entries()) group.tags.push(this.newTag(tag, tags.length - at, ownApp));
    return group.id;
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

  newGroup(library: LibraryId, name: string, order: number, ownApp: boolean): Group {
    const createTime = this.#seconds();
    const madeBy = this.#maker(ownApp);
    const group: Group = { id: tagId(), library, name, order, createTime, madeBy, tags: [], deleted: [] };
    this.#groups.set(group.id, group);
    return group;
  }

  /** A tag that stands in no group yet. */
  newTag(name: string, order: number, ownApp: boolean): Tag {
    return { id: tagId(), name, order, createTime: this.#seconds(), madeBy: this.#maker(ownApp) };
  }

  /** Renames; 40071 when a sibling has the name: a group of the library, a tag of the group. */
  rename({ group, tag }: Found, name: string): void {
    checkName(name);
    const self = tag ?? group;
    const siblings: readonly (Tag | Group)[] = tag === undefined ? this.groupsOf(group.library) : group.tags;
    if (siblings.some((sibling) => sibling !== self && sibling.name === name)) refuse(40071, 'tag name already exists');
    self.name = name;
  }

  /** Removes a group with its tags, or a tag; a group without tags vanishes. */
  remove(id: string): void {
    const found = this.find(id);
    if (found === undefined) return;
    const { group, tag } = found;
    const doomed = tag === undefined ? group.tags : [tag];
    group.tags = group.tags.filter((each) => !doomed.includes(each));
    group.deleted.push(...doomed);
    if (group.tags.length > 0) return;
    this.#groups.delete(group.id);
    this.#deleted.set(group.id, group);
  }

  /** A library is gone and its tags go along. */
  drop(library: LibraryId): void {
    for (const group of this.groupsOf(library)) this.#groups.delete(group.id);
  }

  /** Refuses with 40126 what would exceed the quota. */
  checkQuota(added: number): void {
    if (this.tagCount + added > QUOTA) refuse(40126, 'external tag count exceeds limit');
  }

  #maker(ownApp: boolean): Maker {
    return ownApp ? this.#app : A_PERSON;
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
