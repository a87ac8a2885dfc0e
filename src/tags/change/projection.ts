/**
 * The library as it would be after the steps so far: what turns one write after the other into steps, each seeing what
 * the earlier ones would have done.
 */

import { fold } from '../../text.ts';
import type { Library } from '../library.ts';
import { byPosition, isOrder, MAX_ORDER, nameProblem, type TagGroup } from '../tag.ts';
import type { GroupPart, Note, Problem, Step, TagPart, Write } from './step.ts';

/** Tags per add call; the platform documents no cap, SDKs use 50 to 100. */
const TAGS_PER_ADD = 50;

interface ProjectedTag extends TagPart {
  readonly createTime: number;
}

interface ProjectedGroup {
  readonly id: string | undefined;
  /** The same for a group and for the one that is made anew in its place. */
  readonly key: string;
  readonly strategyId: number;
  readonly createTime: number;
  name: string;
  order: number;
  tags: ProjectedTag[];
}

type At = { readonly line?: number };

/** The library as it would be after the steps so far. Groups are copied when first touched. */
export class Projection {
  readonly #library: Library;
  readonly #byStrategy = new Map<number, ProjectedGroup[]>();
  /** By id, what these steps delete or leave without tags: the platform keeps no empty group. */
  readonly #vanished = new Map<string, ProjectedGroup>();
  readonly #steps: Step[] = [];
  readonly #notes: Note[] = [];
  /** Names removed resp. added by this batch: taking and giving the same thing is a contradiction. */
  readonly #removed = new Set<string>();
  readonly #added = new Set<string>();

  constructor(library: Library) {
    this.#library = library;
  }

  get steps(): readonly Step[] {
    return this.#steps;
  }

  get notes(): readonly Note[] {
    return this.#notes;
  }

  take(write: Write, at: At): Problem | undefined {
    switch (write.command) {
      case 'tag.add':
        return write.target.kind === 'existing'
          ? this.#addTo(write.target.group, write.tags, at)
          : this.#create(write.target.strategyId, write.target.name, write.tags, at);
      case 'group.create':
        if (write.tags.length === 0) return { problem: 'no-tags', group: write.name };
        return this.#create(write.strategyId, write.name, write.tags, at);
      case 'tag.delete':
        return this.#deleteTags(write.targets, write.absent, at);
      case 'group.delete':
        return this.#deleteGroups(write.targets, write.absent, at);
      case 'tag.rename':
        return this.#renameTag(write.target, write.to, at);
      case 'group.rename':
        return this.#renameGroup(write.target, write.to, at);
      case 'tag.order':
        return this.#orderTag(write.target, write.order, at);
      case 'group.order':
        return this.#orderGroup(write.target, write.order, at);
      case 'tag.top':
        return this.#topTag(write.target, at);
      case 'group.top':
        return this.#topGroup(write.target, at);
    }
  }

