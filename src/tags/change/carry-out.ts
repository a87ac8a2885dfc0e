/**
 * Carries a plan out, step by step, and tells the truth about each: done, failed, skipped, or unknown.
 * A write whose outcome is unknown is never repeated: the library is re-read and what it shows is the answer.
 */

import { BotError, type ErrorKind } from '../../errors.ts';
import { Lines } from '../../queue.ts';
import type { Catalog } from '../catalog.ts';
import type { Library } from '../library.ts';
import {
  FAMILIES,
  type Family,
  familyOf,
  type LibraryId,
  type RuleGroupApi,
  type TagApi,
  type TagGroup,
} from '../tag.ts';
import { concernOf } from './concern.ts';
import { createEffects } from './effect.ts';
import { MadeGroups } from './made-groups.ts';
import type { StepOutcome } from './outcome.ts';
import { libraryOf } from './plan.ts';
import { sendStep } from './send.ts';
import { settleCatalog } from './settle.ts';
import { groupOf, isTagStep, type Plan, type Step, type StepOf, type TagStep, type Write } from './step.ts';

export interface Service {
  /**
   * Runs `work` while no other write to these libraries is under way, on whatever replica; callers are served in order.
   * `still` throws BotError when that does not hold any more: then nothing may be begun.
   */
  exclusively<T>(libraryIds: readonly LibraryId[], work: (still: Still) => Promise<T>): Promise<T>;
  /** Re-reads what the writes concern, and nothing more. Throws BotError when it cannot be read. */
  reread(writes: readonly Write[]): Promise<Library>;
  /**
   * Outcomes in the order of the steps. Never throws for what a step meets. `conclude` hears them as soon as they are
   * known and is waited for; meanwhile what was changed is read anew, so that the disk and the platform work side by side.
   * `still` is that of `exclusively`: where it does not hold any more before a further step, others may have changed what
   * that step is about, and it is not made.
   */
  apply(
    plan: Plan,
    conclude?: (outcomes: readonly StepOutcome[]) => Promise<void>,
    still?: Still,
  ): Promise<StepOutcome[]>;
  /**
   * Looks whether steps that were begun `ageMs` ago have taken effect, without writing anything.
   */
  check(steps: readonly Step[], ageMs: number): Promise<StepOutcome[]>;
}

export type Still = () => Promise<void>;

/** As `Service.exclusively`, among replicas. */
export type Among = <T>(libraryIds: readonly LibraryId[], work: (still: Still) => Promise<T>) => Promise<T>;

export interface ServiceDeps {
  readonly tags: TagApi;
  readonly ruleGroups: RuleGroupApi;
  readonly catalog: Catalog;
  /** Without it there is but this process. */
  readonly among?: Among;
  /** False when it was cut short because the program stops. */
  pause(ms: number): Promise<boolean>;
  /** Before each further look for a write whose answer was lost. */
  readonly lookAgainMs?: readonly number[] | undefined;
}

const ALONE: Among = (_, work) => work(async () => {});

/** A call whose connection broke may still be on its way: what is not there at once is looked for twice more. */
const LOOK_AGAIN_MS: readonly number[] = [1_000, 4_000];

