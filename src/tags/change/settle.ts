/** What a plan has changed is read anew: changes by the API cause no callback (doc 92130). */

import type { Catalog } from '../catalog.ts';
import type { GroupKey, LibraryId } from '../tag.ts';
import type { MadeGroups } from './made-groups.ts';
import type { StepOutcome } from './outcome.ts';
import { groupOf, isTagStep, type Step } from './step.ts';

/** Never throws: what could not be read is read before the next answer. */
export async function settleCatalog(
  catalog: Catalog,
  steps: readonly Step[],
  outcomes: readonly StepOutcome[],
  made: MadeGroups,
): Promise<void> {
  const groups = new Map<string, GroupKey>();
  const whole = new Set<LibraryId>();
  const edited = new Set<number>();
  let everything = false;
  for (const [i, step] of steps.entries()) {
    if (outcomes[i]?.state === 'skipped') continue;
    if (isTagStep(step)) {
      const group = groupOf(step);
      const id = made.idOf(group);
      if (id === undefined) whole.add(group.libraryId);
      else groups.set(id, { id, libraryId: group.libraryId });
    } else if (step.do === 'editRule') edited.add(step.id);
    else everything = true;
  }
  try {
    if (everything) await catalog.fresh('rule-groups');
    // A whole read does not ask for every rule group's settings again.
    for (const id of edited) await catalog.refreshRuleGroup(id);
    if (everything) return;
    for (const id of whole) await catalog.refreshGroupsIn(id);
    if (groups.size > 0) await catalog.refreshGroups([...groups.values()]);
    // It may land after the last look, and no callback would tell of it.
    if (outcomes.some((outcome) => 'error' in outcome && outcome.error.kind === 'unknown-outcome')) catalog.outdated();
  } catch {
    // What was written stays written; only our picture of it is old now.
    catalog.outdated();
  }
}
