/**
 * A plan: what a command means for the library as it is now, step by step, with everything that vanishes along.
 * Pure. Made from a fresh read before anything is asked or written, and made again at confirmation: the same
 * fingerprint means that what was shown is still what would happen.
 */

import { fold } from '../text.ts';
import type { Library } from './library.ts';
import { byPosition, isOrder, MAX_ORDER, type NewTag, nameProblem, type RangeNode, type TagGroup } from './tag.ts';

/** Tags per add call; the platform documents no cap, SDKs use 50 to 100. */
const TAGS_PER_ADD = 50;

export interface GroupPart {
  /** Absent while the group does not exist yet. */
  readonly id?: string;
  readonly name: string;
  readonly strategyId: number;
}

export interface TagPart {
  readonly id: string;
  readonly name: string;
  readonly order: number;
}

/** One call to the platform, with all that is needed to check it afterwards and to take it back. `line` is the batch line. */
export type Step = { readonly line?: number } & (
  | {
      readonly do: 'addTags';
      readonly group: GroupPart;
      readonly creates: boolean;
      readonly groupOrder?: number;
      readonly tags: readonly NewTag[];
    }
  | {
      readonly do: 'renameTag';
      readonly id: string;
      readonly group: GroupPart;
      readonly from: string;
      readonly to: string;
    }
  | {
      readonly do: 'orderTag';
      readonly id: string;
      readonly group: GroupPart;
      readonly name: string;
      readonly from: number;
      readonly to: number;
      readonly makesRoom?: true;
    }
  | {
      readonly do: 'renameGroup';
      readonly id: string;
      readonly strategyId: number;
      readonly from: string;
      readonly to: string;
    }
  | {
      readonly do: 'orderGroup';
      readonly id: string;
      readonly strategyId: number;
      readonly name: string;
      readonly from: number;
      readonly to: number;
      readonly makesRoom?: true;
    }
  | {
      readonly do: 'deleteTags';
      readonly group: GroupPart & { readonly order: number };
      readonly tags: readonly TagPart[];
      readonly takesGroup: boolean;
    }
  | {
      readonly do: 'deleteGroup';
      readonly id: string;
      readonly strategyId: number;
      readonly name: string;
      readonly order: number;
      readonly tags: readonly TagPart[];
    }
  | {
      readonly do: 'createRule';
      readonly name: string;
      readonly parentId: number;
      readonly admins: readonly string[];
      readonly range: readonly RangeNode[];
    }
  | {
      readonly do: 'editRule';
      readonly id: number;
      readonly name: string;
      readonly rename?: { readonly from: string; readonly to: string };
      readonly admins?: { readonly from: readonly string[]; readonly to: readonly string[] };
      readonly rangeAdd?: readonly RangeNode[];
      readonly rangeDelete?: readonly RangeNode[];
    }
  | {
      readonly do: 'deleteRule';
      readonly id: number;
      readonly name: string;
      readonly groups: number;
      readonly tags: number;
    }
);

export type StepOf<D extends Step['do']> = Extract<Step, { do: D }>;

/** Something the member should hear although nothing has to be done for it. */
export type Note = { readonly line?: number } & (
  | { readonly note: 'exists'; readonly group: string; readonly name: string; readonly as: string }
  | { readonly note: 'group-exists'; readonly group: string }
  | { readonly note: 'repeated'; readonly name: string }
  | { readonly note: 'gone'; readonly name: string }
  | { readonly note: 'absent'; readonly name: string }
  | { readonly note: 'same-name'; readonly name: string }
  | { readonly note: 'same-order'; readonly name: string; readonly order: number }
  | { readonly note: 'already-first'; readonly name: string; readonly group?: string }
  | { readonly note: 'new-id'; readonly names: readonly string[] }
  | { readonly note: 'changed-since'; readonly name: string; readonly what: string }
);

/** Why a plan cannot be made at all; nothing is done for the whole message. */
export type Problem = { readonly line?: number } & (
  | { readonly problem: 'name-taken'; readonly name: string; readonly group?: string }
  | {
      readonly problem: 'bad-name';
      readonly name: string;
      readonly why: 'empty' | 'control' | 'too-long';
      readonly length?: number;
    }
  | { readonly problem: 'bad-order'; readonly order: number }
  | { readonly problem: 'child-rule-group'; readonly strategyId: number }
  | { readonly problem: 'contradiction'; readonly name: string }
  | { readonly problem: 'no-tags'; readonly group: string }
  | { readonly problem: 'not-undoable'; readonly why: string }
);