/** The only place that calls what changes tags and rule groups. */
export function createService(deps: ServiceDeps): Service {
  const { tags, ruleGroups, catalog, pause, lookAgainMs = LOOK_AGAIN_MS, among = ALONE } = deps;
  const { readGroup, hasTakenEffect, lostAnswerOf } = createEffects(catalog, ruleGroups);
  const lines = new Lines<LibraryId>();

  async function reread(writes: readonly Write[]): Promise<Library> {
    const { whole, groups } = concernOf(writes, (await catalog.current()).library);
    for (const id of whole) await catalog.refreshGroupsIn(id);
    if (groups.length > 0) await catalog.refreshGroups(groups);
    return (await catalog.current()).library;
  }

  async function apply(
    plan: Plan,
    conclude: (outcomes: readonly StepOutcome[]) => Promise<void> = async () => {},
    still: Still = async () => {},
  ): Promise<StepOutcome[]> {
    const outcomes: StepOutcome[] = [];
    const made = new MadeGroups();
    const closed = new Set<Family>();
    for (const step of plan.steps) {
      let outcome: StepOutcome;
      if (closed.has(stepFamily(step)) || (step.do === 'addTags' && made.hasFailed(step.group))) {
        outcome = { state: 'skipped' };
      } else {
        outcome = outcomes.length === 0 ? await carryOut(step, made) : await carryOn(step, made, still);
        if (outcome.state === 'failed' || outcome.state === 'unknown') {
          if (step.do === 'addTags' && step.creates) made.noteFailure(step.group);
          for (const family of familiesClosedBy(outcome.error, step)) closed.add(family);
        }
      }
      outcomes.push(outcome);
    }
    await Promise.all([settleCatalog(catalog, plan.steps, outcomes, made), conclude(outcomes)]);
    return outcomes;
  }

  async function carryOn(step: Step, made: MadeGroups, still: Still): Promise<StepOutcome> {
    try {
      await still();
    } catch {
      return { state: 'failed', error: new BotError('change.cut-off', 'busy') };
    }
    return carryOut(step, made);
  }

  function carryOut(step: Step, made: MadeGroups): Promise<StepOutcome> {
    return attempt(
      step,
      () => sendStep(step, made, deps),
      (refusal) => attempt(step, () => afterRefusal(step, refusal, made)),
    );
  }

  /** The truth about what is sent, whichever way it ends. A lost answer is looked for, and nothing is sent again for it. */
  async function attempt(
    step: Step,
    sent: () => Promise<StepOutcome>,
    refused: (error: BotError) => StepOutcome | Promise<StepOutcome> = (error) => ({ state: 'failed', error }),
  ): Promise<StepOutcome> {
    try {
      return await sent();
    } catch (cause) {
      const error = asBotError(cause);
      const { rangeDone } = error.facts;
      if (typeof rangeDone === 'number') return { state: 'failed', error, rangeDone };
      return error.kind === 'unknown-outcome' ? verify(step, error) : refused(error);
    }
  }

  /** Some refusals say only that another hand was quicker, or that a part of it is not ours: then the rest is done. */
  async function afterRefusal(step: Step, refusal: BotError, made: MadeGroups): Promise<StepOutcome> {
    if (refusal.errcode === 40071 && step.do === 'addTags') return addOnlyMissing(step, refusal, made);
    const corpStep = refusedAsForeign(step, refusal);
    if (corpStep) return changeOnlyOwn(corpStep, refusal);
    if (refusal.errcode === 40068 && (step.do === 'deleteTags' || step.do === 'deleteGroup'))
      return deleteOnlyPresent(step, refusal);
    return { state: 'failed', error: refusal };
  }

  /** Another hand was quicker with some of the names: send what is still missing, once. */
  async function addOnlyMissing(step: StepOf<'addTags'>, refusal: BotError, made: MadeGroups): Promise<StepOutcome> {
    const present = await readGroup(step.group);
    if (!present) return { state: 'failed', error: refusal };
    const missing = step.tags.filter((tag) => !present.tags.some((other) => other.name === tag.name));
    if (missing.length === step.tags.length) return { state: 'failed', error: refusal };
    if (missing.length === 0) return { state: 'done', groupId: present.id, created: [] };
    const rest = { ...step, group: { ...step.group, id: present.id }, tags: missing };
    return attempt(rest, () => sendStep(rest, made, deps));
  }

  /** Another hand was quicker with some of the deletes: an unknown id refuses the whole call. */
  async function deleteOnlyPresent(
    step: StepOf<'deleteTags' | 'deleteGroup'>,
    refusal: BotError,
  ): Promise<StepOutcome> {
    const group = await readGroup(groupOf(step));
    if (!group) return { state: 'done' };
    if (step.do === 'deleteGroup') return { state: 'failed', error: refusal };
    const left = step.tags.filter((tag) => group.tags.some((other) => other.id === tag.id));
    if (left.length === 0) return { state: 'done' };
    if (left.length === step.tags.length) return { state: 'failed', error: refusal };
    await tags.delete({ libraryId: groupOf(step).libraryId, tagIds: left.map((tag) => tag.id) });
    return { state: 'done' };
  }

  /** The platform says the same of what is gone and of what somebody else has made; a read tells which it is. */
  async function changeOnlyOwn(step: TagStep, refusal: BotError): Promise<StepOutcome> {
    const group = await readGroup(groupOf(step));
    switch (step.do) {
      case 'addTags':
      case 'renameGroup':
      case 'orderGroup':
        return { state: 'failed', error: refusal, ...(group && { foreign: [group.id] }) };
      case 'deleteGroup':
        return group ? { state: 'failed', error: refusal, foreign: [group.id] } : { state: 'done' };
      case 'renameTag':
      case 'orderTag': {
        const isThere = group?.tags.some((tag) => tag.id === step.id);
        return { state: 'failed', error: refusal, ...(isThere && { foreign: [step.id] }) };
      }
      case 'deleteTags':
        return deleteOneByOne(step, refusal, group);
    }
  }

  /** One id that may not be deleted refuses all of them. */
  async function deleteOneByOne(
    step: StepOf<'deleteTags'>,
    refusal: BotError,
    group: TagGroup | undefined,
  ): Promise<StepOutcome> {
    const left = step.tags.filter((tag) => group?.tags.some((other) => other.id === tag.id));
    const foreign: string[] = left.length === 1 && step.tags.length === 1 ? left.map((tag) => tag.id) : [];
    if (foreign.length > 0) return { state: 'failed', error: refusal, foreign };
    for (const { id } of left) {
      try {
        await tags.delete({ libraryId: step.group.libraryId, tagIds: [id] });
      } catch (cause) {
        const error = asBotError(cause);
        if (!NOT_YOURS.includes(error.errcode)) throw error;
        foreign.push(id);
      }
    }
    if (foreign.length === 0) return { state: 'done' };
    const deleted = step.tags.filter((tag) => !foreign.includes(tag.id));
    return { state: 'failed', error: refusal, foreign, ...(deleted.length > 0 && { deleted }) };
  }

  /** Says that nothing has happened only after the last look: until then the call may be on its way. */
  async function verify(step: Step, error: BotError, pauses = lookAgainMs): Promise<StepOutcome> {
    try {
      let effect = await hasTakenEffect(step);
      for (const ms of pauses) {
        if (effect) break;
        const waited = await pause(ms);
        effect = await hasTakenEffect(step);
        if (!waited && !effect) return { state: 'unknown', error };
      }
      if (effect === undefined) return { state: 'unknown', error };
      return effect
        ? { state: 'done', checked: true, ...lostAnswerOf(step) }
        : { state: 'failed', error, checked: true };
    } catch {
      return { state: 'unknown', error };
    }
  }

  async function check(steps: readonly Step[], ageMs: number): Promise<StepOutcome[]> {
    const lost = new BotError('api.unknown-outcome', 'unknown-outcome');
    const pauses = ageMs < lookAgainMs.reduce((sum, ms) => sum + ms, 0) ? lookAgainMs : [];
    const outcomes: StepOutcome[] = [];
    for (const step of steps) outcomes.push(await verify(step, lost, pauses));
    return outcomes;
  }

  return {
    exclusively: (libraryIds, work) => lines.run(libraryIds, () => among(libraryIds, work)),
    reread,
    apply,
    check,
  };
}

