/** Codes, tickets and permanent codes: in clear nowhere but in memory and on the way to the platform. */

import { expect, it, vi } from 'vitest';
import {
  CREDENTIAL_KEY,
  FORMER_KEY,
  MARKET,
  openForTest,
  type ProviderSite,
  RETAIL,
  settled,
  TEMPLATE,
} from './provider-site.ts';

const NEWEST_KEY = Buffer.alloc(32, 'the key after that').toString('base64');

/** Everything secret that the bot has sent to the platform. */
function secretsOf(site: ProviderSite): string[] {
  const names = ['auth_code', 'permanent_code', 'suite_secret', 'suite_ticket'];
  const sent = site.sandbox.calls.flatMap(({ body = {} }) => names.map((name) => body[name]));
  const configured = [TEMPLATE.token, TEMPLATE.encodingAesKey, MARKET.token, CREDENTIAL_KEY, FORMER_KEY];
  return [...new Set([...sent.filter((each) => typeof each === 'string'), ...configured, ...site.gate.tokens])];
}

async function installBoth(site: ProviderSite) {
  const installed = [];
  for (const { name } of [TEMPLATE, MARKET]) installed.push(await site.sandbox.provider.install(name, RETAIL));
  await vi.waitFor(async () => expect(await site.authorisations()).toHaveLength(2), settled);
  await vi.waitFor(async () => expect(await site.openEvents()).toEqual([]), settled);
  return installed;
}

it('are neither in the database, its log and its backups, nor in the log of the program', async () => {
  const site = await openForTest();
  const [template, market] = await installBoth(site);
  for (const each of [template, market]) if (each) await site.say(each.app, 'wangzong', '列表');
  const secrets = secretsOf(site);
  expect(secrets.length).toBeGreaterThan(10);
  const bytes = site.bytes();
  const lines = JSON.stringify(site.log);
  for (const secret of secrets) {
    expect(bytes.includes(secret)).toBe(false);
    expect(lines.includes(secret)).toBe(false);
  }
  // That this would be seen: what is no secret is there in clear.
  expect(bytes.includes(template?.corpId ?? '?')).toBe(true);
});

it('are sealed anew with another key at the start, so that the former one can go', async () => {
  const site = await openForTest({ env: { CREDENTIAL_KEY: FORMER_KEY } });
  const [template] = await installBoth(site);
  await site.restart({ env: { CREDENTIAL_KEY: `${CREDENTIAL_KEY}\n${FORMER_KEY}` } });
  expect(await site.logs('sealed anew with the present CREDENTIAL_KEY')).toMatchObject({ anew: 4 });
  await site.restart({ env: { CREDENTIAL_KEY } });
  if (template) expect(await site.say(template.app, 'wangzong', '列表')).not.toMatch(/^\[/);
  expect(site.calls('v2/get_permanent_code')).toBe(2);
});

it('without the right key: nobody is served, it is told, and nothing is lost', async () => {
  const site = await openForTest();
  const [template] = await installBoth(site);
  await site.restart({ env: { CREDENTIAL_KEY: NEWEST_KEY } });
  expect(await site.logs('sealed with a key that is not here: CREDENTIAL_KEY_FILE was changed or lost')).toMatchObject({
    unopened: 4,
    level: 'error',
  });
  if (template) await template.app.say('wangzong', '列表');
  expect(template && site.heard(template.app, 'wangzong').filter((text) => !text.includes('装好了'))).toEqual([]);
  await site.restart({ env: { CREDENTIAL_KEY } });
  if (template) expect(await site.say(template.app, 'wangzong', '列表')).not.toMatch(/^\[/);
});

it('without any key no suite is served, and the corps of one’s own are', async () => {
  const own = {
    name: 'own',
    corpId: 'wwown',
    agentId: '1000002',
    secret: 'S',
    token: 'T',
    encodingAesKey: TEMPLATE.encodingAesKey,
  };
  const site = await openForTest({ env: { CREDENTIAL_KEY: '' }, file: { corps: [own] }, tickets: false });
  expect(
    await site.logs('no suite is served: there is no CREDENTIAL_KEY_FILE to seal permanent codes with'),
  ).toMatchObject({
    level: 'error',
  });
  expect(await site.sandbox.provider.verifyUrls('template')).toMatchObject({ suite: { ok: false } });
});