export interface Plan {
  readonly steps: readonly Step[];
  readonly notes: readonly Note[];
  /** Deletes something: must be confirmed. */
  readonly destroys: boolean;
  /** Rule groups whose tags or settings the steps touch. */
  readonly strategyIds: readonly number[];
}

export type Planned =
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'problem'; readonly problem: Problem };

/** The tag writes of one line, names resolved to ids. */
export type Write =
  | {
      readonly command: 'tag.add';
      readonly target:
        | {
            readonly kind: 'existing';
            readonly group: { readonly id: string; readonly name: string; readonly strategyId: number };
          }
        | { readonly kind: 'new'; readonly name: string; readonly strategyId: number };
      readonly tags: readonly string[];
    }
  | {
      readonly command: 'tag.delete';
      readonly targets: readonly { readonly id: string; readonly name: string }[];
      readonly absent: readonly string[];
    }
  | {
      readonly command: 'tag.rename';
      readonly target: { readonly id: string; readonly name: string };
      readonly to: string;
    }
  | {
      readonly command: 'tag.order';
      readonly target: { readonly id: string; readonly name: string };
      readonly order: number;
    }
  | { readonly command: 'tag.top'; readonly target: { readonly id: string; readonly name: string } }
  | {
      readonly command: 'group.create';
      readonly name: string;
      readonly strategyId: number;
      readonly tags: readonly string[];
    }
  | {
      readonly command: 'group.delete';
      readonly targets: readonly { readonly id: string; readonly name: string }[];
      readonly absent: readonly string[];
    }
  | {
      readonly command: 'group.rename';
      readonly target: { readonly id: string; readonly name: string };
      readonly to: string;
    }
  | {
      readonly command: 'group.order';
      readonly target: { readonly id: string; readonly name: string };
      readonly order: number;
    }
  | { readonly command: 'group.top'; readonly target: { readonly id: string; readonly name: string } };

/** Plans writes in the order given; later ones see what earlier ones would have done. */
export function planWrites(
  writes: readonly { readonly line?: number; readonly write: Write }[],
  library: Library,
): Planned {
  const draft = new Draft(library);
  for (const { line, write } of writes) {
    const problem = draft.take(write, line === undefined ? {} : { line });
    if (problem) return { kind: 'problem', problem: line === undefined ? problem : { ...problem, line } };
  }
  return { kind: 'plan', plan: draft.plan() };
}

/** A plan of steps that were made elsewhere (rule groups, undo). */
export function planOf(steps: readonly Step[], notes: readonly Note[] = []): Plan {
  return {
    steps,
    notes,
    destroys: steps.some((step) => step.do === 'deleteTags' || step.do === 'deleteGroup' || step.do === 'deleteRule'),
    strategyIds: [...new Set(steps.map(strategyOf).filter((id) => id !== undefined))],
  };
}

export function strategyOf(step: Step): number | undefined {
  switch (step.do) {
    case 'addTags':
    case 'renameTag':
    case 'orderTag':
    case 'deleteTags':
      return step.group.strategyId;
    case 'renameGroup':
    case 'orderGroup':
    case 'deleteGroup':
      return step.strategyId;
    case 'editRule':
    case 'deleteRule':
      return step.id;
    case 'createRule':
      return undefined;
  }
}

/** Equal for plans that would do the same to the same things. */
export function fingerprint(plan: Plan): string {
  return JSON.stringify(plan.steps.map(({ line: _, ...step }) => step));
}

/** Every tag, group and rule group name that the steps touch, for searching the history. */
export function namesOf(steps: readonly Step[]): string[] {
  const names = new Set<string>();
  for (const step of steps) {
    switch (step.do) {
      case 'addTags':
        names.add(step.group.name);
        for (const tag of step.tags) names.add(tag.name);
        break;
      case 'deleteTags':
        names.add(step.group.name);
        for (const tag of step.tags) names.add(tag.name);
        break;
      case 'renameTag':
        names.add(step.group.name).add(step.from).add(step.to);
        break;
      case 'orderTag':
        names.add(step.group.name).add(step.name);
        break;
      case 'renameGroup':
        names.add(step.from).add(step.to);
        break;
      case 'deleteGroup':
        names.add(step.name);
        for (const tag of step.tags) names.add(tag.name);
        break;
      case 'editRule':
        names.add(step.name);
        if (step.rename) names.add(step.rename.to);
        break;
      case 'orderGroup':
      case 'createRule':
      case 'deleteRule':
        names.add(step.name);
        break;
    }
  }
  return [...names];
}

interface DraftTag extends TagPart {
  readonly createTime: number;
}

interface DraftGroup {
  readonly id: string | undefined;
  readonly strategyId: number;
  readonly createTime: number;
  name: string;
  order: number;
  tags: DraftTag[];
}

