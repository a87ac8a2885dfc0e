/** What /readyz asks of a process: that of one corp while it serves one, and of several that not all of them fail. */

import type { Database } from '../store/database.ts';
import type { Corps } from './corps.ts';

type Checks = Readonly<Record<'store' | 'token' | 'clock' | 'library', () => Promise<unknown>>>;

export function readiness(corps: Corps, database: Database): Checks {
  return {
    // Where no corp is built there is no row to write.
    store: () => corps.present()[0]?.checks.store() ?? database.corpsWithWork(),
    token: () => anyOf(corps, 'token'),
    clock: () => anyOf(corps, 'clock'),
    library: () => anyOf(corps, 'library'),
  };
}

/** Rejects with the first reason when every one of those that are built fails. */
async function anyOf(corps: Corps, check: 'token' | 'clock' | 'library'): Promise<unknown> {
  const present = corps.present();
  if (present.length === 0) return undefined;
  try {
    return await Promise.any(present.map((corp) => corp.checks[check]()));
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  }
}
