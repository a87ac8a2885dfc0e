/** From where a change comes to the plan that it means now, from a fresh read of what it is about. */

import type { Snapshot } from '../tags/catalog.ts';
import { concernOf } from '../tags/concern.ts';
import type { Library } from '../tags/library.ts';
import { type Planned, planOf, planWrites, type Step, type Write } from '../tags/plan.ts';
import { planUndo } from '../tags/undo.ts';
import type { Context } from './context.ts';
import { doneSteps, readChange } from './journal.ts';
import type { Right } from './permissions.ts';

/** Where a plan comes from: kept in the open question, so that the plan can be made anew when it is confirmed. */
export type Source =
  | { readonly kind: 'writes'; readonly writes: readonly { readonly line?: number; readonly write: Write }[] }
  | { readonly kind: 'undo'; readonly change: number }
  /** Changes of rule groups; their steps were made from a fresh read of the rule group. */
  | { readonly kind: 'rule'; readonly steps: readonly Step[]; readonly right: Right | 'bot-admin' };

/** Throws BotError when what it is about cannot be read. */
export async function planFor(ctx: Context, source: Source): Promise<Planned> {
  const { service, catalog, store } = ctx.deps;
  switch (source.kind) {
    case 'writes': {
      const library = await service.reread(source.writes.map(({ write }) => write));
      ctx.use(await catalog.current());
      return planWrites(source.writes, library);
    }
    case 'undo': {
      const [row] = await store.changes({ id: source.change, limit: 1 });
      if (!row)
        return { kind: 'problem', problem: { problem: 'not-undoable', why: '没有找到这次改动。发「历史」看看编号。' } };
      const done = doneSteps(row);
      const library = ctx.use(
        await rereadFor(
          ctx,
          done.map(({ step }) => step),
        ),
      ).library;
      return planUndo(done, library);
    }
    case 'rule': {
      const { library } = ctx.use(await rereadFor(ctx, source.steps));
      return { kind: 'plan', plan: planOf(source.steps.flatMap((step) => onto(step, library))) };
    }
  }
}

/** What the steps are about, as it is now. */
async function rereadFor(ctx: Context, steps: readonly Step[]): Promise<Snapshot> {
  const { catalog } = ctx.deps;
  if (steps.some((step) => step.do === 'createRule' || step.do === 'deleteRule')) await catalog.fresh();
  const edited = new Set(steps.flatMap((step) => (step.do === 'editRule' ? [step.id] : [])));
  // A whole read does not ask for every rule group's settings again.
  for (const id of edited) await catalog.refreshStrategy(id);
  if (steps.every((step) => step.do === 'createRule' || step.do === 'editRule' || step.do === 'deleteRule'))
    return catalog.current();
  for (const id of planOf(steps).strategyIds) if (!edited.has(id)) await catalog.refreshGroupsIn(id);
  return catalog.current();
}

/**
 * The step for the rule group as it is now. Admins are written as a whole: the wished change is put onto those that are
 * there, so that nobody else loses.
 */
function onto(step: Step, library: Library): readonly Step[] {
  if (step.do === 'deleteRule') {
    const groups = library.groupsOf(step.id);
    return [{ ...step, groups: groups.length, tags: groups.reduce((sum, group) => sum + group.tags.length, 0) }];
  }
  if (step.do !== 'editRule' || !step.admins) return [step];
  const now = library.ruleGroup(step.id)?.admins ?? step.admins.from;
  const { from, to } = step.admins;
  const staying = now.filter((userid) => to.includes(userid) || !from.includes(userid));
  const after = [...new Set([...staying, ...to.filter((userid) => !from.includes(userid))])];
  return after.join() === now.join() ? [] : [{ ...step, admins: { from: now, to: after } }];
}

/** Rule groups whose tags or settings the change would touch. */
export async function strategiesConcerned(ctx: Context, source: Source, library: Library): Promise<number[]> {
  switch (source.kind) {
    case 'writes':
      return [
        ...concernOf(
          source.writes.map(({ write }) => write),
          library,
        ).strategyIds,
      ];
    case 'rule':
      return [...planOf(source.steps).strategyIds];
    case 'undo': {
      const [row] = await ctx.deps.store.changes({ id: source.change, limit: 1 });
      return row ? [...planOf(readChange(row).steps).strategyIds] : [];
    }
  }
}
