/**
 * A plan: what a command means for the library as it is now, step by step, with everything that vanishes along.
 * Pure. Made from a fresh read before anything is asked or written, and made again at confirmation: the same
 * fingerprint means that what was shown is still what would happen.
 */

import type { Library } from '../library.ts';
import type { LibraryId } from '../tag.ts';
import { groupOf, isTagStep, type Note, type Plan, type Planned, type Step, type Write } from './step.ts';
import { WritePlanner } from './writes.ts';

/** Plans writes in the order given; later ones see what earlier ones would have done. */
export function planWrites(
  writes: readonly { readonly line?: number; readonly write: Write }[],
  library: Library,
): Planned {
  const planner = new WritePlanner(library);
  for (const { line, write } of writes) {
    const problem = planner.take(write, line === undefined ? {} : { line });
    if (problem) return { kind: 'problem', problem: line === undefined ? problem : { ...problem, line } };
  }
  return { kind: 'plan', plan: planOf(planner.steps, planner.notes) };
}

/** A plan of steps that were made elsewhere (rule groups, undo). */
export function planOf(steps: readonly Step[], notes: readonly Note[] = []): Plan {
  return {
    steps,
    notes,
    destroys: steps.some((step) => step.do === 'deleteTags' || step.do === 'deleteGroup' || step.do === 'deleteRule'),
    libraryIds: [...new Set(steps.map(libraryOf).filter((id) => id !== undefined))],
  };
}

/** The library whose tags, or whose rule group's settings, the step touches; undefined for one that is yet to be made. */
export function libraryOf(step: Step): LibraryId | undefined {
  if (isTagStep(step)) return groupOf(step).libraryId;
  return step.do === 'createRule' ? undefined : step.id;
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
