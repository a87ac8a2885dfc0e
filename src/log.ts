/**
 * The log: one JSON object per line on standard output. Fields are facts (codes, counts, ids of messages); what a member
 * wrote and what a secret is never get in. The redaction below is the second belt, not the first.
 */
import pino, { type DestinationStream } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';
export const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

const HIDDEN: ReadonlySet<string> = new Set([
  'secret',
  'token',
  'access_token',
  'corpsecret',
  'encodingAesKey',
  'aesKey',
  'password',
  'authorization',
  'content',
  'text',
  'body',
  'answer',
  'response_code',
  'responseCode',
]);

/** `destination` is for tests; without it lines go to standard output, written at once so that a crash loses none. */
export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  const options = {
    level,
    base: null,
    messageKey: 'msg',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }), log: (fields: LogFields) => redacted(fields, true) },
    serializers: { err: describeError },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/**
 * The fields without what must not be seen, which is looked for one level down as well. Not pino's own redaction: with
 * paths at any level that makes 27 KB of garbage a line, a twelfth of all that a write makes.
 */
function redacted(fields: LogFields, deeper: boolean): LogFields {
  let out: Record<string, unknown> | undefined;
  for (const [name, value] of Object.entries(fields)) {
    const shown = HIDDEN.has(name) ? '[hidden]' : deeper && isPlain(value) ? redacted(value, false) : value;
    if (shown === value) continue;
    out ??= { ...fields };
    out[name] = shown;
  }
  return out ?? fields;
}

/** Errors are not: describeError picks what is told of them. */
function isPlain(value: unknown): value is LogFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Error);
}

/** An error as facts: name, message, code, facts, the chain of causes. Stacks only where the program itself is at fault. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code, kind, facts } = error as Error & { code?: unknown; kind?: unknown; facts?: unknown };
  return {
    name: error.name,
    message: error.message,
    code,
    kind,
    facts,
    stack: kind === undefined || kind === 'bug' ? error.stack : undefined,
    cause: error.cause === undefined ? undefined : describeError(error.cause),
  };
}
