/** The end of a change: whoever knows its libraries reads them anew, and the journal has its outcome. */

import type { ChangeRow } from '../../store/store.ts';
import { EVERYTHING } from '../../tags/catch-up.ts';
import type { StepOutcome } from '../../tags/change/outcome.ts';
import { isTagStep, type Step } from '../../tags/change/step.ts';
import type { BotDeps } from '../deps.ts';
import { changeState, writeOutcomes } from './journal.ts';

/**
 * Throws BotError when the store cannot be written; another try does no harm. The libraries come first: who hears of the
 * change may ask another replica next, and whoever looks after what a dead replica has not concluded raises them as well.
 */
export async function conclude(
  { store, replicas, now }: Pick<BotDeps, 'store' | 'replicas' | 'now'>,
  { id, libraryIds }: Pick<ChangeRow, 'id' | 'libraryIds'>,
  steps: readonly Step[],
  outcomes: readonly StepOutcome[],
): Promise<void> {
  const libraries = libraryIds.map(String);
  await replicas.changed(steps.every(isTagStep) ? libraries : [...libraries, EVERYTHING]);
  await store.conclude(id, { state: changeState(outcomes), outcome: writeOutcomes(outcomes), at: now() });
}
