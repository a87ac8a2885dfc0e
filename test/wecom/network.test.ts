/** Why the platform cannot be reached, by its name: each on real sockets. */
import { once } from 'node:events';
import { createServer as createHttpsServer, type Server } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { explain, explainToOperator } from '../../src/errors.ts';
import { bypasses } from '../../src/wecom/transport.ts';
import { freePort } from '../port.ts';
import { makeCertificate } from './certificate.ts';
import { connectTo, failure, raw, startPlatform } from './platform.ts';
import { startProxy } from './proxy.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** What the operator and a member are told when `url` is called. */
async function told(url: string, options: Parameters<typeof connectTo>[1] = {}) {
  const bench = connectTo(url, { timeoutMs: 2_000, ...options });
  closing.push(() => bench.close());
  const error = await failure(bench.client.call('x/read', {}, { idempotent: true, read: () => undefined }));
  const { cause, step } = explainToOperator(error, 0);
  return { error, cause, step, all: `${cause}${step}`, member: explain(error, { admin: false }), bench };
}

async function startTls(certificate: Parameters<typeof makeCertificate>[1] & { name?: string } = {}): Promise<number> {
  const { name = 'localhost', ...more } = certificate;
  const server: Server = createHttpsServer(makeCertificate(name, more), (_, response) => response.end('{"errcode":0}'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

describe('the connection', () => {
  test('a name that does not exist', async () => {
    const { error, cause, step } = await told('http://wecom.invalid');
    expect(error).toMatchObject({ code: 'api.unreachable', facts: { host: 'wecom.invalid' } });
    expect(cause).toMatch(/查不到 wecom\.invalid 的地址（DNS，E\w+）/);
    expect(step).toContain('WECOM_API_BASE_URL');
  });

  test('nobody listens', async () => {
    const port = await freePort();
    const { error, cause } = await told(`http://127.0.0.1:${port}`);
    expect(error).toMatchObject({ code: 'api.unreachable', facts: { why: 'ECONNREFUSED' } });
    expect(cause).toContain(`127.0.0.1:${port} 拒绝连接`);
  });

  test('silence, before and after the connection', async () => {
    const mute = createServer().listen(0, '127.0.0.1');
    await once(mute, 'listening');
    closing.push(() => mute.close());
    const { port } = mute.address() as AddressInfo;
    const before = await told(`https://127.0.0.1:${port}`, { timeoutMs: 60 });
    expect([before.error.code, before.cause]).toEqual(['api.unreachable', expect.stringContaining('没有回音（超时）')]);
    expect(before.step).toContain('HTTPS_PROXY');
    const after = await told(`http://127.0.0.1:${port}`, { timeoutMs: 60 });
    expect([after.error.code, after.cause]).toEqual(['api.timeout', expect.stringContaining('一直没有回答')]);
  });

  test('members are told nothing of hosts and settings', async () => {
    const { member } = await told(`http://127.0.0.1:${await freePort()}`);
    expect(member.sentence + member.advice).not.toMatch(/127|ECONN|WECOM_/);
  });
});

describe('the certificate: which, whose, for whom', () => {
  test.each([
    ['self-signed', {}, /DEPTH_ZERO_SELF_SIGNED_CERT）。证书属于 localhost，由 localhost 签发/, 'NODE_EXTRA_CA_CERTS'],
    [
      'of a company’s proxy',
      { issuer: 'Company Root CA' },
      /由 Company Root CA 签发，有效到 .*20\d\d/,
      'NODE_EXTRA_CA_CERTS',
    ],
  ] as const)('%s', async (_, certificate, words, step) => {
    const shown = await told(`https://localhost:${await startTls(certificate)}`);
    expect(shown.error).toMatchObject({ code: 'api.unreachable', kind: 'busy' });
    expect(shown.cause).toMatch(words);
    expect(shown.step).toContain(step);
  });

  test('http where https is spoken', async () => {
    const platform = await startPlatform();
    closing.push(() => platform.close());
    const { cause } = await told(platform.url.replace('http:', 'https:'));
    expect(cause).toMatch(/建不起加密的连接（TLS，(EPROTO|ERR_SSL_\w+)）/);
  });
});

describe('an answer of somebody in between', () => {
  const page = '<html><head><title>Please log in to the guest network</title></head></html>';

  test.each([
    [200, page, 'api.not-json', /不是企业微信的接口（HTTP 200，网页标题「Please log in to the guest network」）/],
    [401, '', 'api.http-status', /要求登录（HTTP 401）.*WECOM_API_BASE_URL 里的用户和密码/],
    [403, page, 'api.http-status', /不放行（HTTP 403，网页标题/],
    [404, '', 'api.http-status', /没有这个接口（HTTP 404）.*不要多写路径/],
    [502, '', 'api.gateway', /暂时出错（HTTP 502）/],
  ])('HTTP %i', async (status, text, code, words) => {
    const platform = await startPlatform();
    closing.push(() => platform.close());
    platform.says(raw(status, text));
    const { error, all } = await told(platform.url);
    expect(error).toMatchObject({ code, facts: { status } });
    expect(all).toMatch(words);
  });

  test('a redirect: where to, without what follows the host', async () => {
    const platform = await startPlatform();
    closing.push(() => platform.close());
    platform.says((_, response) => response.writeHead(302, { location: 'https://login.example.com/a?t=1' }).end());
    const { error, cause } = await told(platform.url);
    expect(error.facts.location).toBe('https://login.example.com');
    expect(cause).toContain('转去了 https://login.example.com（HTTP 302）');
  });
});

describe('through a proxy', () => {
  test('the aim and the credentials; the credentials are in no error', async () => {
    const proxy = await startProxy(await startTls(), { login: 'bot:p@ss' });
    closing.push(() => proxy.close());
    const egress = { proxy: `http://bot:p%40ss@${proxy.host}`, noProxy: [] };
    const { error, cause } = await told('https://qyapi.weixin.qq.com', { egress });
    expect(proxy.asked[0]).toEqual({ to: 'qyapi.weixin.qq.com:443', credentials: 'bot:p@ss' });
    // The tunnel leads to a stranger, whose certificate is not believed.
    expect(cause).toMatch(/不信任 qyapi\.weixin\.qq\.com 的证书.*localhost/);
    expect(JSON.stringify([error.facts, error.message, error.operator])).not.toMatch(/p@ss|p%40ss/);
  });

  test.each([
    [407, 'api.proxy', 'setup', /代理 127\.0\.0\.1:\d+ 要求登录（HTTP 407.*HTTPS_PROXY 里写上用户和密码/],
    [403, 'api.proxy', 'setup', /代理 .* 不放行（HTTP 403.*放行 qyapi\.weixin\.qq\.com:443/],
    [502, 'api.proxy', 'busy', /代理 .* 暂时出错（HTTP 502.*HTTPS_PROXY/],
  ])('it refuses with %i: nothing was sent, so a write has not happened', async (status, code, kind, words) => {
    const proxy = await startProxy(0, { status });
    closing.push(() => proxy.close());
    const egress = { proxy: `http://${proxy.host}`, noProxy: [] };
    const { all, bench } = await told('https://qyapi.weixin.qq.com', { egress });
    expect(all).toMatch(words);
    const write = await failure(bench.client.call('x/write', {}, { read: () => undefined }));
    expect(write).toMatchObject({ code, kind, facts: { status } });
  });

  test('it is not there', async () => {
    const host = `127.0.0.1:${await freePort()}`;
    const { error, all } = await told('https://qyapi.weixin.qq.com', {
      egress: { proxy: `http://${host}`, noProxy: [] },
    });
    expect(error).toMatchObject({ code: 'api.unreachable', facts: { host } });
    expect(all).toMatch(new RegExp(`代理 ${host} 拒绝连接.*HTTPS_PROXY`));
  });

  test('plain http never goes through it, nor what NO_PROXY names', async () => {
    const proxy = await startProxy(0, { status: 403 });
    closing.push(() => proxy.close());
    const port = await freePort();
    const egress = { proxy: `http://${proxy.host}`, noProxy: ['localhost'] };
    expect((await told(`http://127.0.0.1:${port}`, { egress })).cause).toContain(`127.0.0.1:${port} 拒绝连接`);
    expect((await told(`https://localhost:${port}`, { egress })).cause).toContain(`localhost:${port} 拒绝连接`);
    expect(proxy.asked).toEqual([]);
  });

  test.each([
    ['https://qyapi.weixin.qq.com', 'qyapi.weixin.qq.com', true],
    ['https://qyapi.weixin.qq.com', 'weixin.qq.com', true],
    ['https://qyapi.weixin.qq.com', '.QQ.com', true],
    ['https://qyapi.weixin.qq.com', '*.qq.com', true],
    ['https://qyapi.weixin.qq.com', '*', true],
    ['https://qyapi.weixin.qq.com', 'qq.com:443', true],
    ['https://qyapi.weixin.qq.com', 'qq.com:8443', false],
    ['https://qyapi.weixin.qq.com', 'xin.qq.com', false],
    ['https://10.0.0.5:8443', '10.0.0.5', true],
    ['https://10.0.0.5:8443', '10.0.0.5:8443', true],
    ['https://10.0.0.5', '10.0.0', false],
  ])('%s, NO_PROXY=%s: %s', (url, entry, direct) => {
    expect(bypasses(new URL(url), [entry])).toBe(direct);
  });
});

test('credentials in the URL of a relay are sent with every request', async () => {
  const platform = await startPlatform();
  closing.push(() => platform.close());
  const bench = connectTo(platform.url.replace('http://', 'http://relay:p%40ss@'), { timeoutMs: 2_000 });
  closing.push(() => bench.close());
  await bench.client.call('x/read', {}, { read: () => undefined });
  const login = `Basic ${Buffer.from('relay:p@ss').toString('base64')}`;
  expect([...platform.tokenCalls, ...platform.calls].map(({ headers }) => headers.authorization)).toEqual([
    login,
    login,
  ]);
});