/** The app was not given the calls of one family. */
const NO_RIGHT = 48002;
const QUOTA_USED_UP = 40126;

/** Where no further step is worth trying: the platform, the credentials or the setup refuse whatever comes. */
function familiesClosedBy(error: BotError, step: Step): readonly Family[] {
  if (error.errcode === NO_RIGHT) return [stepFamily(step)];
  const kinds: readonly ErrorKind[] = ['busy', 'token', 'setup', 'unknown-outcome'];
  return kinds.includes(error.kind) || error.errcode === QUOTA_USED_UP ? FAMILIES : [];
}

function stepFamily(step: Step): Family {
  const libraryId = libraryOf(step);
  return libraryId === undefined ? 'rule-groups' : familyOf(libraryId);
}

/** Which of the two codes refuses a corp tag that the app has not made is not documented (doc 96320). */
const NOT_YOURS: readonly (number | undefined)[] = [40068, 40058];

/** The step, when this may be a refusal of what the app has not made. An add that names no group concerns nobody's. */
function refusedAsForeign(step: Step, { errcode }: BotError): TagStep | undefined {
  if (!isTagStep(step)) return undefined;
  const { id, libraryId } = groupOf(step);
  return libraryId === 'corp' && id !== undefined && NOT_YOURS.includes(errcode) ? step : undefined;
}

function asBotError(cause: unknown): BotError {
  return cause instanceof BotError ? cause : new BotError('bug.unexpected', 'bug', { cause });
}
