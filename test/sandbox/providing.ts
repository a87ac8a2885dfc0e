/** A sandbox with a provider, and a bot that hears what its suites are told: who it is sealed for, and what is inside. */
import { createDecipheriv } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { ProviderOptions } from '../../src/sandbox/provider/provider.ts';
import type { SandboxOptions } from '../../src/sandbox/server.ts';
import { type Box, type Json, startBox } from './box.ts';

const KEY = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopq';
const APP_KEY = 'qponmlkjihgfedcbaZYXWVUTSRQPONMLKJIHGFEDCBA';

export const TEMPLATE = {
  name: 'template',
  kind: 'customized',
  suiteId: 'dk0123456789abcdef',
  secret: 'secret-of-the-template',
  token: 'TemplateToken',
  encodingAesKey: KEY,
  app: { token: 'AppToken', encodingAesKey: APP_KEY },
} as const;

export const MARKET = {
  name: 'market',
  kind: 'third-party',
  suiteId: 'ww0123456789abcdef',
  secret: 'secret-of-the-app',
  token: 'MarketToken',
  encodingAesKey: KEY,
} as const;

export const PROVIDER: ProviderOptions = {
  corpId: 'wwprovider01234567',
  secret: 'secret-of-the-provider',
  suites: [TEMPLATE, MARKET],
  companies: ['未来零售', '远山餐饮', '晨光教育'],
};

export interface Told {
  readonly path: string;
  readonly method: string;
  readonly receiveId: string;
  readonly toUserName: string | undefined;
  readonly xml: string;
  /** A field of the plaintext, undefined when it is not there. */
  field(name: string): string | undefined;
}

export interface Providing {
  readonly box: Box;
  /** Everything in the order it came. */
  readonly heard: Told[];
  /** Checks of its addresses. */
  readonly checks: readonly Told[];
  /** What the bot answers; `success` at first. */
  answer: (told: Told) => string | number | 'hang';
  /** A call of the provider's API. */
  service(path: string, body?: object, query?: Readonly<Record<string, string>>): Promise<Json>;
  /** A token for the newest ticket that was heard. */
  suiteToken(suite: { readonly suiteId: string; readonly secret: string }): Promise<string>;
  /** Calls of the suite. */
  ofSuite(suite: { readonly suiteId: string; readonly secret: string }, path: string, body?: object): Promise<Json>;
  /** Any other call, with a token at hand. */
  call(token: string, path: string, body?: object, query?: Readonly<Record<string, string>>): Promise<Json>;
}

export async function startProviding(options: Partial<SandboxOptions> = {}): Promise<Providing> {
  const box = await startBox({ provider: PROVIDER, retryDelayMs: 10, ...options });
  const heard: Told[] = [];
  const checks: Told[] = [];
  const providing = { answer: (_told: Told): string | number | 'hang' => 'success' };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://bot.invalid');
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const encrypt = url.searchParams.get('echostr') ?? /<Encrypt><!\[CDATA\[(.+?)\]\]>/.exec(body)?.[1] ?? '';
    const { xml, receiveId } = unseal(encrypt, url.pathname.endsWith('/app') ? APP_KEY : KEY);
    const told: Told = {
      path: url.pathname,
      method: request.method ?? '',
      receiveId,
      toUserName: /<ToUserName><!\[CDATA\[(.*?)\]\]>/.exec(body)?.[1],
      xml,
      field: (name) => new RegExp(`<${name}>(?:<!\\[CDATA\\[)?(.*?)(?:\\]\\]>)?</${name}>`).exec(xml)?.[1],
    };
    if (request.method === 'GET') {
      checks.push(told);
      return void response.end(xml);
    }
    heard.push(told);
    const answer = providing.answer(told);
    if (answer === 'hang') return;
    if (typeof answer === 'number') response.writeHead(answer).end();
    else response.end(answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const { name, kind } of (options.provider ?? PROVIDER).suites) {
    // One pair of a 第三方 app serves both of its URLs.
    const app = kind === 'customized' ? `${url}/${name}/app` : `${url}/${name}/data/$CORPID$`;
    box.provider.setUrls(name, { suite: `${url}/${name}`, app });
  }

  const service: Providing['service'] = async (path, body, query = {}) => {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const search = new URLSearchParams(query);
    return (await (await fetch(`${box.url}/cgi-bin/service/${path}?${search}`, init)).json()) as Json;
  };
  const suiteToken: Providing['suiteToken'] = async ({ suiteId, secret }) => {
    const ticket = heard.findLast((told) => told.receiveId === suiteId && told.field('SuiteTicket') !== undefined);
    const answer = await service('get_suite_token', {
      suite_id: suiteId,
      suite_secret: secret,
      suite_ticket: ticket?.field('SuiteTicket'),
    });
    return String(answer.suite_access_token);
  };
  return Object.assign(providing, {
    box,
    heard,
    checks,
    service,
    suiteToken,
    ofSuite: async (suite: { suiteId: string; secret: string }, path: string, body?: object) =>
      service(path, body, { suite_access_token: await suiteToken(suite) }),
    call: async (token: string, path: string, body?: object, query: Readonly<Record<string, string>> = {}) => {
      const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
      const search = new URLSearchParams({ access_token: token, ...query });
      return (await (await fetch(`${box.url}/cgi-bin/${path}?${search}`, init)).json()) as Json;
    },
  });
}

/** By hand and from the documentation, so that the sandbox's sealing is tried against a second one. */
function unseal(encrypt: string, key: string): { readonly xml: string; readonly receiveId: string } {
  const bytes = Buffer.from(`${key}=`, 'base64');
  const cipher = createDecipheriv('aes-256-cbc', bytes, bytes.subarray(0, 16)).setAutoPadding(false);
  const plain = cipher.update(Buffer.from(encrypt, 'base64'));
  const end = plain.length - (plain.at(-1) ?? 0);
  const length = plain.readUInt32BE(16);
  return { xml: plain.subarray(20, 20 + length).toString(), receiveId: plain.subarray(20 + length, end).toString() };
}
