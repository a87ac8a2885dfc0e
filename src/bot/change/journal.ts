/**
 * What was changed: the plans and outcomes that the store keeps as JSON, read and written in one place; what can be
 * taken back.
 */

import { BotError, type ErrorKind, type Facts } from '../../errors.ts';
import type { ChangeRow, ChangeState, Store } from '../../store/store.ts';
import type { StepOutcome } from '../../tags/change/outcome.ts';
import type { Step, TagPart } from '../../tags/change/step.ts';
import type { DoneStep } from '../../tags/change/undo.ts';
import type { LibraryId } from '../../tags/tag.ts';

/** A change may be taken back for this long. */
export const UNDO_MS = 24 * 60 * 60_000;
/** Changes of a day that are looked through for what has been taken back already. */
const LATER = 2_000;
/** Changes of the member that are read at once: nearly always the last one is meant. */
const AT_ONCE = 20;

/** A step outcome as it is kept: of an error, what its sentence is made of. */
type KeptOutcome = Extract<StepOutcome, { state: 'done' | 'skipped' }> | KeptFailure;

interface KeptFailure {
  readonly state: 'failed' | 'unknown';
  readonly code: string;
  readonly kind: ErrorKind;
  readonly errcode?: number;
  readonly facts?: Facts;
  readonly meaning?: string;
  readonly advice?: string;
  readonly checked?: true;
  readonly rangeDone?: number;
  readonly foreign?: readonly string[];
  readonly deleted?: readonly TagPart[];
}

/** What was planned and what came of it. */
export interface JournalledChange {
  readonly steps: readonly Step[];
  /** One per step; empty while the change is only intended. */
  readonly outcomes: readonly KeptOutcome[];
}

/** What the row keeps as JSON; steps of former versions in the form of today. */
export function readChange(row: ChangeRow): JournalledChange {
  return {
    steps: JSON.parse(row.plan, ofToday) as Step[],
    outcomes: row.outcome === undefined ? [] : (JSON.parse(row.outcome) as KeptOutcome[]),
  };
}

/** What was journalled when rule groups had the only libraries names theirs by `strategyId`. */
function ofToday(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('strategyId' in value)) return value;
  const { strategyId, ...rest } = value;
  return { ...rest, libraryId: strategyId };
}

/** As the journal keeps them: of an error only what its sentence is made of. */
export function writeOutcomes(outcomes: readonly StepOutcome[]): string {
  return JSON.stringify(
    outcomes.map((outcome) => {
      if (outcome.state !== 'failed' && outcome.state !== 'unknown') return outcome;
      const { error, ...rest } = outcome;
      const { code, kind, errcode, facts, meaning, advice } = error;
      return { ...rest, code, kind, errcode, facts, meaning, advice };
    }),
  );
}

/** The way back, for a concluded change. */
export function readOutcomes(row: ChangeRow): StepOutcome[] {
  return readChange(row).outcomes.map((kept): StepOutcome => {
    if (!('code' in kept)) return kept;
    const { state, code, kind, checked, rangeDone, foreign, deleted, ...options } = kept;
    const error = new BotError(code, kind, options);
    if (state === 'unknown') return { state, error };
    return {
      state,
      error,
      ...(checked === undefined ? {} : { checked }),
      ...(rangeDone === undefined ? {} : { rangeDone }),
      ...(foreign === undefined ? {} : { foreign }),
      ...(deleted === undefined ? {} : { deleted }),
    };
  });
}

/** The state of a whole change: unknown as soon as one step is, partial when some but not all were done. */
export function changeState(outcomes: readonly StepOutcome[]): Exclude<ChangeState, 'intended'> {
  if (outcomes.some((outcome) => outcome.state === 'unknown')) return 'unknown';
  if (outcomes.some((outcome) => outcome.state === 'failed' && (outcome.rangeDone ?? outcome.deleted) !== undefined))
    return 'partial';
  const done = outcomes.filter((outcome) => outcome.state === 'done').length;
  if (done === outcomes.length) return 'done';
  return done === 0 ? 'failed' : 'partial';
}

/** The steps of a change that took effect, with what the platform made of them. */
export function doneSteps(row: ChangeRow): DoneStep[] {
  const { steps, outcomes } = readChange(row);
  return steps.flatMap((step, i): DoneStep[] => {
    const outcome = outcomes[i];
    if (outcome?.state === 'failed' && outcome.deleted && step.do === 'deleteTags')
      return [{ step: { ...step, tags: outcome.deleted, takesGroup: false } }];
    if (outcome?.state !== 'done') return [];
    return [
      {
        step,
        ...(outcome.groupId === undefined ? {} : { groupId: outcome.groupId }),
        ...(outcome.created === undefined ? {} : { created: outcome.created }),
        ...(outcome.ruleId === undefined ? {} : { ruleId: outcome.ruleId }),
      },
    ];
  });
}

export type Undoable =
  | { readonly kind: 'change'; readonly row: ChangeRow }
  | { readonly kind: 'no'; readonly why: 'none' | 'unknown-number' | 'too-old' | 'nothing-done' | 'undone' };

/**
 * The change that 撤销 means: the numbered one, else the member's last (in that library) that is neither an
 * undo nor taken back already.
 */
export async function findUndoable(
  store: Store,
  member: string,
  number: number | undefined,
  now: number,
  libraryId?: LibraryId,
): Promise<Undoable> {
  if (number !== undefined) {
    const [row] = await store.changes({ id: number, limit: 1 });
    if (!row) return { kind: 'no', why: 'unknown-number' };
    if (now - row.at > UNDO_MS) return { kind: 'no', why: 'too-old' };
    if (doneSteps(row).length === 0) return { kind: 'no', why: 'nothing-done' };
    const later = await store.changes({ since: row.at, limit: LATER });
    return takenBack(later).has(row.id) ? { kind: 'no', why: 'undone' } : { kind: 'change', row };
  }
  const since = now - UNDO_MS;
  const there = libraryId === undefined ? {} : { libraryIds: [libraryId] };
  const done = takenBack(await store.changes({ since, limit: LATER }));
  for (let offset = 0; offset < LATER; offset += AT_ONCE) {
    const rows = await store.changes({ member, since, limit: AT_ONCE, offset, ...there });
    const row = rows.find((each) => each.undoes === undefined && !done.has(each.id) && doneSteps(each).length > 0);
    if (row) return { kind: 'change', row };
    if (rows.length < AT_ONCE) break;
  }
  return { kind: 'no', why: 'none' };
}

/** The rows of these changes, in this order; those that are not there are left out. */
export async function changesOf(store: Store, ids: readonly number[]): Promise<ChangeRow[]> {
  const rows: ChangeRow[] = [];
  for (const id of ids) rows.push(...(await store.changes({ id, limit: 1 })));
  return rows;
}

/** Which changes these, newest first, have taken back; one that was itself taken back has not. */
function takenBack(rows: readonly ChangeRow[]): ReadonlySet<number> {
  const ids = new Set<number>();
  for (const row of rows) {
    // What would take it back is newer, so it is known by now whether it was.
    if (row.undoes === undefined || !isDone(row) || ids.has(row.id)) continue;
    for (const id of [row.undoes, ...readChange(row).steps.flatMap((step) => step.takesBack ?? [])]) ids.add(id);
  }
  return ids;
}

function isDone(row: ChangeRow): boolean {
  return row.state === 'done' || row.state === 'partial';
}
