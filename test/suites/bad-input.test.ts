/** What comes twice, late, in the wrong order, for another suite, or not at all: nothing lost, nothing crossed, the truth told. */

import { DatabaseSync } from '@photostructure/sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { IDENTITY } from '../sandbox/box.ts';
import { PROVIDER } from '../sandbox/providing.ts';
import { info, posted, type SealedWith, written } from './posted.ts';
import {
  CATERING,
  installed,
  MARKET,
  openForTest,
  type ProviderSite,
  RETAIL,
  TEMPLATE,
  worked,
} from './provider-site.ts';

describe('events', () => {
  it('told again and again are worked off once', async () => {
    const site = await openForTest();
    await installed(site);
    for (const { state } of await site.sandbox.provider.again('template', 2)) expect(state).toBe('delivered');
    await site.sandbox.provider.again('template', 2);
    await worked(site);
    expect(site.calls('v2/get_permanent_code')).toBe(1);
    expect(await site.authorisations()).toMatchObject([{ state: 'active', version: 1 }]);
  });

  it('cancelled before the create was told: not authorised, and the end of the code told', async () => {
    const site = await openForTest();
    site.sandbox.provider.hold();
    void site.sandbox.provider.install('template', RETAIL);
    void site.sandbox.provider.cancel('template', RETAIL);
    await site.sandbox.provider.release('reversed');
    await worked(site);
    expect(await site.authorisations()).toMatchObject([{ state: 'cancelled', permanentCode: undefined }]);
    expect(await site.logs('an event of a suite came to nothing; the company has to authorise anew')).toMatchObject({
      why: 'spent',
      level: 'error',
    });
  });

  it('cancelled while the code is being exchanged: what comes of it is not taken', async () => {
    const site = await openForTest();
    const held = site.gate.hold('v2/get_permanent_code', 'after');
    const { corpId } = await site.sandbox.provider.install('template', RETAIL);
    const exchange = await held;
    await site.sandbox.provider.cancel('template', RETAIL);
    await site.logs('authorisation cancelled: stopped, its permanent code wiped');
    exchange.release();
    await worked(site);
    expect(await site.authorisations()).toMatchObject([{ corpId, state: 'cancelled', permanentCode: undefined }]);
    expect(await site.logs('authorised, and cancelled since; not taken')).toMatchObject({
      corp: `${TEMPLATE.suiteId}/${corpId}`,
    });
  });

  it('a code of another suite comes to nothing', async () => {
    const site = await openForTest();
    const code = await preAuthCode(site, 'market');
    const { authCode } = await site.sandbox.provider.install('market', RETAIL, { preAuthCode: code });
    const xml = info(TEMPLATE.suiteId, 'create_auth', `<AuthCode><![CDATA[${authCode}]]></AuthCode>`);
    expect(await site.sandbox.provider.push('template', xml)).toMatchObject({ state: 'delivered' });
    await site.logs('an event of a suite came to nothing; the company has to authorise anew');
    expect((await site.authorisations()).filter(({ suiteId }) => suiteId === TEMPLATE.suiteId)).toEqual([]);
    await worked(site);
  });

  it('a new secret of a company that is not known makes none', async () => {
    const site = await openForTest();
    site.sandbox.provider.setUrls('template', { suite: 'http://127.0.0.1:9/' });
    const { corpId } = await site.sandbox.provider.install('template', RETAIL);
    site.sandbox.provider.setUrls('template', { suite: `${site.url}/wecom/suite/template` });
    expect(await site.sandbox.provider.resetSecret('template', RETAIL)).toMatchObject({ state: 'delivered' });
    expect(await site.logs('a new permanent code of a company that has not authorised; not taken')).toMatchObject({
      corp: `${TEMPLATE.suiteId}/${corpId}`,
    });
    expect(await site.authorisations()).toEqual([]);
    await worked(site);
  });

  it('that nobody knows are acknowledged, with a line', async () => {
    const site = await openForTest();
    const xml = info(TEMPLATE.suiteId, 'something_new', '<AuthCorpId>wpX</AuthCorpId>');
    expect(await site.sandbox.provider.push('template', xml)).toMatchObject({ state: 'delivered' });
    expect(await site.logs('an event that means nothing here, acknowledged')).toMatchObject({
      infoType: 'something_new',
      suite: 'template',
    });
  });

  it('change and cancel of a company that is not known are acknowledged and make none', async () => {
    const site = await openForTest();
    for (const type of ['change_auth', 'cancel_auth'])
      await site.sandbox.provider.push('template', info(TEMPLATE.suiteId, type, '<AuthCorpId>wpX</AuthCorpId>'));
    await worked(site);
    expect((await site.authorisations()).filter(({ state }) => state === 'active')).toEqual([]);
    expect(site.sandbox.calls.filter(({ path }) => path.includes('get_auth_info'))).toEqual([]);
  });

  it('that come while the database is away are kept afterwards', { timeout: 30_000 }, async () => {
    const site = await openForTest();
    const foreign = new DatabaseSync(String(site.env.DATABASE_URL).replace('file:', ''), { timeout: 5_000 });
    foreign.exec('BEGIN IMMEDIATE');
    const installing = site.sandbox.provider.install('template', RETAIL);
    expect(await site.logs('an event could not be kept yet')).toMatchObject({ suite: 'template' });
    foreign.exec('ROLLBACK');
    foreign.close();
    await installing;
    expect(await site.logs('event of a suite worked off')).toMatchObject({ outcome: 'authorised' });
    expect(site.calls('v2/get_permanent_code')).toBe(1);
  });

  it('a permanent code that cannot be written at once waits for the database', { timeout: 30_000 }, async () => {
    const site = await openForTest();
    const held = site.gate.hold('v2/get_permanent_code', 'after');
    await site.sandbox.provider.install('template', RETAIL);
    const exchange = await held;
    const foreign = new DatabaseSync(String(site.env.DATABASE_URL).replace('file:', ''), { timeout: 5_000 });
    foreign.exec('BEGIN IMMEDIATE');
    exchange.release();
    await site.logs('a permanent code could not be kept yet');
    foreign.exec('ROLLBACK');
    foreign.close();
    expect(await site.logs('event of a suite worked off')).toMatchObject({ outcome: 'authorised' });
    expect(site.calls('v2/get_permanent_code')).toBe(1);
  });
});

