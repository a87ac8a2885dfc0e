/** Which changes are meant by 加错了, 改回来, 恢复老客, 两个都撤销, 撤销第二条 (command/undone.ts): numbers of the journal. */

import type { Undone } from '../../command/undone.ts';
import { line, name as nameSpan } from '../../reply/reply.ts';
import { spanText } from '../../reply/text.ts';
import type { ChangeRow } from '../../store/store.ts';
import type { Step } from '../../tags/change/step.ts';
import { fold } from '../../text.ts';
import { doneSteps, findUndoable, readChange, UNDO_MS } from '../change/journal.ts';
import { namesFor } from '../change/people.ts';
import { intended } from '../change/wording.ts';
import type { Context } from '../context.ts';
import type { Focus } from '../focus.ts';
import { nthOf } from './pointed.ts';
import { type Referred, told } from './referred.ts';

/** So many changes of one conversation are looked through, and of a day. */
const MOST = 20;
const MOST_OF_A_DAY = 200;

/** undefined: the words name no change after all. Throws BotError `store.*`. */
export async function whichChanges(
  ctx: Context,
  which: Undone,
  focus: Focus | undefined,
): Promise<Referred | undefined> {
  const { store, now } = ctx.deps;
  switch (which.which) {
    case 'last': {
      // 加回来 after 撤销 takes the undo back.
      if (which.back && focus?.order?.command === 'undo' && focus.change !== undefined)
        return { kind: 'undo', ids: [focus.change] };
      const found = await findUndoable(store, ctx.member, undefined, now());
      if (found.kind === 'no') return nothing();
      const fits = which.oops === undefined || kindsOf(found.row).has(which.oops);
      return fits ? { kind: 'undo', ids: [found.row.id] } : asked(ctx, [found.row]);
    }
    case 'deleted': {
      const row = (await undoableOf(ctx, focus)).find((each) => kindsOf(each).has('delete'));
      return row === undefined ? nothing() : { kind: 'undo', ids: [row.id] };
    }
    case 'named':
      return broughtBack(ctx, which);
    case 'several': {
      const recent = await undoableOf(ctx, focus);
      const rows = which.count === undefined ? recent : recent.slice(0, which.count);
      if (rows.length === 0 || (which.count !== undefined && rows.length < which.count))
        return rows.length === 0 ? nothing() : asked(ctx, rows);
      return { kind: 'undo', ids: rows.map((row) => row.id) };
    }
    case 'nth': {
      if (which.digits && focus?.shown?.kind !== 'changes') return undefined;
      const listed = focus?.shown?.kind === 'changes' ? focus.shown.ids : undefined;
      const id = listed && nthOf(listed, which.position);
      if (id !== undefined) return { kind: 'undo', ids: [id] };
      const oldestFirst = (await undoableOf(ctx, focus)).reverse();
      return oldestFirst.length === 0 ? nothing() : asked(ctx, oldestFirst);
    }
  }
}

/** 恢复老客: at once where the member's change did nothing else; by its number where it did, or was somebody else's. */
async function broughtBack(
  ctx: Context,
  { name, bare }: Extract<Undone, { which: 'named' }>,
): Promise<Referred | undefined> {
  const { store, now } = ctx.deps;
  const libraryIds = [...ctx.rights.readable];
  for (const row of await store.changes({ libraryIds, since: now() - UNDO_MS, limit: MOST_OF_A_DAY })) {
    const steps = doneSteps(row).map(({ step }) => step);
    if (row.undoes !== undefined || !steps.some((step) => isOf(step, name))) continue;
    const found = await findUndoable(store, ctx.member, row.id, now());
    if (found.kind === 'no') continue;
    const [only, ...others] = steps;
    const nothingElse = others.length === 0 && only !== undefined && isOf(only, name, true);
    return nothingElse && row.member === ctx.member ? { kind: 'undo', ids: [row.id] } : asked(ctx, [row]);
  }
  if (bare) return undefined;
  return told(line`最近 24 小时里没有删掉或改掉过${nameSpan(name)}`, `发「历史 ${name}」看它的改动`);
}

/** Whether the step took that name away, or gave it to something that was called otherwise; `alone`: and nothing else. */
function isOf(step: Step, called: string, alone = false): boolean {
  const are = (...names: readonly string[]) => names.some((name) => fold(name) === fold(called));
  switch (step.do) {
    case 'deleteTags':
      return are(...step.tags.map(({ name }) => name)) && !(alone && step.tags.length > 1);
    case 'deleteGroup':
      return are(step.name, ...(alone ? [] : step.tags.map(({ name }) => name)));
    case 'renameTag':
    case 'renameGroup':
      return are(step.from, step.to);
    default:
      return false;
  }
}

/** Of this conversation, newest first, neither undone nor undoing. */
async function undoableOf(ctx: Context, focus: Focus | undefined): Promise<ChangeRow[]> {
  if (focus === undefined) return [];
  const rows = await ctx.deps.store.changes({ member: ctx.member, since: focus.since, limit: MOST });
  const out: ChangeRow[] = [];
  for (const row of rows) {
    if (row.undoes !== undefined) continue;
    const found = await findUndoable(ctx.deps.store, ctx.member, row.id, ctx.deps.now());
    if (found.kind === 'change') out.push(row);
  }
  return out;
}

async function asked(ctx: Context, rows: readonly ChangeRow[]): Promise<Referred> {
  const options = [];
  for (const row of rows.slice(0, 10)) {
    const { steps } = readChange(row);
    const [first] = steps;
    const words = first === undefined ? [] : intended(first, await namesFor(ctx, steps));
    const label = `撤销 ${row.id}：${words.map(spanText).join('')}`;
    options.push({ label, order: { command: 'undo', change: row.id } } as const);
  }
  return {
    kind: 'understood',
    understanding: { kind: 'choice', asked: line`要撤销哪一个？`, options },
    showFirst: true,
  };
}

type Kind = 'add' | 'delete' | 'change';

function kindsOf(row: ChangeRow): ReadonlySet<Kind> {
  return new Set(doneSteps(row).map(({ step }) => kindOf(step)));
}

function kindOf({ do: does }: Step): Kind {
  if (does === 'addTags' || does === 'createRule') return 'add';
  return does === 'deleteTags' || does === 'deleteGroup' || does === 'deleteRule' ? 'delete' : 'change';
}

function nothing(): Referred {
  return told(line`最近 24 小时里没有你可以撤销的改动`, '发「历史」看改动和编号');
}
