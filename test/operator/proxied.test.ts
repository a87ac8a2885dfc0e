/** The whole way out as companies have it: a proxy with a login, and a certificate of the house. */
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { CREDENTIAL_ENV, CREDENTIALS } from '../chat.ts';
import { newFolder } from '../folder.ts';
import { run } from '../program.ts';
import { makeCertificate } from '../wecom/certificate.ts';
import { type CompanyProxy, startProxy } from '../wecom/proxy.ts';

let sandbox: Sandbox;
let proxy: CompanyProxy;
let folder: string;
let port: number;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  folder = newFolder('proxied');
  sandbox = await startSandbox({ ...CREDENTIALS });
  const identity = makeCertificate('localhost');
  writeFileSync(join(folder, 'ca.pem'), identity.cert);
  const aim = new URL(sandbox.url);
  // The platform behind TLS.
  const front = createServer(identity, (request, response) => {
    const onward = httpRequest(
      {
        host: aim.hostname,
        port: aim.port,
        path: request.url,
        method: request.method,
        headers: { ...request.headers, host: aim.host },
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    request.pipe(onward);
  }).listen(0, '127.0.0.1');
  await once(front, 'listening');
  closing.push(() => front.close());
  port = (front.address() as AddressInfo).port;
  proxy = await startProxy(port, { login: 'bot:p@ss' });
});
afterAll(async () => {
  await proxy.close();
  for (const close of closing) await close();
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});

test('doctor gets through to the platform, once the certificate is trusted and the login is right', async () => {
  const env = {
    ...CREDENTIAL_ENV,
    // Nothing listens there but through the proxy, which leads to the platform.
    WECOM_API_BASE_URL: 'https://localhost:1',
    DATABASE_URL: `file:${join(folder, 'bot.db')}`,
    BOT_ADMINS: 'wangzong',
    HTTPS_PROXY: `http://bot:p%40ss@${proxy.host}`,
    NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
    DEBUG: '*',
  };
  const through = await run(['doctor'], { env, cwd: folder });
  expect(through.out).toMatch(/^✓ 网络：localhost:1 连得上/m);
  expect(through.out).toMatch(/^✓ 用量：\d+ 个标签组/m);
  expect(new Set(proxy.asked.map(({ to, credentials }) => `${to} ${credentials}`))).toEqual(
    new Set(['localhost:1 bot:p@ss']),
  );
  expect(through.out + through.err).not.toMatch(/p@ss|p%40ss|Ym90OnBAc3M/);

  const { NODE_EXTRA_CA_CERTS: _, ...untrusting } = env;
  const distrusted = await run(['doctor'], { env: untrusting, cwd: folder });
  expect(distrusted.out).toMatch(/^✗ 网络：不信任 localhost:1 的证书.*由 localhost 签发.*NODE_EXTRA_CA_CERTS/m);

  const refused = await run(['doctor'], { env: { ...env, HTTPS_PROXY: `http://${proxy.host}` }, cwd: folder });
  expect(refused.out).toMatch(/^✗ 网络：代理 127\.0\.0\.1:\d+ 要求登录（HTTP 407/m);
});