describe('tickets', () => {
  it('of another suite are refused, whatever they are sealed for, and change nothing', async () => {
    const site = await openForTest();
    for (const sealedFor of ['ticket', 'url'] as const)
      expect(await site.sandbox.provider.pushTicket('template', { of: 'market', sealedFor })).toMatchObject({
        state: 'failed',
      });
    const reasons = site.log
      .filter(({ msg }) => String(msg).startsWith('callback refused'))
      .map(({ reason }) => reason);
    expect(reasons).toEqual(expect.arrayContaining(['receive-id', 'suite']));
    await installed(site);
  });

  it('that are older than the present one are passed over', async () => {
    const site = await openForTest();
    const old = info(TEMPLATE.suiteId, 'suite_ticket', '<SuiteTicket>stale</SuiteTicket>', 1_700_000_000);
    expect(await site.sandbox.provider.push('template', old)).toMatchObject({ state: 'delivered' });
    await site.logs('an older suite_ticket, passed over');
    await installed(site);
  });

  it('of a moment that cannot be keep no later one out', async () => {
    const site = await openForTest({ tickets: false });
    const strange = info(TEMPLATE.suiteId, 'suite_ticket', '<SuiteTicket>strange</SuiteTicket>', 999_999_999_999);
    expect(await site.sandbox.provider.push('template', strange)).toMatchObject({ state: 'delivered' });
    await site.sandbox.provider.pushTicket('template');
    await installed(site);
  });

  it('that are missing: the company waits, the operator hears why, and a ticket ends it at once', async () => {
    const site = await openForTest({ tickets: false });
    await site.sandbox.provider.install('template', RETAIL);
    expect(await site.logs('an event of a suite is tried again')).toMatchObject({ code: 'suite.no-ticket' });
    expect(site.calls('get_suite_token')).toBe(0);
    await site.sandbox.provider.pushTicket('template');
    expect(await site.logs('event of a suite worked off')).toMatchObject({ outcome: 'authorised' });
  });

  it('that are missing for a 第三方 app: members are told to wait, admins why', async () => {
    let now = Date.now();
    const site = await openForTest({ app: { now: () => now, ticks: () => now }, sandbox: { now: () => now } });
    const { app } = await installed(site, 'market');
    expect(await site.say(app, 'wangzong', '列表')).not.toContain('凭证');
    now += 3 * 3_600_000;
    expect(await site.say(app, 'zhangsan', '列表')).toMatch(/等企业微信发来凭证.*十分钟/s);
    expect(await site.say(app, 'wangzong', '诊断')).toContain('suite_ticket');
    await site.sandbox.provider.pushTicket('market');
    now += 60_000;
    expect(await site.say(app, 'zhangsan', '列表')).not.toContain('凭证');
  });
});

