/** Changes that a crash has interrupted: what became of them, found out and concluded. Nothing is written to the library. */

import { BotError } from '../../errors.ts';
import type { Line } from '../../reply/reply.ts';
import type { ChangeRow, ChangeState } from '../../store/store.ts';
import type { StepOutcome } from '../../tags/change/outcome.ts';
import type { Step } from '../../tags/change/step.ts';
import type { Library } from '../../tags/library.ts';
import type { Context } from '../context.ts';
import { conclude } from './concluding.ts';
import { changeState, readChange, readOutcomes } from './journal.ts';
import { learnOwners } from './ownership.ts';
import { namesFor } from './people.ts';
import { numberedLine, outcomeLine } from './wording.ts';

/** As the journal has it when it was concluded, otherwise from a re-read, which concludes it. */
export async function recoverChange(
  ctx: Context,
  row: ChangeRow,
): Promise<{ readonly lines: readonly Line[]; readonly state: ChangeState }> {
  const { service, catalog, now } = ctx.deps;
  const { steps } = readChange(row);
  const begun = row.state === 'intended';
  const outcomes = begun ? await service.check(steps, now() - row.at) : readOutcomes(row);
  const state = changeState(outcomes);
  if (begun) {
    await conclude(ctx.deps, row, steps, outcomes);
    await learnOwners(ctx, steps, outcomes);
  }
  return { lines: await outcomeLines(ctx, steps, outcomes, catalog.peek()?.library), state };
}

/** As far as the journal knows it; what had only begun is concluded as uncertain. Nothing is called. */
export async function giveUpChange(ctx: Context, row: ChangeRow): Promise<readonly Line[]> {
  const { steps } = readChange(row);
  const error = new BotError('api.unknown-outcome', 'unknown-outcome');
  const begun = row.state === 'intended';
  const outcomes = begun ? steps.map((): StepOutcome => ({ state: 'unknown', error })) : readOutcomes(row);
  if (begun) await conclude(ctx.deps, row, steps, outcomes);
  return outcomeLines(ctx, steps, outcomes, undefined);
}

async function outcomeLines(
  ctx: Context,
  steps: readonly Step[],
  outcomes: readonly StepOutcome[],
  library: Library | undefined,
): Promise<Line[]> {
  const names = await namesFor(ctx, steps);
  const now = ctx.deps.now();
  return steps.map((step, i) =>
    numberedLine(step, outcomeLine(step, outcomes[i] as StepOutcome, library, names, ctx.botAdmin, now)),
  );
}
