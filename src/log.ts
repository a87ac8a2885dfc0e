/**
 * The log: one JSON object per line on standard output. Fields are facts (codes, counts, ids of messages); what a member
 * wrote and what a secret is never get in. The redaction below is the second belt, not the first.
 */
import pino, { type DestinationStream, type Logger } from 'pino';
import { withoutControls } from './terminal.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';
export const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** The same log; every line carries these fields as well, which are written once and for all. */
  child(fields: LogFields): Log;
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
  'permanentCode',
  'permanent_code',
  'authCode',
  'auth_code',
  'ticket',
]);

/** `destination` takes whole lines and must neither block nor throw: stdout.ts, or a list in a test. */
export function createLog(level: LogLevel, destination: DestinationStream): Log {
  const options = {
    level,
    base: null,
    messageKey: 'msg',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (fields: Record<string, unknown>) => withoutHidden(fields),
    },
    serializers: { err: describeError },
  };
  return belted(pino(options, { write: (line) => destination.write(withoutControls(line)) }));
}

/** pino takes the fields of a child as they are: they pass no formatter. */
function belted(logger: Logger): Log {
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    child: (fields) => belted(logger.child(withoutHidden(fields))),
  };
}

/**
 * The fields with everything hidden that has a name to hide, one level down too. By hand: pino's own redaction takes eight
 * times as long as the rest of the line, and there is a line for every message.
 */
function withoutHidden(fields: LogFields, below = 1): Record<string, unknown> {
  let hidden: Record<string, unknown> | undefined;
  for (const [key, value] of Object.entries(fields)) {
    const shown = HIDDEN.has(key) ? '[hidden]' : below > 0 && isPlain(value) ? withoutHidden(value, below - 1) : value;
    if (shown === value) continue;
    hidden ??= { ...fields };
    hidden[key] = shown;
  }
  return hidden ?? fields;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(value instanceof Error);
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

/** Where a request came from; a Koa context is one. */
export interface Source {
  readonly ip: string;
  get(header: string): string;
}

export interface Complaint {
  readonly level?: 'info' | 'warn';
  /** Complaints of one reason share their minute; default: the message. */
  readonly reason?: string;
  /** What makes one from the same source a new one, e.g. the path it came to. */
  readonly detail?: string;
  readonly fields?: LogFields;
}

/** Log lines that strangers can cause, as few as still say what there is to see. */
export interface Complaints {
  about(message: string, source: Source, complaint?: Complaint): void;
  /** Tells what has been counted and not yet told. */
  close(): void;
}

const COMPLAINT_PAUSE_MS = 60_000;
const MOST_SOURCES = 5;

/**
 * Of each reason one line a minute for each source and detail, for at most five of them; the others are counted, and their
 * number stands in the next line, at the latest when the minute is over.
 */
export function createComplaints(log: Pick<Log, 'info' | 'warn'>, pauseMs = COMPLAINT_PAUSE_MS): Complaints {
  const minutes = new Map<string, Minute>();

  function begin(reason: string, tell: (alike: number) => void): Minute {
    const end = (): void => {
      minutes.delete(reason);
      if (minute.silent > 0) tell(minute.silent);
    };
    const timer = setTimeout(end, pauseMs).unref();
    const minute: Minute = {
      told: new Set(),
      silent: 0,
      close: () => {
        clearTimeout(timer);
        end();
      },
    };
    minutes.set(reason, minute);
    return minute;
  }

  function about(
    message: string,
    source: Source,
    { level = 'warn', reason = message, detail = '', fields = {} }: Complaint = {},
  ) {
    const address = source.ip;
    const forwardedFor = source.get('X-Forwarded-For').slice(0, 100) || undefined;
    const tellRest = (alike: number): void => log[level]({ ...fields, alike }, `${message} (and more of the kind)`);
    const minute = minutes.get(reason) ?? begin(reason, tellRest);
    const from = `${address} ${forwardedFor} ${detail}`;
    if (minute.told.has(from) || minute.told.size === MOST_SOURCES) minute.silent++;
    else {
      minute.told.add(from);
      log[level]({ ...fields, source: { address, forwardedFor } }, message);
    }
  }

  return {
    about,
    close: () => {
      for (const minute of [...minutes.values()]) minute.close();
    },
  };
}

/** The same, of one corp or suite: its lines carry its id or name, and those of another corp do not silence them. */
export function complaintsOf(
  name: string,
  complaints: Complaints,
  of: 'corp' | 'suite' = 'corp',
): Pick<Complaints, 'about'> {
  return {
    about: (message, source, { reason = message, fields = {}, ...rest } = {}) =>
      complaints.about(message, source, { ...rest, reason: `${name} ${reason}`, fields: { [of]: name, ...fields } }),
  };
}

interface Minute {
  readonly told: Set<string>;
  silent: number;
  /** Ends it early. */
  readonly close: () => void;
}
