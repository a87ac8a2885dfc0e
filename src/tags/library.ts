/**
 * One moment of all libraries, 企业标签 and those of rule groups: their tag groups and tags, with the look-ups every room
 * needs. Immutable; the catalog replaces it whole. Names are compared through `fold` (width, case, quotes, spaces).
 */

import type { BotError } from '../errors.ts';
import { fold } from '../text.ts';
import {
  byLibrary,
  byPosition,
  countTags,
  type Family,
  type LibraryId,
  type RuleGroup,
  type Tag,
  type TagGroup,
} from './tag.ts';

export interface TagEntry {
  readonly tag: Tag;
  readonly group: TagGroup;
}

export interface LibraryChange {
  /** New groups, and groups that take the place of those with the same id. */
  readonly groups?: readonly TagGroup[];
  /** Ids of groups that are gone. */
  readonly removed?: readonly string[];
  readonly ruleGroups?: readonly RuleGroup[];
  readonly readAt?: number;
  readonly unread?: ReadonlyMap<Family, BotError>;
}

const ALL_READ: ReadonlyMap<Family, BotError> = new Map();
export const CORP_LIBRARY = '企业标签';

/** So many changed groups are looked through one by one; with more the maps are made anew. */
const MAX_PATCHES = 64;

export class Library {
  readonly ruleGroups: readonly RuleGroup[];
  /** Every visible group, by library, then as shown. */
  readonly groups: readonly TagGroup[];
  readonly tagCount: number;
  /** ms; when the oldest part of it was read. */
  readonly readAt: number;
  /** Families that the app has no right to read, and why; nothing is here of them. */
  readonly unread: ReadonlyMap<Family, BotError>;
  readonly #ruleGroup: ReadonlyMap<number, RuleGroup>;
  /** All groups as they were when the maps were last made; shared with the libraries before and after. */
  readonly #base: Maps;
  /** By id, the groups that have changed since; undefined when gone. */
  readonly #patches: ReadonlyMap<string, Maps | undefined>;
  #groupsOf: ReadonlyMap<LibraryId, TagGroup[]> | undefined;
  #libraryIds: ReadonlySet<LibraryId> | undefined;

  /** `unmoved` and `patched` are for `with` alone. */
  constructor(
    ruleGroups: readonly RuleGroup[],
    groups: readonly TagGroup[],
    readAt: number,
    unread = ALL_READ,
    unmoved?: Unmoved,
    patched?: { readonly base: Maps; readonly patches: ReadonlyMap<string, Maps | undefined> },
  ) {
    this.ruleGroups = unmoved ? ruleGroups : [...ruleGroups].sort((a, b) => a.id - b.id);
    this.#ruleGroup = unmoved?.ruleGroup ?? new Map(this.ruleGroups.map((ruleGroup) => [ruleGroup.id, ruleGroup]));
    this.groups = unmoved ? groups : [...groups].sort(asShown);
    this.#libraryIds = unmoved?.libraryIds;
    this.readAt = readAt;
    this.unread = unread;
    this.tagCount = countTags(groups);
    this.#base = patched?.base ?? new Maps(this.groups);
    this.#patches = patched?.patches ?? new Map();
  }

