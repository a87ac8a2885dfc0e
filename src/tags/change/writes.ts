/**
 * Turns writes into steps, one after the other, each seeing what the earlier ones would have done. A write reaches its
 * target by id, and only while that still bears the name which the member used.
 */

import { fold } from '../../text.ts';
import type { Library } from '../library.ts';
import { byPosition, isOrder, type LibraryId, nameProblem } from '../tag.ts';
import { above, isAbove, makeRoom } from './first-place.ts';
import { type ProjectedGroup, type ProjectedTag, Projection, partOf } from './projection.ts';
import { type Note, type Problem, type Step, type Target, tagPart, type Write } from './step.ts';

/** Tags per add call; the platform documents no cap, SDKs use 50 to 100. */
const TAGS_PER_ADD = 50;

type At = { readonly line?: number };

export class WritePlanner {
  readonly #projection: Projection;
  readonly #steps: Step[] = [];
  readonly #notes: Note[] = [];
  /** Names removed resp. added by this batch: taking and giving the same thing is a contradiction. */
  readonly #removed = new Set<string>();
  readonly #added = new Set<string>();

  constructor(library: Library) {
    this.#projection = new Projection(library);
  }

  get steps(): readonly Step[] {
    return this.#steps;
  }

  get notes(): readonly Note[] {
    return this.#notes;
  }

  /** Adds the steps of one more write; the problem instead when it cannot be done. */
  take(write: Write, at: At): Problem | undefined {
    return this.#renamed(write) ?? this.#stepsOf(write, at);
  }

  #stepsOf(write: Write, at: At): Problem | undefined {
    switch (write.command) {
      case 'tag.add':
        return write.target.kind === 'existing'
          ? this.#addTo(write.target.group, write.tags, at)
          : this.#create(write.target.libraryId, write.target.name, write.tags, at);
      case 'group.create':
        if (write.tags.length === 0) return { problem: 'no-tags', group: write.name };
        return this.#create(write.libraryId, write.name, write.tags, at);
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

  /** Somebody has given a target another name since the member wrote; an earlier line of this batch may. */
  #renamed(write: Write): Problem | undefined {
    for (const { id, name } of targetsOf(write)) {
      const now = nameNow(this.#projection.library, id);
      const then = this.#projection.tag(id)?.tag.name ?? this.#projection.group(id)?.name;
      if (now !== undefined && now !== name && then !== name) return { problem: 'renamed', name, now };
    }
    return undefined;
  }

  #do(step: Step): void {
    this.#steps.push(step);
    this.#projection.take(step);
  }

