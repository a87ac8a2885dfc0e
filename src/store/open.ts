/** Chooses the database by its URL. Drivers are loaded only when they are used. */

import { BotError } from '../errors.ts';
import type { Store } from './store.ts';

export interface OpenOptions {
  /** ms. */
  readonly now: () => number;
  /** ms of a clock that never jumps, for durations; without it `now` has to do. */
  readonly ticks?: () => number;
  /** For commands that only look (`journal`): takes no lock, migrates nothing; writes reject with `store.readonly`. */
  readonly readOnly?: boolean;
  /** Told once, after the tables were brought from one version to another; 0 is none at all. */
  readonly migrated?: (from: number, to: number) => void;
}

/**
 * Opens the store of one corp, creating and migrating what is missing.
 * `databaseUrl`: `file:./data/bot.db` (SQLite, one process per corp) or `postgres://…` (several replicas).
 * Throws BotError `store.*` (see failure.ts); the URL, which may hold a password, is in none of them.
 */
export async function openStore(databaseUrl: string, corpId: string, options: OpenOptions): Promise<Store> {
  if (databaseUrl.startsWith('file:')) {
    const { openSqlite } = await import('./sqlite.ts');
    return openSqlite(databaseUrl, corpId, options);
  }
  if (/^postgres(ql)?:\/\//.test(databaseUrl)) {
    const { openPostgres } = await import('./postgres.ts');
    return openPostgres(databaseUrl, corpId, options);
  }
  throw new BotError('store.url', 'setup', {
    message: 'store.url: DATABASE_URL must begin with file: or postgres://',
  });
}
