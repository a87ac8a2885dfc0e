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

const HIDDEN = [
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
];

/** `destination` is for tests; without it lines go to standard output, written at once so that a crash loses none. */
export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  const options = {
    level,
    base: null,
    messageKey: 'msg',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError },
    redact: { paths: HIDDEN.flatMap((key) => [key, `*.${key}`]), censor: '[hidden]' },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
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
