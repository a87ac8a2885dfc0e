/**
 * The vocabulary of a change to the library: what may be asked for (Write), what is done about it (Step), what is said beside
 * it (Note), why it cannot be done (Problem), and the plan that holds them together.
 */

import type { LibraryId, NewTag, RangeNode } from '../tag.ts';

export interface GroupPart {
  /** Absent while the group does not exist yet. */
  readonly id?: string;
  readonly name: string;
  readonly libraryId: LibraryId;
}

export interface TagPart {
  readonly id: string;
  readonly name: string;
  readonly order: number;
}

/** One call to the platform, with all that is needed to check it afterwards and to take it back. `line` is the batch line. */
export type Step = {
  readonly line?: number;
  /** On the first step of a plan that takes back several changes: their numbers. */
  readonly takesBack?: readonly number[];
} & (
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
      readonly libraryId: LibraryId;
      readonly from: string;
      readonly to: string;
    }
  | {
      readonly do: 'orderGroup';
      readonly id: string;
      readonly libraryId: LibraryId;
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
      readonly libraryId: LibraryId;
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
  /** `id`: of the tag, group or rule group. `by`: who changed it last, and the number of that change, when known. */
  | {
      readonly note: 'changed-since';
      readonly id: string;
      readonly name: string;
      readonly what: string;
      readonly by?: { readonly person: string; readonly change: number };
    }
);

/** Why a plan cannot be made at all; nothing is done for the whole message. */
export type Problem = { readonly line?: number } & (
  | { readonly problem: 'name-taken'; readonly name: string; readonly group?: string }
  /** What bore this name when the member wrote has another one now. */
  | { readonly problem: 'renamed'; readonly name: string; readonly now: string }
  | {
      readonly problem: 'bad-name';
      readonly name: string;
      readonly why: 'empty' | 'control' | 'too-long';
      readonly length?: number;
    }
  | { readonly problem: 'bad-order'; readonly order: number }
  | { readonly problem: 'child-rule-group' }
  | { readonly problem: 'contradiction'; readonly name: string }
  | { readonly problem: 'no-tags'; readonly group: string }
  | { readonly problem: 'not-undoable'; readonly why: string }
);

export interface Plan {
  readonly steps: readonly Step[];
  readonly notes: readonly Note[];
  /** Deletes something: must be confirmed. */
  readonly destroys: boolean;
  /** Libraries whose tags, or whose rule group's settings, the steps touch. */
  readonly libraryIds: readonly LibraryId[];
}

export type Planned =
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'problem'; readonly problem: Problem };

/** What a write is about, by id and by the name it had when it was found. */
export interface Target {
  readonly id: string;
  readonly name: string;
}

/** The tag writes of one line, names resolved to ids. */
export type Write =
  | {
      readonly command: 'tag.add';
      readonly target:
        | { readonly kind: 'existing'; readonly group: Target & { readonly libraryId: LibraryId } }
        | { readonly kind: 'new'; readonly name: string; readonly libraryId: LibraryId };
      readonly tags: readonly string[];
    }
  | {
      readonly command: 'group.create';
      readonly name: string;
      readonly libraryId: LibraryId;
      readonly tags: readonly string[];
    }
  | {
      readonly command: 'tag.delete' | 'group.delete';
      readonly targets: readonly Target[];
      readonly absent: readonly string[];
    }
  | { readonly command: 'tag.rename' | 'group.rename'; readonly target: Target; readonly to: string }
  | { readonly command: 'tag.order' | 'group.order'; readonly target: Target; readonly order: number }
  | { readonly command: 'tag.top' | 'group.top'; readonly target: Target };

/** A step that is about a tag or a tag group. */
export type TagStep = Exclude<Step, StepOf<'createRule' | 'editRule' | 'deleteRule'>>;

export function isTagStep(step: Step): step is TagStep {
  return step.do !== 'createRule' && step.do !== 'editRule' && step.do !== 'deleteRule';
}

/** The group that a step is about or in, under the name it has before the step. */
export function groupOf(step: TagStep): GroupPart {
  return 'group' in step ? step.group : step.do === 'renameGroup' ? { ...step, name: step.from } : step;
}

/** What a step keeps of a tag. */
export function tagPart({ id, name, order }: TagPart): TagPart {
  return { id, name, order };
}