  #groups(strategyId: number): ProjectedGroup[] {
    let groups = this.#byStrategy.get(strategyId);
    if (!groups) {
      groups = this.#library.groupsOf(strategyId).map(copyGroup);
      this.#byStrategy.set(strategyId, groups);
    }
    return groups;
  }

  #group(id: string): ProjectedGroup | undefined {
    const strategyId = this.#library.group(id)?.strategyId;
    return strategyId === undefined ? undefined : this.#groups(strategyId).find((group) => group.id === id);
  }

  #tag(id: string): { group: ProjectedGroup; tag: ProjectedTag } | undefined {
    const entry = this.#library.tag(id);
    const group = entry && this.#group(entry.group.id);
    const tag = group?.tags.find((candidate) => candidate.id === id);
    return group && tag ? { group, tag } : undefined;
  }

  #addTo(ref: { id: string; name: string; strategyId: number }, names: readonly string[], at: At): Problem | undefined {
    const group = this.#group(ref.id);
    if (group) return this.#add(group, names, at);
    const vanished = this.#vanished.get(ref.id);
    if (vanished) return this.#create(vanished.strategyId, vanished.name, names, at, vanished.order);
    return this.#gone(ref.name, at);
  }

  #create(strategyId: number, name: string, names: readonly string[], at: At, order = 0): Problem | undefined {
    const trimmed = name.trim();
    const bad = badName(trimmed);
    if (bad) return bad;
    const groups = this.#groups(strategyId);
    const existing =
      groups.find((group) => group.name === trimmed) ?? groups.find((group) => fold(group.name) === fold(trimmed));
    if (existing) {
      if (existing.id !== undefined) this.#notes.push({ ...at, note: 'group-exists', group: existing.name });
      return this.#add(existing, names, at);
    }
    const before = [...this.#vanished.values()].find(
      (group) => group.strategyId === strategyId && fold(group.name) === fold(trimmed),
    );
    const group: ProjectedGroup = {
      id: undefined,
      key: before?.key ?? `${strategyId} ${trimmed}`,
      strategyId,
      createTime: Number.MAX_SAFE_INTEGER,
      name: trimmed,
      order,
      tags: [],
    };
    const problem = this.#add(group, names, at);
    if (!problem) groups.push(group);
    return problem;
  }

  #add(group: ProjectedGroup, names: readonly string[], at: At): Problem | undefined {
    const ruleGroup = this.#library.ruleGroup(group.strategyId);
    if (ruleGroup && ruleGroup.parentId !== 0) return { problem: 'child-rule-group', strategyId: group.strategyId };
    const fresh: string[] = [];
    for (const raw of names) {
      const name = raw.trim();
      const bad = badName(name);
      if (bad) return bad;
      if (this.#removed.has(keyOf(group, name))) return { problem: 'contradiction', name };
      if (fresh.some((other) => fold(other) === fold(name))) {
        this.#notes.push({ ...at, note: 'repeated', name });
        continue;
      }
      const twin =
        group.tags.find((tag) => tag.name === name) ?? group.tags.find((tag) => fold(tag.name) === fold(name));
      if (twin) {
        this.#notes.push({ ...at, note: 'exists', group: group.name, name, as: twin.name });
        continue;
      }
      fresh.push(name);
      this.#added.add(keyOf(group, name));
    }
    for (let i = 0; i < fresh.length; i += TAGS_PER_ADD) {
      const tags = fresh.slice(i, i + TAGS_PER_ADD).map((name) => ({ name }));
      const creates = group.id === undefined && group.tags.length === 0;
      const groupOrder = creates && group.order > 0 ? { groupOrder: group.order } : {};
      this.#steps.push({ ...at, do: 'addTags', group: partOf(group), creates, ...groupOrder, tags });
      group.tags.push(
        ...tags.map((tag) => ({ id: '', name: tag.name, order: 0, createTime: Number.MAX_SAFE_INTEGER })),
      );
    }
    return undefined;
  }

  #deleteTags(
    targets: readonly { id: string; name: string }[],
    absent: readonly string[],
    at: At,
  ): Problem | undefined {
    this.#noteAbsent(absent, at);
    const perGroup = new Map<ProjectedGroup, ProjectedTag[]>();
    for (const target of targets) {
      const found = this.#tag(target.id);
      if (!found) {
        this.#notes.push({ ...at, note: 'gone', name: target.name });
        continue;
      }
      if (this.#added.has(keyOf(found.group, found.tag.name)))
        return { problem: 'contradiction', name: found.tag.name };
      const tags = perGroup.get(found.group) ?? [];
      if (!tags.includes(found.tag)) tags.push(found.tag);
      perGroup.set(found.group, tags);
    }
    for (const [group, tags] of perGroup) {
      group.tags = group.tags.filter((tag) => !tags.includes(tag));
      for (const tag of tags) this.#removed.add(keyOf(group, tag.name));
      this.#steps.push({
        ...at,
        do: 'deleteTags',
        group: { ...partOf(group), order: group.order },
        tags: tags.map(tagPart),
        takesGroup: group.tags.length === 0,
      });
      if (group.tags.length === 0) this.#vanish(group);
    }
    return undefined;
  }

  #deleteGroups(
    targets: readonly { id: string; name: string }[],
    absent: readonly string[],
    at: At,
  ): Problem | undefined {
    this.#noteAbsent(absent, at);
    for (const target of targets) {
      const group = this.#group(target.id);
      if (!group) {
        this.#notes.push({ ...at, note: 'gone', name: target.name });
        continue;
      }
      const touched = group.tags.find((tag) => this.#added.has(keyOf(group, tag.name)));
      if (touched) return { problem: 'contradiction', name: touched.name };
      for (const tag of group.tags) this.#removed.add(keyOf(group, tag.name));
      this.#steps.push({
        ...at,
        do: 'deleteGroup',
        id: target.id,
        strategyId: group.strategyId,
        name: group.name,
        order: group.order,
        tags: group.tags.map(tagPart),
      });
      this.#vanish(group);
    }
    return undefined;
  }

  #vanish(group: ProjectedGroup): void {
    const groups = this.#groups(group.strategyId);
    groups.splice(groups.indexOf(group), 1);
    if (group.id !== undefined) this.#vanished.set(group.id, group);
  }

  #noteAbsent(names: readonly string[], at: At): void {
    for (const name of names) this.#notes.push({ ...at, note: 'absent', name });
  }

  #renameTag(target: { id: string; name: string }, to: string, at: At): Problem | undefined {
    const found = this.#tag(target.id);
    if (!found) return this.#gone(target.name, at);
    const { group, tag } = found;
    const name = to.trim();
    const bad = badName(name);
    if (bad) return bad;
    if (this.#removed.has(keyOf(group, tag.name))) return { problem: 'contradiction', name: tag.name };
    if (tag.name === name) {
      this.#notes.push({ ...at, note: 'same-name', name });
      return undefined;
    }
    if (group.tags.some((other) => other !== tag && other.name === name))
      return { problem: 'name-taken', name, group: group.name };
    this.#steps.push({ ...at, do: 'renameTag', id: tag.id, group: partOf(group), from: tag.name, to: name });
    group.tags = group.tags.map((other) => (other === tag ? { ...tag, name } : other));
    this.#added.add(keyOf(group, name));
    return undefined;
  }

  #renameGroup(target: { id: string; name: string }, to: string, at: At): Problem | undefined {
    const group = this.#group(target.id);
    if (!group) return this.#gone(target.name, at);
    const name = to.trim();
    const bad = badName(name);
    if (bad) return bad;
    if (group.name === name) {
      this.#notes.push({ ...at, note: 'same-name', name });
      return undefined;
    }
    if (this.#groups(group.strategyId).some((other) => other !== group && other.name === name))
      return { problem: 'name-taken', name };
    this.#steps.push({
      ...at,
      do: 'renameGroup',
      id: target.id,
      strategyId: group.strategyId,
      from: group.name,
      to: name,
    });
    group.name = name;
    return undefined;
  }

  #orderTag(target: { id: string; name: string }, order: number, at: At): Problem | undefined {
    const found = this.#tag(target.id);
    if (!found) return this.#gone(target.name, at);
    if (!isOrder(order)) return { problem: 'bad-order', order };
    if (found.tag.order === order) {
      this.#notes.push({ ...at, note: 'same-order', name: found.tag.name, order });
      return undefined;
    }
    this.#setTagOrder(found.group, found.tag, order, at);
    return undefined;
  }

  #setTagOrder(group: ProjectedGroup, tag: ProjectedTag, order: number, at: At, makesRoom = false): void {
    if (tag.order === order) return;
    this.#steps.push({
      ...at,
      do: 'orderTag',
      id: tag.id,
      group: partOf(group),
      name: tag.name,
      from: tag.order,
      to: order,
      ...(makesRoom ? { makesRoom: true as const } : {}),
    });
    group.tags = group.tags.map((other) => (other === tag ? { ...tag, order } : other));
  }

  #orderGroup(target: { id: string; name: string }, order: number, at: At): Problem | undefined {
    const group = this.#group(target.id);
    if (!group) return this.#gone(target.name, at);
    if (!isOrder(order)) return { problem: 'bad-order', order };
    if (group.order === order) {
      this.#notes.push({ ...at, note: 'same-order', name: group.name, order });
      return undefined;
    }
    this.#setGroupOrder(group, target.id, order, at);
    return undefined;
  }

  #setGroupOrder(group: ProjectedGroup, id: string, order: number, at: At, makesRoom = false): void {
    if (group.order === order) return;
    this.#steps.push({
      ...at,
      do: 'orderGroup',
      id,
      strategyId: group.strategyId,
      name: group.name,
      from: group.order,
      to: order,
      ...(makesRoom ? { makesRoom: true as const } : {}),
    });
    group.order = order;
  }

  #topTag(target: { id: string; name: string }, at: At): Problem | undefined {
    const found = this.#tag(target.id);
    if (!found) return this.#gone(target.name, at);
    const { group, tag } = found;
    const siblings = group.tags.filter((other) => other !== tag).sort(byPosition);
    if (isAbove(tag, siblings)) {
      this.#notes.push({ ...at, note: 'already-first', name: tag.name, group: group.name });
      return undefined;
    }
    for (const { item, order } of makeRoom(siblings)) this.#setTagOrder(group, item, order, at, true);
    this.#setTagOrder(group, tag, Math.min((siblings[0]?.order ?? 0) + 1, MAX_ORDER), at);
    return undefined;
  }

  #topGroup(target: { id: string; name: string }, at: At): Problem | undefined {
    const group = this.#group(target.id);
    if (!group) return this.#gone(target.name, at);
    const siblings = this.#groups(group.strategyId)
      .filter((other) => other !== group && other.id !== undefined)
      .sort(byPosition);
    if (isAbove(group, siblings)) {
      this.#notes.push({ ...at, note: 'already-first', name: group.name });
      return undefined;
    }
    const top = siblings[0]?.order ?? 0;
    for (const { item, order } of makeRoom(siblings)) this.#setGroupOrder(item, item.id ?? '', order, at, true);
    this.#setGroupOrder(group, target.id, Math.min(top + 1, MAX_ORDER), at);
    return undefined;
  }

  #gone(name: string, at: At): undefined {
    this.#notes.push({ ...at, note: 'gone', name });
    return undefined;
  }
}

