/**
 * What a database says when it cannot, and what a verb refuses, in the words of our catalogue. Codes:
 *
 * | code | kind | meaning |
 * |---|---|---|
 * | store.url | setup | DATABASE_URL is neither `file:` nor `postgres://` |
 * | store.unreachable | setup | the file cannot be opened, or the disk fails |
 * | store.unreachable | busy | the server is not there, the connection broke, or it took too long |
 * | store.login, store.no-database | setup | the server refuses the user or the password; it has no such database |
 * | store.full, store.readonly, store.corrupt | setup | the disk is full; nothing may be written; not (any more) a database |
 * | store.no-rights | setup | the user of the process, or of the database, may not do what it must |
 * | store.absent, store.foreign | setup | opened for reading only, and not there; the database of another program |
 * | store.replaced | setup | the file was deleted or replaced while it was open: writes would be lost |
 * | store.newer, store.older | setup | written by a later release; not yet migrated, and opened for reading only |
 * | store.outgrown | setup | a table or column is gone: a later release has migrated the database while this one ran |
 * | store.locked | setup | another process serves this corp from the same file |
 * | store.busy | busy | somebody else holds the database's lock |
 * | store.taken | busy | the message is kept already, or its change intended: somebody else is at work on it |
 * | store.turn | busy | another replica has held the member or the library for too long; nothing was done |
 * | store.missing, store.concluded, store.closed, store.failed | bug | no such row; concluded before; used after close; anything else |
 *
 * Facts never hold values of a row: PostgreSQL's `detail` and `where` may quote them and are left out, and so is the
 * error itself as a cause.
 */

import { BotError, type ErrorKind } from '../errors.ts';

type Verdict = readonly [code: string, kind: ErrorKind];

/** Primary result codes of SQLite (https://sqlite.org/rescode.html) with SQLite's own sentence for each. */
const SQLITE_VERDICTS: readonly (readonly [result: number, sentence: string, ...verdict: Verdict])[] = [
  [5, 'database is locked', 'store.busy', 'busy'],
  [6, 'database table is locked', 'store.busy', 'busy'],
  [8, 'attempt to write a readonly database', 'store.readonly', 'setup'],
  [10, 'disk I/O error', 'store.unreachable', 'setup'],
  [11, 'database disk image is malformed', 'store.corrupt', 'setup'],
  [13, 'database or disk is full', 'store.full', 'setup'],
  [14, 'unable to open database file', 'store.unreachable', 'setup'],
  [26, 'file is not a database', 'store.corrupt', 'setup'],
];

const FILE_VERDICTS: ReadonlyMap<string, Verdict> = new Map([
  ['ENOSPC', ['store.full', 'setup']],
  ['EDQUOT', ['store.full', 'setup']],
  ['EROFS', ['store.readonly', 'setup']],
  ['EACCES', ['store.no-rights', 'setup']],
  ['EPERM', ['store.no-rights', 'setup']],
]);

/** An error of SQLite, or of the file system around it, as a BotError. SQLite's sentences name tables, never values. */
export function sqliteFailure(error: unknown): BotError {
  if (error instanceof BotError) return error;
  const system = field(error, 'code');
  if (system === 'ERR_SQLITE_ERROR') {
    const [, , code, kind] = SQLITE_VERDICTS.find(says(error)) ?? [0, '', 'store.failed', 'bug'];
    return failure(code, kind, { reason: text(error) });
  }
  if (typeof system === 'string' && field(error, 'syscall') !== undefined) {
    const [code, kind] = FILE_VERDICTS.get(system) ?? ['store.unreachable', 'setup'];
    return failure(code, kind, { reason: text(error) });
  }
  return failure('store.failed', 'bug', { reason: text(error) });
}

/** Errors of `all()` come without a result code, so the sentence decides for them. */
function says(error: unknown): (row: (typeof SQLITE_VERDICTS)[number]) => boolean {
  const result = field(error, 'errcode');
  // Above the lowest byte are details of the same result.
  return ([code, sentence]) => (typeof result === 'number' ? (result & 0xff) === code : text(error) === sentence);
}

/** An error of `pg`, of the PostgreSQL server or of the connection to it, as a BotError. */
export function postgresFailure(error: unknown): BotError {
  if (error instanceof BotError) return error;
  const code = field(error, 'code');
  // A server's error carries a SQLSTATE of five characters; everything else is the connection or pg itself.
  if (field(error, 'severity') === undefined) {
    if (error instanceof TypeError) return failure('store.failed', 'bug', { reason: error.message });
    return failure('store.unreachable', 'busy', { reason: typeof code === 'string' ? code : text(error) });
  }
  const state = String(code);
  const [verdict, kind] = postgresVerdict(state);
  // The sentences of these classes are about the server; others may quote what was written.
  return failure(verdict, kind, kind === 'bug' ? { sqlstate: state } : { sqlstate: state, reason: text(error) });
}

function postgresVerdict(state: string): Verdict {
  if (state === '53100') return ['store.full', 'setup'];
  if (state === '25006') return ['store.readonly', 'setup'];
  if (state === '42501') return ['store.no-rights', 'setup'];
  if (state === 'XX001' || state === 'XX002') return ['store.corrupt', 'setup'];
  // The table or column that a statement names is not there.
  if (state === '42P01' || state === '42703') return ['store.outgrown', 'setup'];
  // 40001, 40P01: the transaction gave way to another; 55P03: no lock in time.
  if (state === '40001' || state === '40P01' || state === '55P03') return ['store.busy', 'busy'];
  const family = state.slice(0, 2);
  if (family === '28') return ['store.login', 'setup'];
  if (family === '3D') return ['store.no-database', 'setup'];
  // Connection, resources, an operator's intervention (shutdown, terminated, statement timeout), the system.
  if (family === '08' || family === '53' || family === '57' || family === '58') return ['store.unreachable', 'busy'];
  return ['store.failed', 'bug'];
}

/** The refusal of a verb that names a row which is not there. */
export function rowMissing(what: 'message' | 'change'): BotError {
  return new BotError('store.missing', 'bug', { facts: { what } });
}

/** The refusal of a second change of one message, and of a message that somebody else has kept. */
export function messageTaken(): BotError {
  return new BotError('store.taken', 'busy');
}

/** The refusal of a second 确认. */
export function questionTaken(): BotError {
  return new BotError('store.question-taken', 'busy');
}

/** The refusal of a second conclusion. */
export function alreadyConcluded(id: number): BotError {
  return new BotError('store.concluded', 'bug', { facts: { change: id } });
}

function failure(code: string, kind: ErrorKind, facts: { reason?: string; sqlstate?: string }): BotError {
  const reason = facts.reason ?? facts.sqlstate;
  return new BotError(code, kind, { facts, message: reason === undefined ? code : `${code}: ${reason}` });
}

function field(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null && name in error ? Reflect.get(error, name) : undefined;
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
