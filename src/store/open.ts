/** Chooses the database by its URL. Drivers are loaded only when they are used. */

import { BotError } from '../errors.ts';
import type { Database, OpenOptions } from './database.ts';
import type { Store } from './store.ts';

/**
 * Opens the database, creating and migrating what is missing with the first store.
 * `databaseUrl`: `file:./data/bot.db` (SQLite, one process per corp) or `postgres://…` (several replicas).
 * Throws BotError `store.*` (see failure.ts); the URL, which may hold a password, is in none of them.
 */
export function openDatabase(databaseUrl: string, options: OpenOptions): Promise<Database> {
  return open(databaseUrl, options);
}

/** The store of one corp in a database of its own, which is closed with it. Throws as `openDatabase` and `storeOf`. */
export async function openStore(databaseUrl: string, corpId: string, options: OpenOptions): Promise<Store> {
  const database = await open(databaseUrl, options);
  try {
    return await database.soleStoreOf(corpId);
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function open(databaseUrl: string, options: OpenOptions) {
  if (databaseUrl.startsWith('file:')) {
    const { SqliteDatabase } = await import('./sqlite-database.ts');
    return new SqliteDatabase(databaseUrl, options);
  }
  if (/^postgres(ql)?:\/\//.test(databaseUrl)) {
    const { PostgresDatabase } = await import('./postgres-database.ts');
    return PostgresDatabase.open(databaseUrl, options);
  }
  throw new BotError('store.url', 'setup', {
    message: 'store.url: DATABASE_URL must begin with file: or postgres://',
  });
}