  #addTo(ref: Target, names: readonly string[], at: At): Problem | undefined {
    const group = this.#projection.group(ref.id);
    if (group) return this.#add(group, names, at);
    const vanished = this.#projection.vanished(ref.id);
    if (vanished) return this.#create(vanished.libraryId, vanished.name, names, at, vanished.order);
    return this.#gone(ref.name, at);
  }

  #create(libraryId: LibraryId, name: string, names: readonly string[], at: At, order = 0): Problem | undefined {
    const trimmed = name.trim();
    const bad = badName(trimmed);
    if (bad) return bad;
    const groups = this.#projection.groupsOf(libraryId);
    const existing =
      groups.find((group) => group.name === trimmed) ?? groups.find((group) => fold(group.name) === fold(trimmed));
    if (existing?.id !== undefined) this.#notes.push({ ...at, note: 'group-exists', group: existing.name });
    return this.#add(existing ?? this.#projection.newGroup(libraryId, trimmed, order), names, at);
  }

  #add(group: ProjectedGroup, names: readonly string[], at: At): Problem | undefined {
    const ruleGroup = this.#projection.library.ruleGroup(group.libraryId);
    if (ruleGroup && ruleGroup.parentId !== 0) return { problem: 'child-rule-group' };
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
    let creates = group.id === undefined && group.tags.length === 0;
    for (let i = 0; i < fresh.length; i += TAGS_PER_ADD) {
      const tags = fresh.slice(i, i + TAGS_PER_ADD).map((name) => ({ name }));
      const groupOrder = creates && group.order > 0 ? { groupOrder: group.order } : {};
      this.#do({ ...at, do: 'addTags', group: partOf(group), creates, ...groupOrder, tags });
      creates = false;
    }
    return undefined;
  }

  #deleteTags(targets: readonly Target[], absent: readonly string[], at: At): Problem | undefined {
    this.#noteAbsent(absent, at);
    const perGroup = new Map<ProjectedGroup, ProjectedTag[]>();
    for (const target of targets) {
      const found = this.#projection.tag(target.id);
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
      for (const tag of tags) this.#removed.add(keyOf(group, tag.name));
      this.#do({
        ...at,
        do: 'deleteTags',
        group: { ...partOf(group), order: group.order },
        tags: tags.map(tagPart),
        takesGroup: tags.length === group.tags.length,
      });
    }
    return undefined;
  }

  #deleteGroups(targets: readonly Target[], absent: readonly string[], at: At): Problem | undefined {
    this.#noteAbsent(absent, at);
    for (const target of targets) {
      const group = this.#projection.group(target.id);
      if (!group) {
        this.#notes.push({ ...at, note: 'gone', name: target.name });
        continue;
      }
      const touched = group.tags.find((tag) => this.#added.has(keyOf(group, tag.name)));
      if (touched) return { problem: 'contradiction', name: touched.name };
      for (const tag of group.tags) this.#removed.add(keyOf(group, tag.name));
      const { libraryId, name, order } = group;
      this.#do({ ...at, do: 'deleteGroup', id: target.id, libraryId, name, order, tags: group.tags.map(tagPart) });
    }
    return undefined;
  }

  #noteAbsent(names: readonly string[], at: At): void {
    for (const name of names) this.#notes.push({ ...at, note: 'absent', name });
  }

  #renameTag(target: Target, to: string, at: At): Problem | undefined {
    const found = this.#projection.tag(target.id);
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
    this.#do({ ...at, do: 'renameTag', id: tag.id, group: partOf(group), from: tag.name, to: name });
    this.#added.add(keyOf(group, name));
    return undefined;
  }

  #renameGroup(target: Target, to: string, at: At): Problem | undefined {
    const group = this.#projection.group(target.id);
    if (!group) return this.#gone(target.name, at);
    const name = to.trim();
    const bad = badName(name);
    if (bad) return bad;
    if (group.name === name) {
      this.#notes.push({ ...at, note: 'same-name', name });
      return undefined;
    }
    const { libraryId } = group;
    if (this.#projection.groupsOf(libraryId).some((other) => other !== group && other.name === name))
      return { problem: 'name-taken', name };
    this.#do({ ...at, do: 'renameGroup', id: target.id, libraryId, from: group.name, to: name });
    return undefined;
  }

  #orderTag(target: Target, order: number, at: At): Problem | undefined {
    const found = this.#projection.tag(target.id);
    if (!found) return this.#gone(target.name, at);
    if (!isOrder(order)) return { problem: 'bad-order', order };
    if (found.tag.order === order) this.#notes.push({ ...at, note: 'same-order', name: found.tag.name, order });
    else this.#setTagOrder(found.group, found.tag, order, at);
    return undefined;
  }

  #setTagOrder(group: ProjectedGroup, tag: ProjectedTag, order: number, at: At, makesRoom?: true): void {
    if (tag.order === order) return;
    const step = {
      do: 'orderTag',
      id: tag.id,
      group: partOf(group),
      name: tag.name,
      from: tag.order,
      to: order,
    } as const;
    this.#do({ ...at, ...step, ...(makesRoom && { makesRoom }) });
  }

  #orderGroup(target: Target, order: number, at: At): Problem | undefined {
    const group = this.#projection.group(target.id);
    if (!group) return this.#gone(target.name, at);
    if (!isOrder(order)) return { problem: 'bad-order', order };
    if (group.order === order) this.#notes.push({ ...at, note: 'same-order', name: group.name, order });
    else this.#setGroupOrder(group, target.id, order, at);
    return undefined;
  }

  #setGroupOrder(group: ProjectedGroup, id: string, order: number, at: At, makesRoom?: true): void {
    if (group.order === order) return;
    const { libraryId, name, order: from } = group;
    this.#do({ ...at, do: 'orderGroup', id, libraryId, name, from, to: order, ...(makesRoom && { makesRoom }) });
  }

  #topTag(target: Target, at: At): Problem | undefined {
    const found = this.#projection.tag(target.id);
    if (!found) return this.#gone(target.name, at);
    const { group, tag } = found;
    const siblings = group.tags.filter((other) => other !== tag).sort(byPosition);
    if (isAbove(tag, siblings)) {
      this.#notes.push({ ...at, note: 'already-first', name: tag.name, group: group.name });
      return undefined;
    }
    const top = above(siblings);
    for (const { item, order } of makeRoom(siblings)) this.#setTagOrder(group, item, order, at, true);
    this.#setTagOrder(group, tag, top, at);
    return undefined;
  }

  #topGroup(target: Target, at: At): Problem | undefined {
    const group = this.#projection.group(target.id);
    if (!group) return this.#gone(target.name, at);
    const siblings = this.#projection
      .groupsOf(group.libraryId)
      .filter((other) => other !== group && other.id !== undefined)
      .sort(byPosition);
    if (isAbove(group, siblings)) {
      this.#notes.push({ ...at, note: 'already-first', name: group.name });
      return undefined;
    }
    // Before the first is lowered.
    const top = above(siblings);
    for (const { item, order } of makeRoom(siblings)) this.#setGroupOrder(item, item.id ?? '', order, at, true);
    this.#setGroupOrder(group, target.id, top, at);
    return undefined;
  }

  #gone(name: string, at: At): undefined {
    this.#notes.push({ ...at, note: 'gone', name });
    return undefined;
  }
}

function targetsOf(write: Write): readonly Target[] {
  switch (write.command) {
    case 'tag.add':
      return write.target.kind === 'existing' ? [write.target.group] : [];
    case 'group.create':
      return [];
    case 'tag.delete':
    case 'group.delete':
      return write.targets;
    default:
      return [write.target];
  }
}

function nameNow(library: Library, id: string): string | undefined {
  return library.tag(id)?.tag.name ?? library.group(id)?.name;
}

/** The write with its targets under the names they bear now: to be asked anew what was asked under an old one. */
export function writeUnderPresentNames(write: Write, library: Library): Write {
  const called = <T extends Target>(target: T): T => ({ ...target, name: nameNow(library, target.id) ?? target.name });
  switch (write.command) {
    case 'tag.add':
      return write.target.kind === 'existing'
        ? { ...write, target: { ...write.target, group: called(write.target.group) } }
        : write;
    case 'group.create':
      return write;
    case 'tag.delete':
    case 'group.delete':
      return { ...write, targets: write.targets.map(called) };
    default:
      return { ...write, target: called(write.target) };
  }
}

/** Why nothing can bear this name, which is trimmed; undefined when it can. */
export function badName(name: string): Problem | undefined {
  const problem = nameProblem(name);
  if (!problem) return undefined;
  return problem.problem === 'too-long'
    ? { problem: 'bad-name', name, why: 'too-long', length: problem.length }
    : { problem: 'bad-name', name, why: problem.problem };
}

function keyOf(group: ProjectedGroup, name: string): string {
  return `${group.key}\u0000${name}`;
}