  /** The library after a change of a few groups; costs what the changed groups cost, not what the library costs. */
  with(change: LibraryChange): Library {
    const changed = new Map<string, TagGroup | undefined>();
    for (const id of change.removed ?? []) changed.set(id, undefined);
    for (const group of change.groups ?? []) changed.set(group.id, group);
    const inPlace = !change.ruleGroups && this.#allKeepTheirPlace(changed);
    const unmoved = inPlace ? { ruleGroup: this.#ruleGroup, libraryIds: this.libraryIds } : undefined;
    let groups: TagGroup[];
    if (inPlace) groups = this.groups.map((group) => changed.get(group.id) ?? group);
    else {
      groups = this.groups.filter((group) => !changed.has(group.id));
      for (const group of changed.values()) if (group) groups.push(group);
    }
    const ruleGroups = change.ruleGroups ?? this.ruleGroups;
    const { readAt, unread } = { readAt: this.readAt, unread: this.unread, ...change };
    const patches = new Map(this.#patches);
    for (const [id, group] of changed) patches.set(id, group && new Maps([group]));
    if (patches.size > MAX_PATCHES) return new Library(ruleGroups, groups, readAt, unread, unmoved);
    return new Library(ruleGroups, groups, readAt, unread, unmoved, { base: this.#base, patches });
  }

  /** As after most changes: then neither the order nor the rule groups have to be worked out again. */
  #allKeepTheirPlace(changed: ReadonlyMap<string, TagGroup | undefined>): boolean {
    for (const [id, group] of changed) {
      const before = this.group(id);
      if (!group || !before || asShown(before, group) !== 0) return false;
    }
    return true;
  }

  /** The rule group of a library; 企业标签 has none, and the details of others may be unknown. */
  ruleGroup(id: LibraryId): RuleGroup | undefined {
    return id === 'corp' ? undefined : this.#ruleGroup.get(id);
  }

  group(id: string): TagGroup | undefined {
    return this.#patches.has(id) ? this.#patches.get(id)?.group.get(id) : this.#base.group.get(id);
  }

  tag(id: string): TagEntry | undefined {
    const entry = this.#base.tag.get(id);
    if (entry && !this.#patches.has(entry.group.id)) return entry;
    // Where it was is the likeliest place.
    const there = entry && this.#patches.get(entry.group.id)?.tag.get(id);
    if (there) return there;
    for (const patch of this.#patches.values()) {
      const made = patch?.tag.get(id);
      if (made) return made;
    }
    return undefined;
  }

  /** The groups of one library, as shown. */
  groupsOf(libraryId: LibraryId): readonly TagGroup[] {
    return this.#byLibrary().get(libraryId) ?? [];
  }

  /** 企业标签, and every rule group that is known or has groups. Asked with every message, so it is worked out once. */
  get libraryIds(): ReadonlySet<LibraryId> {
    this.#libraryIds ??= new Set<LibraryId>(['corp', ...this.#ruleGroup.keys(), ...this.#byLibrary().keys()]);
    return this.#libraryIds;
  }

  #byLibrary(): ReadonlyMap<LibraryId, TagGroup[]> {
    if (this.#groupsOf) return this.#groupsOf;
    const groupsOf = new Map<LibraryId, TagGroup[]>();
    for (const group of this.groups) push(groupsOf, group.libraryId, group);
    this.#groupsOf = groupsOf;
    return groupsOf;
  }

  /** Groups whose folded name equals the folded `name`, in any rule group; none for a name of which nothing is left. */
  groupsNamed(name: string): readonly TagGroup[] {
    const key = fold(name);
    return this.#current(
      (maps) => maps.groupsNamed(key),
      (group) => group,
    );
  }

  /** Tags whose folded name equals the folded `name`, in any group; none for a name of which nothing is left. */
  tagsNamed(name: string): readonly TagEntry[] {
    const key = fold(name);
    return this.#current(
      (maps) => maps.tagsNamed(key),
      (entry) => entry.group,
    );
  }

  /** Rule groups whose folded name equals the folded `name`; none for a name of which nothing is left. */
  ruleGroupsNamed(name: string): readonly RuleGroup[] {
    const key = fold(name);
    return key === '' ? NONE : this.ruleGroups.filter((ruleGroup) => fold(ruleGroup.name) === key);
  }

  /** A library's name; of a rule group whose details could not be read, a readable stand-in. */
  libraryName(id: LibraryId): string {
    return id === 'corp' ? CORP_LIBRARY : (this.ruleGroup(id)?.name ?? `规则组 ${id}`);
  }

  /** What the maps know, the patched groups from their patches, in the order of the library. */
  #current<T>(from: (maps: Maps) => readonly T[], groupOf: (found: T) => TagGroup): readonly T[] {
    const unpatched = from(this.#base);
    if (this.#patches.size === 0) return unpatched;
    const found = unpatched.filter((one) => !this.#patches.has(groupOf(one).id));
    const before = found.length;
    for (const patch of this.#patches.values()) {
      if (patch) for (const one of from(patch)) found.push(one);
    }
    return found.length > before && found.length > 1 ? found.sort((a, b) => asShown(groupOf(a), groupOf(b))) : found;
  }
}

/** What a library has in common with the one it came from, when all groups have kept their place. */
interface Unmoved {
  readonly ruleGroup: ReadonlyMap<number, RuleGroup>;
  readonly libraryIds: ReadonlySet<LibraryId>;
}

function asShown(a: TagGroup, b: TagGroup): number {
  return byLibrary(a.libraryId, b.libraryId) || byPosition(a, b);
}

const NONE: readonly never[] = [];

/** Groups and their tags by id and by folded name. */
class Maps {
  readonly group = new Map<string, TagGroup>();
  readonly tag = new Map<string, TagEntry>();
  readonly #groups: readonly TagGroup[];
  #names: { readonly groups: Map<string, TagGroup[]>; readonly tags: Map<string, TagEntry[]> } | undefined;

  constructor(groups: readonly TagGroup[]) {
    this.#groups = groups;
    for (const group of groups) {
      this.group.set(group.id, group);
      for (const tag of group.tags) this.tag.set(tag.id, { tag, group });
    }
  }

  groupsNamed(key: string): readonly TagGroup[] {
    return (key !== '' && this.#named().groups.get(key)) || NONE;
  }

  tagsNamed(key: string): readonly TagEntry[] {
    return (key !== '' && this.#named().tags.get(key)) || NONE;
  }

  /** The names of 10,000 tags take a few ms, left to the first question about a name. */
  #named() {
    if (this.#names) return this.#names;
    const names = { groups: new Map<string, TagGroup[]>(), tags: new Map<string, TagEntry[]>() };
    for (const group of this.#groups) {
      push(names.groups, fold(group.name), group);
      for (const tag of group.tags) push(names.tags, fold(tag.name), this.tag.get(tag.id) ?? { tag, group });
    }
    this.#names = names;
    return names;
  }
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
