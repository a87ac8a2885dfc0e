/** Two replicas of a provider's bot on one PostgreSQL: an event is worked off by one of them and heard of by both. */

import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { startPostgres } from '../store/server.ts';
import { CATERING, MARKET, openProviderSite, type ProviderSite, RETAIL, TEMPLATE } from './provider-site.ts';

const server = await startPostgres();
const settled = { timeout: 10_000, interval: 30 };
let site: ProviderSite;
let second: App;
let secondUrl = '';
const secondLog: Record<string, unknown>[] = [];

beforeAll(async () => {
  if (!server) return;
  site = await openProviderSite({ env: { DATABASE_URL: await server.createDatabase() } });
  second = createApp(await loadConfig(site.env), {
    log: createLog('info', { write: (line) => void secondLog.push(JSON.parse(line) as Record<string, unknown>) }),
    now: Date.now,
    ticks: () => performance.now(),
    // So that it is heard of by being told.
    takeOverEveryMs: 600_000,
  });
  secondUrl = `http://127.0.0.1:${(await second.start()).port}`;
}, 60_000);
beforeEach((context) => {
  if (!server) context.skip('no PostgreSQL here');
});
afterAll(async () => {
  await second?.stop();
  await site?.stop();
  await server?.stop();
});

it.each([TEMPLATE, MARKET])(
  '$kind: told to one, served by both, ended for both',
  { timeout: 60_000 },
  async (suite) => {
    const { provider } = site.sandbox;
    // What members write goes to the other replica.
    const path = suite.kind === 'customized' ? 'template/app' : 'market/data';
    provider.setUrls(suite.name, { app: `${secondUrl}/wecom/suite/${path}` });
    const { app, corpId } = await provider.install(suite.name, RETAIL);
    // Each event comes to both, as after a repeat through a load balancer.
    provider.setUrls(suite.name, { suite: `${secondUrl}/wecom/suite/${suite.name}` });
    await provider.again(suite.name);
    await vi.waitFor(async () => expect(await site.openEvents()).toEqual([]), settled);
    const exchanged = site.sandbox.calls.filter(({ path: called }) => called.endsWith('v2/get_permanent_code'));
    expect(exchanged.filter(({ errcode }) => errcode !== 0)).toEqual([]);
    expect(await site.say(app, 'wangzong', '列表')).not.toMatch(/^\[/);
    await vi.waitFor(
      () => expect(site.heard(app, 'wangzong').filter((text) => text.includes('装好了'))).toHaveLength(1),
      settled,
    );

    if (suite.kind === 'customized') {
      provider.setUrls(suite.name, { suite: `${site.url}/wecom/suite/${suite.name}` });
      await vi.waitFor(async () => {
        await provider.resetSecret(suite.name, RETAIL);
        await vi.waitFor(async () => expect(await site.openEvents()).toEqual([]), settled);
        expect((await site.authorisations()).find((each) => each.corpId === corpId)?.version).toBeGreaterThan(1);
      }, settled);
      await vi.waitFor(
        async () => expect(await site.say(app, 'wangzong', '列表')).not.toMatch(/^\[|密钥|凭证/),
        settled,
      );
    }

    await provider.cancel(suite.name, RETAIL);
    await vi.waitFor(async () => {
      const all = await site.authorisations();
      expect(all.filter(({ suiteId, state }) => suiteId === suite.suiteId && state === 'active')).toEqual([]);
    }, settled);
  },
);

it('what a slow company has changed keeps no code of another waiting', { timeout: 60_000 }, async () => {
  const { provider } = site.sandbox;
  provider.setUrls('template', { suite: `${site.url}/wecom/suite/template` });
  await provider.install('template', RETAIL);
  await vi.waitFor(async () => expect(await site.openEvents()).toEqual([]), settled);
  const held = site.gate.hold('v2/get_auth_info', 'before');
  for (let at = 0; at < 6; at++) await provider.change('template', RETAIL, {});
  const call = await held;
  const { corpId } = await provider.install('template', CATERING);
  await vi.waitFor(
    async () =>
      expect(await site.authorisations()).toContainEqual(expect.objectContaining({ corpId, state: 'active' })),
    settled,
  );
  expect((await site.openEvents()).map(({ infoType }) => infoType)).toContain('change_auth');
  call.release();
  await vi.waitFor(async () => expect(await site.openEvents()).toEqual([]), settled);
});
