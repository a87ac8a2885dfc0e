/**
 * Whose the corp tags are that a plan touches. An app changes only those that it has made itself (doc 96320), and the
 * platform does not say which they are: ours is what was made or changed through this app, foreign what the platform has
 * refused to let it change while it was still there. Rule groups that can be seen are the app's own, tags and all.
 */

import { codeOf } from '../../errors.ts';
import type { TagChange } from '../../message.ts';
import { type Line, line, nameList, warn } from '../../reply/reply.ts';
import type { Owner } from '../../store/store.ts';
import type { StepOutcome } from '../../tags/change/outcome.ts';
import { libraryOf } from '../../tags/change/plan.ts';
import type { Step } from '../../tags/change/step.ts';
import type { Context } from '../context.ts';
import type { BotDeps } from '../deps.ts';

interface Named {
  readonly id: string;
  readonly name: string;
}

/** Of what the steps would change or delete. */
export interface Ownership {
  /** Names of those that the app has tried in vain to change. */
  readonly foreign: readonly string[];
  /** Names of those of which it has not shown yet. */
  readonly unknown: readonly string[];
}

const ALL_OURS: Ownership = { foreign: [], unknown: [] };

/** Throws BotError `store.*`. */
export async function ownershipOf(ctx: Context, steps: readonly Step[]): Promise<Ownership> {
  const touched = steps.flatMap((step) => (libraryOf(step) === 'corp' ? changedBy(step) : []));
  if (touched.length === 0) return ALL_OURS;
  const owners = await ctx.deps.store.owners(touched.map(({ id }) => id));
  const named = (owner: Owner | undefined) => [
    ...new Set(touched.filter(({ id }) => owners.get(id) === owner).map(({ name }) => name)),
  ];
  return { foreign: named('foreign'), unknown: named(undefined) };
}

/** Said with a plan, before anything is tried. */
export function ownershipLines({ foreign, unknown }: Ownership): Line[] {
  return [
    ...(foreign.length > 0
      ? [line`${warn('注意')} ${nameList(foreign)} 是后台建的标签，上次应用没能改。要改请到手机端或管理后台`]
      : []),
    ...(unknown.length > 0 ? [line`${warn('注意')} 后台建的标签，应用可能改不了；改不了的会告诉你`] : []),
  ];
}

/** Keeps what the outcomes show of whose the tags are; what cannot be kept shows again. Throws nothing. */
export async function learnOwners(
  { deps: { store, log } }: Context,
  steps: readonly Step[],
  outcomes: readonly StepOutcome[],
): Promise<void> {
  const learned = learnedFrom(steps, outcomes);
  if (learned.size === 0) return;
  try {
    await store.learnOwners(learned);
  } catch (error) {
    log.warn({ code: codeOf(error) }, 'owners not kept');
  }
}

/** What the outcomes show; undefined for what is not there any more. */
function learnedFrom(steps: readonly Step[], outcomes: readonly StepOutcome[]): ReadonlyMap<string, Owner | undefined> {
  const learned = new Map<string, Owner | undefined>();
  for (const [i, step] of steps.entries()) {
    const outcome = outcomes[i];
    if (libraryOf(step) !== 'corp' || outcome === undefined) continue;
    if (outcome.state === 'failed') {
      for (const { id } of outcome.deleted ?? []) learned.set(id, undefined);
      for (const id of outcome.foreign ?? []) learned.set(id, 'foreign');
    }
    if (outcome.state !== 'done') continue;
    switch (step.do) {
      case 'addTags':
        for (const { id } of outcome.created ?? []) learned.set(id, 'ours');
        if (step.creates && outcome.groupId !== undefined) learned.set(outcome.groupId, 'ours');
        break;
      case 'deleteTags':
      case 'deleteGroup':
        for (const { id } of changedBy(step)) learned.set(id, undefined);
        break;
      default:
        // Somebody else may have done what was only found to be so.
        if (!outcome.checked) for (const { id } of changedBy(step)) learned.set(id, 'ours');
    }
  }
  return learned;
}

/** Somebody has changed it in the client or the console, perhaps by deleting and making it anew: it has to show again. */
export async function forgetOwner({ store, log }: BotDeps, { id }: TagChange): Promise<void> {
  try {
    if ((await store.owners([id])).get(id) === 'foreign') await store.learnOwners(new Map([[id, undefined]]));
  } catch (error) {
    log.warn({ code: codeOf(error) }, 'owner not forgotten');
  }
}

function changedBy(step: Step): readonly Named[] {
  switch (step.do) {
    case 'renameTag':
    case 'renameGroup':
      return [{ id: step.id, name: step.from }];
    case 'orderTag':
    case 'orderGroup':
      return [step];
    case 'deleteTags':
      return step.tags;
    case 'deleteGroup':
      return [step, ...step.tags];
    default:
      return [];
  }
}
