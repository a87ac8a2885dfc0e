/** A real server around the callback route, with an inbox that writes down what gets through to it. */
import { createSeal } from '../../src/callback/envelope.ts';
import { type Inbox, messageReceiver } from '../../src/callback/message-receiver.ts';
import { callbackRoute } from '../../src/callback/route.ts';
import {
  createHttp,
  createOperatorHttp,
  type Listening,
  listen,
  type OperatorHttpOptions,
  type Place,
} from '../../src/http.ts';
import { createComplaints, type LogFields } from '../../src/log.ts';
import type { IncomingMessage, PassiveReply } from '../../src/message.ts';
import { AES_KEY, AGENT_ID, CORP_ID, envelope, TOKEN } from './corp.ts';

export const PATH = '/wecom/callback';
export const NOW = 1_760_000_000_000;
const NOW_SECONDS = NOW / 1000;

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly fields: LogFields;
  readonly message: string;
}

export interface Outpost {
  readonly url: string;
  readonly server: Listening;
  readonly operatorUrl: string;
  close(graceMs?: number): Promise<void>;
  readonly received: IncomingMessage[];
  readonly known: Set<string>;
  readonly lines: LogLine[];
  readonly refused: string[];
  readonly refusedHttp: string[];
  readonly otherApps: string[];
  readonly verified: string[];
  /** Ends the minute in which a second line of the same kind would be too many. */
  nextMinute(): void;
  readonly taken: string[];
  /** Set by a test: what the inbox answers. */
  answer: (message: IncomingMessage) => Promise<PassiveReply | undefined>;
  now: number;
}

export async function startOutpost(
  path = PATH,
  checks: OperatorHttpOptions['checks'] = {},
  limits: Place['limits'] = {},
): Promise<Outpost> {
  const lines: LogLine[] = [];
  const note = (level: LogLine['level']) => (fields: LogFields, message: string) => {
    lines.push({ level, fields, message });
  };
  const log = { info: note('info'), warn: note('warn'), error: note('error') };
  const complaints = createComplaints(log);
  const state = {
    nextMinute: () => complaints.close(),
    received: [] as IncomingMessage[],
    known: new Set<string>(),
    lines,
    refused: [] as string[],
    refusedHttp: [] as string[],
    otherApps: [] as string[],
    verified: [] as string[],
    taken: [] as string[],
    answer: async (): Promise<PassiveReply | undefined> => ({ kind: 'text', content: '收到' }),
    now: NOW,
  };
  const metrics = {
    refused: (reason: string) => void state.refused.push(reason),
    refusedHttp: (reason: string) => void state.refusedHttp.push(reason),
    callback: (kind: string) => void state.taken.push(kind),
    otherApp: () => void state.otherApps.push('one'),
    addressVerified: () => void state.verified.push('one'),
    text: async () => `scrapes_total ${++scrapes}\n`,
  };
  let scrapes = 0;
  const outpost = state as Omit<Outpost, 'url' | 'server' | 'operatorUrl' | 'close'>;
  const inbox: Inbox = {
    knows: async (key) => outpost.known.has(key),
    receive: async (message) => {
      outpost.received.push(message);
      return outpost.answer(message);
    },
  };
  const now = () => outpost.now;
  const seal = createSeal({ token: TOKEN, encodingAesKey: AES_KEY });
  const guards = { seal, now, complaints, metrics };
  const receiver = messageReceiver({ ...guards, corpId: CORP_ID, agentId: AGENT_ID, inbox });
  const callback = callbackRoute({
    path,
    ...guards,
    verifies: (receiveId) => receiveId === CORP_ID,
    receiverOf: (receiveId) => (receiveId === CORP_ID ? receiver : undefined),
  });
  const shared = { log, complaints, metrics, now };
  const place = { port: 0, host: '127.0.0.1', limits, metrics };
  const server = await listen(createHttp({ ...shared, callbacks: [callback] }), place);
  const operators = await listen(createOperatorHttp({ ...shared, checks, checkTimeoutMs: 50 }), place);
  return Object.assign(outpost, {
    url: `http://127.0.0.1:${server.port}`,
    server,
    operatorUrl: `http://127.0.0.1:${operators.port}`,
    close: async (graceMs?: number) => {
      await Promise.all([server.close(graceMs), operators.close(0)]);
      complaints.close();
    },
  });
}

export function query(parts: Readonly<Record<string, string | number>>): string {
  return Object.entries(parts)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
}

/** Address and body of a callback as WeCom would send it. */
export function sealedPost(plaintext: string, { timestamp = NOW_SECONDS, nonce = '1372623149' } = {}) {
  return sealedAs(envelope.seal(plaintext, timestamp, nonce).encrypt, { timestamp, nonce });
}

/** The same around any ciphertext, rightly signed. */
export function sealedAs(encrypt: string, { timestamp = NOW_SECONDS, nonce = '1372623149' } = {}) {
  return {
    query: query({ msg_signature: envelope.sign(timestamp, nonce, encrypt), timestamp, nonce }),
    body:
      `<xml><ToUserName><![CDATA[${CORP_ID}]]></ToUserName><AgentID><![CDATA[1000002]]></AgentID>` +
      `<Encrypt><![CDATA[${encrypt}]]></Encrypt></xml>`,
  };
}

export async function post(
  outpost: Outpost,
  { query, body }: { query: string; body: string | Uint8Array | ReadableStream },
): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await fetch(`${outpost.url}${PATH}?${query}`, {
    method: 'POST',
    body: body as string,
    ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}