describe('what is sealed for one', () => {
  it('company does not reach another, nor another suite’s, nor one’s own', async () => {
    const site = await openForTest();
    const here = await installed(site, 'template', RETAIL);
    const there = await installed(site, 'market', CATERING);
    const post = (path: string, keys: SealedWith, receiveId: string) =>
      posted(site, path, keys, { receiveId, xml: written(here.corpId, 'wangzong', '列表') });
    site.sandbox.clearCalls();
    const template = '/wecom/suite/template';
    expect(await post(`${template}/app`, TEMPLATE.app, there.corpId)).toEqual([400, '']);
    expect(await post(`${template}/app`, TEMPLATE.app, here.corpId.toLowerCase())).toEqual([400, '']);
    expect(await post(`${template}/app`, TEMPLATE.app, TEMPLATE.suiteId)).toEqual([400, '']);
    expect(await post(`${template}/app`, TEMPLATE.app, PROVIDER.corpId)).toEqual([400, '']);
    expect(await post(`${template}/app`, TEMPLATE, here.corpId)).toEqual([400, '']);
    expect(await post(template, TEMPLATE, there.corpId)).toEqual([400, '']);
    expect(await post('/wecom/suite/market/data', MARKET, here.corpId)).toEqual([400, '']);
    expect(await post(`/wecom/suite/market/data/${here.corpId}`, MARKET, here.corpId)).toEqual([400, '']);
    expect(await post('/wecom/suite/market/data/a/b', MARKET, there.corpId)).toEqual([404, '']);
    expect(site.sandbox.calls.filter(({ path }) => path.includes('message'))).toEqual([]);
    expect(await post(`${template}/app`, TEMPLATE.app, here.corpId)).toMatchObject([
      200,
      expect.stringContaining('Encrypt'),
    ]);
  });

  it('suite and company apart although one company uses two suites and an app of its own', async () => {
    const { corpId, agentId, secret, token, encodingAesKey } = IDENTITY;
    const own = { name: 'own', corpId, agentId: String(agentId), secret, token, encodingAesKey };
    const site = await openForTest({
      sandbox: { provider: { ...PROVIDER, ids: 'plain' } },
      file: { corps: [{ ...own, botAdmins: ['wangzong'], defaultLibrary: '1' }] },
    });
    site.sandbox.setCallbackUrl(`${site.url}/wecom/callback/own`);
    const template = await installed(site, 'template');
    const market = await installed(site, 'market');
    expect([template.corpId, market.corpId]).toEqual([corpId, corpId]);
    const NAMES = ['门店等级', '采购周期', '忠诚程度'];
    const places = [site.sandbox, template.app, market.app];
    for (const [at, place] of places.entries()) {
      await site.say(place, 'wangzong', `新建标签组${NAMES[at]}:金卡`);
      await site.say(place, 'wangzong', '确认');
    }
    for (const [at, place] of places.entries()) {
      const told = await site.say(place, 'wangzong', '历史');
      for (const other of places.keys())
        if (other === at) expect(told).toContain(NAMES[other]);
        else expect(told).not.toContain(NAMES[other]);
    }
  });
});

it('cancelled in the middle of a plan: what runs is concluded, nothing more is begun', {
  timeout: 30_000,
}, async () => {
  const site = await openForTest();
  const { app, corpId } = await installed(site);
  for (const text of ['新建标签组门店:一号', '确认']) await site.say(app, 'wangzong', text);
  const held = site.gate.hold('_tag', 'after');
  const sent = app.say('wangzong', '门店 加 二号\n门店 加 三号\n门店 加 四号');
  const call = await held;
  await site.sandbox.provider.cancel('template', RETAIL);
  await site.logs('authorisation cancelled: stopped, its permanent code wiped');
  site.sandbox.clearCalls();
  call.release();
  await sent;
  await site.restart();
  expect(site.sandbox.calls.filter(({ path }) => path.includes('tag'))).toEqual([]);
  const store = await openStore(String(site.env.DATABASE_URL), `${TEMPLATE.suiteId}/${corpId}`, {
    now: Date.now,
    readOnly: true,
  });
  onTestFinished(() => store.close());
  const [last] = await store.changes({ limit: 1 });
  expect(last).toMatchObject({ state: 'partial', names: '门店\n二号\n三号\n四号' });
  const outcomes = JSON.parse(last?.outcome ?? '[]') as { state: string; code?: string }[];
  expect(outcomes.map(({ state, code }) => [state, code])).toEqual([
    ['done', undefined],
    ['failed', 'corp.removed'],
    ['failed', 'corp.removed'],
  ]);
  const { reply } = await sent;
  expect(JSON.stringify(reply?.body)).toMatch(/已添加到「门店」：二号.*没有做成.*三号.*取消了对这个应用的授权/);
});

async function preAuthCode(site: ProviderSite, suite: 'market'): Promise<string> {
  const post = async (path: string, body: object) =>
    (await (
      await fetch(`${site.sandbox.url}/cgi-bin/service/${path}`, { method: 'POST', body: JSON.stringify(body) })
    ).json()) as Record<string, string>;
  const ticket = await ticketOf(site, suite);
  const { suite_access_token } = await post('get_suite_token', {
    suite_id: MARKET.suiteId,
    suite_secret: MARKET.secret,
    suite_ticket: ticket,
  });
  const response = await fetch(
    `${site.sandbox.url}/cgi-bin/service/get_pre_auth_code?suite_access_token=${suite_access_token}`,
  );
  return ((await response.json()) as { pre_auth_code: string }).pre_auth_code;
}

/** The one that the bot has used last. */
async function ticketOf(site: ProviderSite, suite: 'market'): Promise<string> {
  await installed(site, suite, CATERING);
  const call = site.sandbox.calls.findLast(
    ({ path, body }) => path.endsWith('get_suite_token') && body?.suite_id === MARKET.suiteId,
  );
  return String(call?.body?.suite_ticket);
}
