/** A real server around the callback route, with an inbox that writes down what gets through to it. */
import { callbackRoute, type Inbox } from '../../src/callback/route.ts';
import { createHttp, type HttpOptions, type Listening, listen } from '../../src/http.ts';
import type { LogFields } from '../../src/log.ts';
import type { IncomingMessage, PassiveReply } from '../../src/message.ts';
import { CORP_ID, envelope } from './corp.ts';

export const PATH = '/wecom/callback';
export const NOW = 1_760_000_000_000;
export const NOW_SECONDS = NOW / 1000;

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly fields: LogFields;
  readonly message: string;
}

export interface Outpost {
  readonly url: string;
  readonly server: Listening;
  readonly received: IncomingMessage[];
  readonly known: Set<string>;
  readonly lines: LogLine[];
  readonly refused: string[];
  readonly taken: string[];
  /** Set by a test: what the inbox answers. */
  answer: (message: IncomingMessage) => Promise<PassiveReply | undefined>;
  now: number;
}

export async function startOutpost(path = PATH, checks: HttpOptions['checks'] = {}): Promise<Outpost> {
  const lines: LogLine[] = [];
  const note = (level: LogLine['level']) => (fields: LogFields, message: string) => {
    lines.push({ level, fields, message });
  };
  const log = { info: note('info'), warn: note('warn'), error: note('error') };
  const state = {
    received: [] as IncomingMessage[],
    known: new Set<string>(),
    lines,
    refused: [] as string[],
    taken: [] as string[],
    answer: async (): Promise<PassiveReply | undefined> => ({ kind: 'text', content: '收到' }),
    now: NOW,
  };
  const metrics = {
    refused: (reason: string) => void state.refused.push(reason),
    callback: (kind: string) => void state.taken.push(kind),
    text: async () => 'callbacks_total 1\n',
  };
  const outpost = state as Omit<Outpost, 'url' | 'server'>;
  const inbox: Inbox = {
    knows: async (key) => outpost.known.has(key),
    receive: async (message) => {
      outpost.received.push(message);
      return outpost.answer(message);
    },
  };
  const callback = callbackRoute({ path, envelope, corpId: CORP_ID, inbox, now: () => outpost.now, log, metrics });
  const app = createHttp({ callback, checks, metrics, log, checkTimeoutMs: 50 });
  const server = await listen(app, 0, '127.0.0.1');
  return Object.assign(outpost, { url: `http://127.0.0.1:${server.port}`, server });
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
