/** A company comes, changes and goes, by real HTTP and real sealing, for 代开发 and for 第三方. */

import { describe, expect, it, vi } from 'vitest';
import { STRANGE_ID } from '../../src/sandbox/provider/desk.ts';
import { CATERING, MARKET, openForTest, RETAIL, settled, TEMPLATE } from './provider-site.ts';

describe.each([TEMPLATE, MARKET])('$kind', (suite) => {
  const key = (corpId: string) => `${suite.suiteId}/${corpId}`;

  it('verifies its addresses for the provider, and for nobody else', async () => {
    const site = await openForTest();
    const [listening] = site.log.filter(({ msg }) => msg === 'listening');
    expect(listening).toMatchObject({ suites: expect.arrayContaining([`/wecom/suite/${suite.name}`]) });
    expect(listening).not.toHaveProperty('path');
    expect(await site.sandbox.provider.verifyUrls(suite.name)).toMatchObject({
      suite: { ok: true },
      app: { ok: true },
    });
    site.sandbox.provider.setVariants({ checkSealedFor: 'other' });
    expect(await site.sandbox.provider.verifyUrls(suite.name)).toMatchObject({
      suite: { ok: false },
      app: { ok: false },
    });
  });

  it('verifies them for another id as soon as that one is listed', async () => {
    const site = await openForTest({ suite: { acceptIds: [STRANGE_ID] } });
    site.sandbox.provider.setVariants({ checkSealedFor: 'other' });
    expect(await site.sandbox.provider.verifyUrls(suite.name)).toMatchObject({
      suite: { ok: true },
      app: { ok: true },
    });
  });

  it('installed: authorised once, served at once, the installer greeted and its first admin', async () => {
    const site = await openForTest();
    const { corpId, agentId, delivered, app } = await site.sandbox.provider.install(suite.name, RETAIL);
    expect(delivered).toMatchObject({ state: 'delivered' });
    expect(await site.logs('event of a suite worked off')).toMatchObject({ outcome: 'authorised' });
    expect(site.heard(app, 'wangzong')).toEqual([expect.stringContaining('标签助手装好了')]);
    const admin = site.sandbox.provider.userId(suite.name, RETAIL, 'wangzong');
    expect(await site.authorisations()).toMatchObject([
      { suiteId: suite.suiteId, corpId, agentId, state: 'active', version: 1, admins: [admin], corpName: RETAIL },
    ]);
    expect(await site.openEvents()).toEqual([]);
    expect(site.calls('v2/get_permanent_code')).toBe(1);
    expect(await site.say(app, 'wangzong', '我')).toContain(admin);
    expect(await site.say(app, 'wangzong', '规则组 新建 华南大区')).toContain('华南大区');
    expect(site.calls('get_corp_token') > 0).toBe(suite.kind === 'third-party');
    expect(site.calls('/gettoken') > 0).toBe(suite.kind === 'customized');
  });

  it('who has installed is asked for where it is not told', async () => {
    const site = await openForTest();
    site.sandbox.provider.setVariants({ authUserInfo: 'empty' });
    const { app } = await site.sandbox.provider.install(suite.name, RETAIL);
    await site.logs('event of a suite worked off');
    expect(site.heard(app, 'wangzong')).toEqual([expect.stringContaining('标签助手装好了')]);
    expect(site.calls('get_admin_list')).toBe(1);
  });

  it('goes on after a restart as it was', async () => {
    const site = await openForTest();
    const { app } = await site.sandbox.provider.install(suite.name, RETAIL);
    await site.logs('event of a suite worked off');
    await site.restart();
    expect(await site.say(app, 'wangzong', '列表')).not.toMatch(/^\[/);
    expect(site.calls('v2/get_permanent_code')).toBe(1);
    expect(site.heard(app, 'wangzong').filter((text) => text.includes('装好了'))).toHaveLength(1);
  });

  it('changed: read anew, and what is not right any more is told', async () => {
    const site = await openForTest();
    const { corpId } = await site.sandbox.provider.install(suite.name, RETAIL);
    await site.logs('event of a suite worked off');
    await site.sandbox.provider.change(suite.name, RETAIL, { rights: [] });
    expect(await site.logs('authorisation changed')).toMatchObject({ corp: key(corpId) });
    expect(await site.logs('not right after the authorisation was changed')).toMatchObject({ corp: key(corpId) });
  });

  it('cancelled: stopped at once, its permanent code wiped, nothing called any more', async () => {
    const site = await openForTest();
    const { corpId, app } = await site.sandbox.provider.install(suite.name, RETAIL);
    await site.logs('event of a suite worked off');
    await site.say(app, 'wangzong', '列表');
    expect(await site.sandbox.provider.cancel(suite.name, RETAIL)).toMatchObject({ state: 'delivered' });
    await site.logs('authorisation cancelled: stopped, its permanent code wiped');
    expect(await site.authorisations()).toMatchObject([{ corpId, state: 'cancelled', permanentCode: undefined }]);
    site.sandbox.clearCalls();
    await app.say('wangzong', '列表').catch(() => undefined);
    expect(site.sandbox.calls).toEqual([]);
    await site.restart();
    expect(await site.authorisations()).toMatchObject([{ state: 'cancelled' }]);
  });

  it('installed again: one authorisation, its memory kept', async () => {
    const site = await openForTest();
    await site.sandbox.provider.install(suite.name, RETAIL);
    await site.logs('event of a suite worked off');
    await site.sandbox.provider.cancel(suite.name, RETAIL);
    await site.logs('authorisation cancelled: stopped, its permanent code wiped');
    // The platform's clock has seconds only.
    await vi.waitFor(async () => {
      const { app } = await site.sandbox.provider.install(suite.name, RETAIL);
      await vi.waitFor(async () => expect(await site.openEvents()).toEqual([]), settled);
      expect(await site.authorisations()).toMatchObject([{ state: 'active' }]);
      expect(await site.say(app, 'wangzong', '列表')).not.toMatch(/^\[/);
    }, settled);
  });

  it('after its grace everything of the company is gone, and nothing of another', async () => {
    const site = await openForTest({ suite: { keepDays: 0 } });
    const { app } = await site.sandbox.provider.install(suite.name, RETAIL);
    const other = await site.sandbox.provider.install(suite.name, CATERING);
    await vi.waitFor(async () => expect(await site.authorisations()).toHaveLength(2), settled);
    await vi.waitFor(async () => expect(await site.openEvents()).toEqual([]), settled);
    await site.say(app, 'wangzong', '规则组 新建 只在零售');
    await site.say(other.app, 'wangzong', '规则组 新建 只在餐饮');
    await site.sandbox.provider.cancel(suite.name, RETAIL);
    await site.logs('authorisation cancelled: stopped, its permanent code wiped');
    await site.restart();
    await site.logs('the authorisation ended long enough ago: everything kept of the company was deleted');
    expect(await site.authorisations()).toMatchObject([{ corpId: other.corpId, state: 'active' }]);
    expect(site.bytes().includes('只在零售')).toBe(false);
    expect(site.bytes().includes('只在餐饮')).toBe(true);
  });

  it('tags changed in the console are heard of', async () => {
    const site = await openForTest();
    const { app } = await site.sandbox.provider.install(suite.name, CATERING);
    await site.logs('event of a suite worked off');
    for (const text of ['新建标签组门店等级:金卡', '确认']) await site.say(app, 'wangzong', text);
    const groups = [...app.corp.corpTags(), ...app.corp.ruleGroups().flatMap((each) => each.groups)];
    const tag = groups.find(({ group_name }) => group_name === '门店等级')?.tag[0];
    expect(await site.say(app, 'wangzong', '列表 门店等级')).toContain('金卡');
    const { delivered } = await app.consoleEdit({ action: 'rename', id: String(tag?.id), name: '贵宾' });
    expect(delivered.map(({ state }) => state)).toEqual(['delivered']);
    await vi.waitFor(async () => expect(await site.say(app, 'wangzong', '列表 门店等级')).toContain('贵宾'), settled);
  });
});

describe('customized', () => {
  it('a new secret: another version, the old token dropped, the same company', async () => {
    const site = await openForTest();
    const { app, corpId } = await site.sandbox.provider.install('template', RETAIL);
    await site.logs('event of a suite worked off');
    await site.say(app, 'wangzong', '列表');
    await vi.waitFor(async () => {
      await site.sandbox.provider.resetSecret('template', RETAIL);
      await vi.waitFor(async () => expect(await site.openEvents()).toEqual([]), settled);
      expect((await site.authorisations())[0]?.version).toBeGreaterThan(1);
    }, settled);
    expect(await site.authorisations()).toMatchObject([{ corpId, state: 'active' }]);
    expect(await site.say(app, 'wangzong', '列表')).not.toMatch(/^\[|凭证|密钥/);
    expect(site.heard(app, 'wangzong').filter((text) => text.includes('装好了'))).toHaveLength(1);
  });

  it('change_app_admin, sealed for the company, is acknowledged on the suite’s address', async () => {
    const site = await openForTest();
    await site.sandbox.provider.install('template', RETAIL);
    await site.logs('event of a suite worked off');
    expect(await site.sandbox.provider.changeAdmin('template', RETAIL)).toMatchObject({ state: 'delivered' });
  });
});

it('authorised before there is an app: served, and greeted, as soon as there is one', { timeout: 40_000 }, async () => {
  let now = Date.now();
  const site = await openForTest({ app: { now: () => now }, sandbox: { now: () => now } });
  site.sandbox.provider.setVariants({ appInCorp: 'not-yet' });
  const { app, agentId } = await site.sandbox.provider.install('template', RETAIL);
  await site.logs('authorised, but there is no app of this suite in the company yet; looked for from now on');
  expect(await site.authorisations()).toMatchObject([{ state: 'active', agentId: undefined }]);
  expect(site.heard(app, 'wangzong')).toEqual([]);
  site.sandbox.provider.setVariants({ appInCorp: 'made' });
  await vi.waitFor(async () => {
    now += 5_000;
    expect(await site.authorisations()).toMatchObject([{ state: 'active', agentId }]);
  }, settled);
  expect(await site.logs('the app of a company that had authorised is there')).toMatchObject({ agentId });
  await vi.waitFor(() => expect(site.heard(app, 'wangzong')).toHaveLength(1), settled);
  expect(await site.say(app, 'wangzong', '列表')).not.toMatch(/^\[/);
});

it('is measured: tickets, companies, events of each suite, and what each company does', async () => {
  const site = await openForTest();
  const { app, corpId } = await site.sandbox.provider.install('template', RETAIL);
  await site.logs('event of a suite worked off');
  await site.say(app, 'wangzong', '列表');
  const text = await (await fetch(`${site.operatorUrl}/metrics`)).text();
  expect(text).toMatch(/^wecom_bot_suite_companies\{suite="template"\} 1$/m);
  expect(text).toMatch(/^wecom_bot_suite_companies\{suite="market"\} 0$/m);
  expect(text).toMatch(/^wecom_bot_suite_events_open\{suite="template"\} 0$/m);
  const [, at = ''] = /^wecom_bot_suite_ticket_timestamp_seconds\{suite="template"\} ([\d.]+)$/m.exec(text) ?? [];
  expect(Date.now() / 1000 - Number(at)).toBeLessThan(60);
  const label = `corp="${TEMPLATE.suiteId}/${corpId}"`;
  expect(text).toContain(`wecom_bot_callbacks_total{kind="text",${label}} 1`);
});