type At = { readonly line?: number };

/** The library as it would be after the steps so far. Groups are copied when first touched. */
class Draft {
  readonly #library: Library;
  readonly #byStrategy = new Map<number, DraftGroup[]>();
  readonly #steps: Step[] = [];
  readonly #notes: Note[] = [];
  /** Names removed resp. added by this batch: taking and giving the same thing is a contradiction. */
  readonly #removed = new Set<string>();
  readonly #added = new Set<string>();

  constructor(library: Library) {
    this.#library = library;
  }

  plan(): Plan {
    return planOf(this.#steps, this.#notes);
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

  #groups(strategyId: number): DraftGroup[] {
    let groups = this.#byStrategy.get(strategyId);
    if (!groups) {
      groups = this.#library.groupsOf(strategyId).map(copyGroup);
      this.#byStrategy.set(strategyId, groups);
    }
    return groups;
  }

  #group(id: string): DraftGroup | undefined {
    const strategyId = this.#library.group(id)?.strategyId;
    return strategyId === undefined ? undefined : this.#groups(strategyId).find((group) => group.id === id);
  }

  #tag(id: string): { group: DraftGroup; tag: DraftTag } | undefined {
    const entry = this.#library.tag(id);
    const group = entry && this.#group(entry.group.id);
    const tag = group?.tags.find((candidate) => candidate.id === id);
    return group && tag ? { group, tag } : undefined;
  }

  #addTo(ref: { id: string; name: string; strategyId: number }, names: readonly string[], at: At): Problem | undefined {
    const group = this.#group(ref.id);
    if (!group) {
      this.#notes.push({ ...at, note: 'gone', name: ref.name });
      return undefined;
    }
    return this.#add(group, names, at);
  }

  #create(strategyId: number, name: string, names: readonly string[], at: At): Problem | undefined {
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
    const group: DraftGroup = {
      id: undefined,
      strategyId,
      createTime: Number.MAX_SAFE_INTEGER,
      name: trimmed,
      order: 0,
      tags: [],
    };
    const problem = this.#add(group, names, at);
    if (!problem) groups.push(group);
    return problem;
  }

  #add(group: DraftGroup, names: readonly string[], at: At): Problem | undefined {
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
      this.#steps.push({ ...at, do: 'addTags', group: partOf(group), creates, tags });
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
    const perGroup = new Map<DraftGroup, DraftTag[]>();
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
      if (!group || group.tags.length === 0) {
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
      group.tags = [];
    }
    return undefined;
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

  #setTagOrder(group: DraftGroup, tag: DraftTag, order: number, at: At, makesRoom = false): void {
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

  #setGroupOrder(group: DraftGroup, id: string, order: number, at: At, makesRoom = false): void {
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
    const shown = [...group.tags].sort(byPosition);
    if (shown[0] === tag) {
      this.#notes.push({ ...at, note: 'already-first', name: tag.name, group: group.name });
      return undefined;
    }
    const siblings = shown.filter((other) => other !== tag);
    for (const { item, order } of makeRoom(siblings)) this.#setTagOrder(group, item, order, at, true);
    this.#setTagOrder(group, tag, Math.min((siblings[0]?.order ?? 0) + 1, MAX_ORDER), at);
    return undefined;
  }

  #topGroup(target: { id: string; name: string }, at: At): Problem | undefined {
    const group = this.#group(target.id);
    if (!group) return this.#gone(target.name, at);
    const shown = this.#groups(group.strategyId)
      .filter((other) => other.id !== undefined)
      .sort((a, b) => byPosition(withId(a), withId(b)));
    if (shown[0] === group) {
      this.#notes.push({ ...at, note: 'already-first', name: group.name });
      return undefined;
    }
    const siblings = shown.filter((other) => other !== group);
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

function copyGroup(group: TagGroup): DraftGroup {
  return {
    id: group.id,
    strategyId: group.strategyId,
    createTime: group.createTime,
    name: group.name,
    order: group.order,
    tags: [...group.tags],
  };
}

function partOf(group: DraftGroup): GroupPart {
  return group.id === undefined
    ? { name: group.name, strategyId: group.strategyId }
    : { id: group.id, name: group.name, strategyId: group.strategyId };
}

function tagPart({ id, name, order }: TagPart): TagPart {
  return { id, name, order };
}

function keyOf(group: DraftGroup, name: string): string {
  return `${group.strategyId}\u0000${group.id ?? group.name}\u0000${name}`;
}

function withId(group: DraftGroup): { order: number; createTime: number; id: string } {
  return { order: group.order, createTime: group.createTime, id: group.id ?? '' };
}
