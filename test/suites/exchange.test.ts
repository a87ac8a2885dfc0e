/** What may go wrong between a code and a company that is served: tried again, told, and in the end one authorisation. */

import { expect, it, vi } from 'vitest';
import type { ProviderConsole } from '../../src/sandbox/provider/console.ts';
import { PROVIDER } from '../sandbox/providing.ts';
import { MARKET, openForTest, RETAIL, settled, TEMPLATE, worked } from './provider-site.ts';

type Faults = Parameters<ProviderConsole['setFaults']>[0];

const at = (path: string) => ({ on: true, path });
const TROUBLE: readonly (readonly [what: string, faults: Faults])[] = [
  ['busy while the code is exchanged', { busy: at('v2/get_permanent_code') }],
  ['no answer but a gateway’s', { badGateway: at('v2/get_permanent_code') }],
  ['too many calls', { rateLimited: at('v2/get_permanent_code') }],
  ['cut off before the exchange', { brokenBefore: at('v2/get_permanent_code') }],
  ['no token of the suite', { errcode: { ...at('get_suite_token'), code: 40085 } }],
  ['nothing about the company', { badGateway: at('v2/get_auth_info') }],
  ['nothing right about the company', { errcode: { ...at('v2/get_auth_info'), code: 50001 } }],
];

it.each(TROUBLE)('%s', async (_, faults) => {
  let now = Date.now();
  const site = await openForTest({ app: { now: () => now }, sandbox: { now: () => now } });
  site.sandbox.provider.setFaults(faults);
  const { app } = await site.sandbox.provider.install('template', RETAIL);
  expect(await site.logs('an event of a suite is tried again')).toMatchObject({ level: 'warn', suite: 'template' });
  expect(site.heard(app, 'wangzong')).toEqual([]);
  const [fault] = Object.keys(faults);
  site.sandbox.provider.setFaults({ [String(fault)]: { on: false, code: 0 } });
  await vi.waitFor(async () => {
    now += 1_000;
    expect(await site.openEvents()).toEqual([]);
  }, settled);
  expect(await site.authorisations()).toMatchObject([{ state: 'active', version: 1 }]);
  expect(site.heard(app, 'wangzong')).toEqual([expect.stringContaining('装好了')]);
  expect(site.log.filter(({ level }) => level === 'error')).toEqual([]);
});

it('whoever installs it is greeted once, though the app is found before the event is tried again', async () => {
  let now = Date.now();
  const site = await openForTest({ app: { now: () => now, takeOverEveryMs: 20 }, sandbox: { now: () => now } });
  site.sandbox.provider.setFaults({ badGateway: at('v2/get_auth_info') });
  const { app } = await site.sandbox.provider.install('template', RETAIL);
  await site.logs('an event of a suite is tried again');
  site.sandbox.provider.setFaults({ badGateway: { on: false } });
  await vi.waitFor(async () => {
    now += 6_000;
    expect(await site.openEvents()).toEqual([]);
  }, settled);
  expect(site.heard(app, 'wangzong')).toEqual([expect.stringContaining('装好了')]);
});

it('a token of the suite that is taken no more is fetched anew', async () => {
  const site = await openForTest();
  site.sandbox.provider.setFaults({ errcode: { ...at('v2/get_permanent_code'), code: 40082, times: 1 } });
  await site.sandbox.provider.install('template', RETAIL);
  await worked(site);
  expect(site.calls('get_suite_token')).toBe(2);
  expect(await site.authorisations()).toMatchObject([{ state: 'active' }]);
});

it('an answer that is lost after the code was spent: told, with nothing half done, and the next installation serves', async () => {
  const site = await openForTest();
  site.sandbox.provider.setFaults({ brokenAfter: { ...at('v2/get_permanent_code'), times: 1 } });
  await site.sandbox.provider.install('template', RETAIL);
  const told = await site.logs('an event of a suite came to nothing; the company has to authorise anew');
  expect(told).toMatchObject({ level: 'error', why: 'spent' });
  await worked(site);
  expect(await site.authorisations()).toEqual([]);
  const { app } = await site.sandbox.provider.install('template', RETAIL);
  await worked(site);
  expect(await site.say(app, 'wangzong', '列表')).toContain('客户分级');
});

it.each([TEMPLATE, MARKET])('$kind: many companies at once need one token of the suite', async ({ name }) => {
  const companies = Array.from({ length: 12 }, (_, number) => `企业${number}`);
  const site = await openForTest({ sandbox: { provider: { ...PROVIDER, companies } } });
  await Promise.all(companies.map((company) => site.sandbox.provider.install(name, company)));
  await worked(site);
  expect(await site.authorisations()).toHaveLength(companies.length);
  expect(site.calls('get_suite_token')).toBe(1);
  expect(site.calls('v2/get_permanent_code')).toBe(companies.length);
});
