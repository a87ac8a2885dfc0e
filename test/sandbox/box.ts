/** A sandbox for a test, a caller of its API, and a bot that answers callbacks as told. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { onTestFinished } from 'vitest';
import { createEnvelope, type EnvelopeKeys } from '../../src/callback/envelope.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/server.ts';

export const IDENTITY = {
  corpId: 'ww5d2f8c1a9b7e4630',
  agentId: 1000007,
  secret: 'a-secret-of-the-app',
  token: 'CallbackToken1',
  encodingAesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
};
const envelope = createEnvelope({ ...IDENTITY, receiveId: IDENTITY.corpId });

export type Json = { readonly errcode: number; readonly errmsg: string; readonly [field: string]: unknown };

export interface Box extends Sandbox {
  /** Calls the API with a valid token; `body` is sent as JSON, a string as it is. */
  call(path: string, body?: unknown, query?: Readonly<Record<string, string>>): Promise<Json>;
  errcode(path: string, body?: unknown, query?: Readonly<Record<string, string>>): Promise<number>;
  getToken(query?: Readonly<Record<string, string>>): Promise<Json>;
}

export async function startBox(options: Partial<SandboxOptions> = {}): Promise<Box> {
  const sandbox = await startSandbox({ ...IDENTITY, ...options });
  onTestFinished(() => sandbox.stop());
  const getToken = async (
    query: Readonly<Record<string, string>> = { corpid: IDENTITY.corpId, corpsecret: IDENTITY.secret },
  ) => (await (await fetch(`${sandbox.url}/cgi-bin/gettoken?${new URLSearchParams(query)}`)).json()) as Json;
  const call: Box['call'] = async (path, body, query = {}) => {
    const { access_token } = await getToken();
    const search = new URLSearchParams({ access_token: String(access_token), ...query });
    const init =
      body === undefined ? {} : { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) };
    return (await (await fetch(`${sandbox.url}/cgi-bin/${path}?${search}`, init)).json()) as Json;
  };
  return { ...sandbox, call, getToken, errcode: async (...args) => (await call(...args)).errcode };
}

export interface Heard {
  readonly url: string;
  readonly body: string;
  /** The opened plaintext. */
  readonly xml: string;
}

/** What the bot does with a callback: status and body; 'hang' never answers. */
export type Answer = (heard: Heard, nth: number) => { readonly status?: number; readonly body?: string } | 'hang';

export interface Bot {
  readonly url: string;
  readonly heard: readonly Heard[];
}

/** Listens for callbacks, opens them with the envelope, and answers with `answer`. */
export async function startBot(answer: Answer = () => ({})): Promise<Bot> {
  const heard: Heard[] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://bot.invalid');
    const query = (name: string): string => url.searchParams.get(name) ?? '';
    const signed = { msg_signature: query('msg_signature'), timestamp: query('timestamp'), nonce: query('nonce') };
    if (request.method === 'GET') {
      response.end(envelope.open(signed, query('echostr')));
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const encrypt = /<Encrypt><!\[CDATA\[(.+?)\]\]>/.exec(body)?.[1] ?? '';
    const entry = { url: request.url ?? '', body, xml: envelope.open(signed, encrypt) };
    heard.push(entry);
    const outcome = answer(entry, heard.length);
    if (outcome !== 'hang') response.writeHead(outcome.status ?? 200).end(outcome.body ?? '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}/wecom/callback`, heard };
}

/** A passive reply as the bot seals it. Every part can be made wrong. */
export function sealedReply(
  inner: string,
  wrong: {
    readonly to?: string;
    readonly from?: string;
    readonly createTime?: number;
    readonly signature?: string;
    readonly receiveId?: string;
    /** Of another callback configuration. */
    readonly keys?: EnvelopeKeys;
  } = {},
): string {
  const seconds = Math.floor(Date.now() / 1000);
  const xml =
    `<xml><ToUserName><![CDATA[${wrong.to ?? 'zhangsan'}]]></ToUserName><FromUserName><![CDATA[${wrong.from ?? IDENTITY.corpId}]]></FromUserName>` +
    `<CreateTime>${wrong.createTime ?? seconds}</CreateTime>${inner}</xml>`;
  const keys = createEnvelope(wrong.keys ?? { ...IDENTITY, receiveId: wrong.receiveId ?? IDENTITY.corpId });
  const { encrypt, signature, timestamp, nonce } = keys.seal(xml, seconds, '42');
  return (
    `<xml><Encrypt><![CDATA[${encrypt}]]></Encrypt><MsgSignature><![CDATA[${wrong.signature ?? signature}]]></MsgSignature>` +
    `<TimeStamp>${timestamp}</TimeStamp><Nonce><![CDATA[${nonce}]]></Nonce></xml>`
  );
}

export const textReply = (content: string): string =>
  `<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[${content}]]></Content>`;
