/**
 * The library as it would be after the steps so far: what lets each write of a batch, and each step of an undo, see what
 * the earlier ones would have done.
 */

import { fold } from '../../text.ts';
import type { Library } from '../library.ts';
import type { LibraryId, TagGroup } from '../tag.ts';
import type { GroupPart, Step, StepOf, TagPart } from './step.ts';

export interface ProjectedTag extends TagPart {
  readonly createTime: number;
}

export interface ProjectedGroup {
  /** undefined: the steps make it, and the platform has not given it one yet. */
  readonly id: string | undefined;
  /** The same for a group and for the one that is made anew in its place. */
  readonly key: string;
  readonly libraryId: LibraryId;
  readonly createTime: number;
  name: string;
  order: number;
  tags: readonly ProjectedTag[];
}

/** Of what does not exist yet: younger than all there is. */
const NOT_YET = Number.MAX_SAFE_INTEGER;

/** Groups are copied when first touched; the library itself stays as it is. */
export class Projection {
  /** Before the steps. */
  readonly library: Library;
  readonly #byLibrary = new Map<LibraryId, ProjectedGroup[]>();
  /** By id, what the steps delete or leave without tags: the platform keeps no empty group. */
  readonly #vanished = new Map<string, ProjectedGroup>();

  constructor(library: Library) {
    this.library = library;
  }

  groupsOf(libraryId: LibraryId): readonly ProjectedGroup[] {
    return this.#groups(libraryId);
  }

  group(id: string): ProjectedGroup | undefined {
    const libraryId = this.library.group(id)?.libraryId;
    return libraryId === undefined ? undefined : this.#groups(libraryId).find((group) => group.id === id);
  }

  tag(id: string): { readonly group: ProjectedGroup; readonly tag: ProjectedTag } | undefined {
    const entry = this.library.tag(id);
    const group = entry && this.group(entry.group.id);
    const tag = group?.tags.find((candidate) => candidate.id === id);
    return group && tag ? { group, tag } : undefined;
  }

  /** A group that the steps have made to vanish, as it was last. */
  vanished(id: string): ProjectedGroup | undefined {
    return this.#vanished.get(id);
  }

  /** A group that does not exist yet, as the steps would make it; it stands for one of its name that they delete. */
  newGroup(libraryId: LibraryId, name: string, order: number): ProjectedGroup {
    const before = [...this.#vanished.values()].find(
      (group) => group.libraryId === libraryId && fold(group.name) === fold(name),
    );
    const key = before?.key ?? `${libraryId} ${name}`;
    return { id: undefined, key, libraryId, createTime: NOT_YET, name, order, tags: [] };
  }

  /** What the step would do; those about rule groups change nothing that a later one could ask for. */
  take(step: Step): void {
    switch (step.do) {
      case 'addTags': {
        const group = this.#target(step);
        const tags = step.tags.map((tag) => ({ id: '', order: 0, createTime: NOT_YET, ...tag }));
        group.tags = [...group.tags, ...tags];
        break;
      }
      case 'deleteTags': {
        const group = step.group.id === undefined ? undefined : this.group(step.group.id);
        if (!group) break;
        group.tags = group.tags.filter((tag) => !step.tags.some((gone) => gone.id === tag.id));
        if (group.tags.length === 0) this.#vanish(group);
        break;
      }
      case 'deleteGroup': {
        const group = this.group(step.id);
        if (group) this.#vanish(group);
        break;
      }
      case 'renameTag':
        this.#setTag(step.id, { name: step.to });
        break;
      case 'orderTag':
        this.#setTag(step.id, { order: step.to });
        break;
      case 'renameGroup': {
        const group = this.group(step.id);
        if (group) group.name = step.to;
        break;
      }
      case 'orderGroup': {
        const group = this.group(step.id);
        if (group) group.order = step.to;
        break;
      }
      case 'createRule':
      case 'editRule':
      case 'deleteRule':
    }
  }

  #groups(libraryId: LibraryId): ProjectedGroup[] {
    let groups = this.#byLibrary.get(libraryId);
    if (!groups) {
      groups = this.library.groupsOf(libraryId).map(copyOf);
      this.#byLibrary.set(libraryId, groups);
    }
    return groups;
  }

  #target({ group: { id, name, libraryId }, groupOrder = 0 }: StepOf<'addTags'>): ProjectedGroup {
    const groups = this.#groups(libraryId);
    const present = groups.find((group) => group.id === id && (id !== undefined || group.name === name));
    if (present) return present;
    const made = this.newGroup(libraryId, name, groupOrder);
    groups.push(made);
    return made;
  }

  #setTag(id: string, change: Partial<Pick<ProjectedTag, 'name' | 'order'>>): void {
    const group = this.tag(id)?.group;
    if (group) group.tags = group.tags.map((tag) => (tag.id === id ? { ...tag, ...change } : tag));
  }

  #vanish(group: ProjectedGroup): void {
    const groups = this.#groups(group.libraryId);
    groups.splice(groups.indexOf(group), 1);
    if (group.id !== undefined) this.#vanished.set(group.id, group);
  }
}

/** What a step keeps of a group. */
export function partOf({ id, name, libraryId }: ProjectedGroup): GroupPart {
  return id === undefined ? { name, libraryId } : { id, name, libraryId };
}

function copyOf({ id, libraryId, createTime, name, order, tags }: TagGroup): ProjectedGroup {
  return { id, key: id, libraryId, createTime, name, order, tags };
}
