/** What an undo takes back: whose change it was, and who has changed the same since. */

import type { ChangeRow } from '../../store/store.ts';
import type { Note } from '../../tags/change/step.ts';
import type { Context } from '../context.ts';
import { sameUserid } from '../rights.ts';
import { changesOf, doneSteps } from './journal.ts';

/** Changes since that are looked through for who made them. */
const MOST = 500;

export interface TakenBack {
  /** Numbers of the changes. */
  readonly ids: readonly number[];
  /** Who made them, by name; of several somebody else, if there is one. */
  readonly person: string;
  readonly own: boolean;
}

/** What the undo of these changes takes back; undefined when none of them is known. */
export async function takenBack(ctx: Context, ids: readonly number[]): Promise<TakenBack | undefined> {
  const rows = await changesOf(ctx.deps.store, ids);
  const others = rows.find((row) => !sameUserid(row.member, ctx.member));
  const row = others ?? rows[0];
  return row && { ids, person: await ctx.deps.directory.name(row.member), own: others === undefined };
}

/** The notes on what was changed since, with who did it as far as the journal knows. */
export async function withAuthors(ctx: Context, row: ChangeRow, notes: readonly Note[]): Promise<Note[]> {
  if (!notes.some((note) => note.note === 'changed-since')) return [...notes];
  const since = (await ctx.deps.store.changes({ since: row.at, limit: MOST })).filter(({ id }) => id > row.id);
  return Promise.all(
    notes.map(async (note) => {
      if (note.note !== 'changed-since') return note;
      const last = since.find((later) =>
        doneSteps(later).some(({ step }) => 'id' in step && String(step.id) === note.id),
      );
      if (!last) return note;
      const person = sameUserid(last.member, ctx.member) ? '你' : await ctx.deps.directory.name(last.member);
      return { ...note, by: { person, change: last.id } };
    }),
  );
}