/** Above all of them by its value: between equals the platform does not say who is first (doc 94882). */
function isAbove(one: { readonly order: number }, shown: readonly { readonly order: number }[]): boolean {
  return shown[0] === undefined || one.order > shown[0].order;
}

/**
 * Which siblings must be lowered, and to what, so that MAX_ORDER is free above all of them and their sequence stays.
 * `shown` is sorted by position. Empty when the first is below the maximum already.
 */
function makeRoom<T extends { readonly order: number }>(shown: readonly T[]): { item: T; order: number }[] {
  const lowered: { item: T; order: number }[] = [];
  let ceiling = MAX_ORDER - 1;
  let previous: { was: number; is: number } | undefined;
  for (const item of shown) {
    // Equal siblings stay equal: their sequence comes from their age, not from the value.
    const order = previous && item.order === previous.was ? previous.is : Math.min(item.order, ceiling);
    if (order === item.order) break;
    lowered.push({ item, order });
    previous = { was: item.order, is: order };
    ceiling = order - 1;
  }
  return lowered.reverse();
}

function badName(name: string): Problem | undefined {
  const problem = nameProblem(name);
  if (!problem) return undefined;
  return problem.problem === 'too-long'
    ? { problem: 'bad-name', name, why: 'too-long', length: problem.length }
    : { problem: 'bad-name', name, why: problem.problem };
}

function copyGroup(group: TagGroup): ProjectedGroup {
  return {
    id: group.id,
    key: group.id,
    strategyId: group.strategyId,
    createTime: group.createTime,
    name: group.name,
    order: group.order,
    tags: [...group.tags],
  };
}

function partOf(group: ProjectedGroup): GroupPart {
  return group.id === undefined
    ? { name: group.name, strategyId: group.strategyId }
    : { id: group.id, name: group.name, strategyId: group.strategyId };
}

function tagPart({ id, name, order }: TagPart): TagPart {
  return { id, name, order };
}

function keyOf(group: ProjectedGroup, name: string): string {
  return `${group.key}\u0000${name}`;
}
