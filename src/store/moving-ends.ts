/** What a move needs of either engine, and what is moved. */

import type { Dialect } from './schema.ts';
import type { Value } from './statements.ts';

/** A portion of a query's rows; the first has the columns even when there is no row. */
export interface Portion {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Value[])[];
}

/** The database as it was at one moment, whatever is written meanwhile. */
export interface Snapshot {
  read(sql: string): AsyncIterable<Portion>;
  close(): Promise<void>;
}

/** A database that nobody serves, in one transaction; closed without `commit`, it is as it was. */
export interface Target {
  readonly dialect: Dialect;
  run(sql: string, values?: readonly Value[]): Promise<readonly object[]>;
  commit(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Every table but that of the migrations, with the order in which its rows came or may stand, and the columns that mean
 * nothing elsewhere: `seq` is given anew, `owner` is a replica of the database that is left.
 */
export const MOVED_TABLES: Readonly<Record<string, { readonly order: string; readonly without?: readonly string[] }>> =
  {
    messages: { order: 'seq', without: ['seq', 'owner'] },
    journal: { order: 'seq', without: ['seq'] },
    journal_libraries: { order: 'corp_id, change_id, library_id' },
    owners: { order: 'corp_id, id' },
    sessions: { order: 'corp_id, member' },
    notes: { order: 'corp_id, name' },
    libraries: { order: 'corp_id, library' },
    pushes: { order: 'corp_id, member' },
    corps: { order: 'corp_id' },
    suites: { order: 'suite_id' },
    authorisations: { order: 'suite_id, corp_id' },
    suite_events: { order: 'seq', without: ['seq'] },
  };

export interface Moved {
  readonly rows: number;
  readonly corps: readonly string[];
}
