/** From where a change comes to the plan that it means now, from a fresh read of what it is about. */

import type { Snapshot } from '../../tags/catalog.ts';
import { concernOf } from '../../tags/change/concern.ts';
import { planOf, planWrites } from '../../tags/change/plan.ts';
import { isTagStep, type Plan, type Planned, type Step } from '../../tags/change/step.ts';
import { planUndo } from '../../tags/change/undo.ts';
import { writeUnderPresentNames } from '../../tags/change/writes.ts';
import type { Library } from '../../tags/library.ts';
import { countTags, type LibraryId } from '../../tags/tag.ts';
import type { Context } from '../context.ts';
import type { Change } from '../shown-plan.ts';
import { changesOf, doneSteps, readChange } from './journal.ts';
import { withAuthors } from './taken-back.ts';

/** Throws BotError when what it is about cannot be read. */
export async function planFor(ctx: Context, change: Change): Promise<Planned> {
  const { service, catalog, store } = ctx.deps;
  switch (change.kind) {
    case 'writes': {
      const library = await service.reread(change.writes.map(({ write }) => write));
      ctx.use(await catalog.current());
      return planWrites(change.writes, library);
    }
    case 'undo': {
      const rows = await changesOf(store, change.ids);
      if (rows.length < change.ids.length)
        return { kind: 'problem', problem: { problem: 'not-undoable', why: '没有找到这次改动。发「历史」看看编号。' } };
      // The oldest first: the plan takes them back from the end.
      const done = [...rows].reverse().flatMap(doneSteps);
      const library = ctx.use(
        await rereadFor(
          ctx,
          done.map(({ step }) => step),
        ),
      ).library;
      const planned = planUndo(done, library);
      if (planned.kind === 'problem') return planned;
      const [row] = rows;
      const notes = row ? await withAuthors(ctx, row, planned.plan.notes) : planned.plan.notes;
      return { kind: 'plan', plan: marked({ ...planned.plan, notes }, change.ids) };
    }
    case 'rule': {
      const { library } = ctx.use(await rereadFor(ctx, change.steps));
      for (const step of change.steps) {
        const now = ruleNameNow(step, library);
        if (now !== undefined && 'name' in step && step.name !== now)
          return { kind: 'problem', problem: { problem: 'renamed', name: step.name, now } };
      }
      return { kind: 'plan', plan: planOf(change.steps.flatMap((step) => onto(step, library))) };
    }
  }
}

/** The change with everything it is about under the name that it bears now: to be asked anew. */
export function underPresentNames(change: Change, library: Library): Change {
  switch (change.kind) {
    case 'writes':
      return {
        ...change,
        writes: change.writes.map((each) => ({ ...each, write: writeUnderPresentNames(each.write, library) })),
      };
    case 'rule':
      return { ...change, steps: change.steps.map((step) => ruleStepUnderPresentName(step, library)) };
    case 'undo':
      return change;
  }
}

function ruleStepUnderPresentName(step: Step, library: Library): Step {
  const now = ruleNameNow(step, library);
  if (now === undefined) return step;
  if (step.do === 'editRule')
    return { ...step, name: now, ...(step.rename && { rename: { ...step.rename, from: now } }) };
  return step.do === 'deleteRule' ? { ...step, name: now } : step;
}

/** Of the rule group that a step reaches by its id. */
function ruleNameNow(step: Step, library: Library): string | undefined {
  return step.do === 'editRule' || step.do === 'deleteRule' ? library.ruleGroup(step.id)?.name : undefined;
}

/** What the steps are about, as it is now. */
async function rereadFor(ctx: Context, steps: readonly Step[]): Promise<Snapshot> {
  const { catalog } = ctx.deps;
  if (steps.some((step) => step.do === 'createRule' || step.do === 'deleteRule')) await catalog.fresh('rule-groups');
  const edited = new Set<LibraryId>(
    steps.flatMap((step) => (step.do === 'editRule' || step.do === 'deleteRule' ? [step.id] : [])),
  );
  // A whole read does not ask for every rule group's settings again.
  for (const id of edited) if (id !== 'corp') await catalog.refreshRuleGroup(id);
  if (!steps.some(isTagStep)) return catalog.current();
  for (const id of planOf(steps).libraryIds) if (!edited.has(id)) await catalog.refreshGroupsIn(id);
  return catalog.current();
}

/**
 * The step for the rule group as it is now. Admins are written as a whole: the wished change is put onto those that are
 * there, so that nobody else loses.
 */
function onto(step: Step, library: Library): readonly Step[] {
  if (step.do === 'deleteRule') {
    const groups = library.groupsOf(step.id);
    return [{ ...step, groups: groups.length, tags: countTags(groups) }];
  }
  if (step.do !== 'editRule' || !step.admins) return [step];
  const now = library.ruleGroup(step.id)?.admins ?? step.admins.from;
  const { from, to } = step.admins;
  const staying = now.filter((userid) => to.includes(userid) || !from.includes(userid));
  const after = [...new Set([...staying, ...to.filter((userid) => !from.includes(userid))])];
  return after.join() === now.join() ? [] : [{ ...step, admins: { from: now, to: after } }];
}

/** Libraries whose tags, or whose rule group's settings, the change would touch. */
export async function librariesConcerned(ctx: Context, change: Change, library: Library): Promise<LibraryId[]> {
  switch (change.kind) {
    case 'writes':
      return [
        ...concernOf(
          change.writes.map(({ write }) => write),
          library,
        ).libraryIds,
      ];
    case 'rule':
      return [...planOf(change.steps).libraryIds];
    case 'undo': {
      const rows = await changesOf(ctx.deps.store, change.ids);
      return [...planOf(rows.flatMap((row) => readChange(row).steps)).libraryIds];
    }
  }
}

/** One change takes back several: its row names the newest, its first step all of them. */
function marked(plan: Plan, ids: readonly number[]): Plan {
  const [first, ...rest] = plan.steps;
  return first === undefined || ids.length < 2 ? plan : { ...plan, steps: [{ ...first, takesBack: ids }, ...rest] };
}
