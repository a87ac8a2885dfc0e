/** What comes while something else is under way, or is waited for: the one goes on, the other is heard, nobody waits in vain. */

import { describe, expect, it, vi } from 'vitest';
import { openDatabase, openStore } from '../../src/store/open.ts';
import { asks } from '../chat.ts';
import { until } from '../until.ts';
import { posted, written } from './posted.ts';
import {
  CATERING,
  installed,
  MARKET,
  openForTest,
  type ProviderSite,
  RETAIL,
  settled,
  TEMPLATE,
  worked,
} from './provider-site.ts';

/** Both sides by one clock that the test moves: the platform tells the order of events in seconds. */
async function openByClock() {
  let now = Date.now();
  const clock = () => now;
  const site = await openForTest({ app: { now: clock }, sandbox: { now: clock } });
  const later = (seconds = 2): void => {
    now += seconds * 1000;
  };
  return { site, later };
}

async function makeGroup(site: ProviderSite, app: Parameters<ProviderSite['say']>[0], tags: string): Promise<void> {
  for (const text of [`新建标签组门店:${tags}`, '确认']) await site.say(app, 'wangzong', text);
}

describe('a new secret', () => {
  it('comes during a plan: the plan goes on with it, and nobody else waits for the plan', async () => {
    const { site, later } = await openByClock();
    const { app } = await installed(site);
    await makeGroup(site, app, '一号');
    const held = site.gate.hold('_tag', 'after');
    const sent = app.say('wangzong', '门店 加 二号\n门店 加 三号\n门店 加 四号');
    const call = await held;
    later();
    await site.sandbox.provider.resetSecret('template', RETAIL);
    await worked(site);
    expect(await site.authorisations()).toMatchObject([{ version: 2 }]);
    expect(await site.say(app, 'lisi', '列表 门店')).toContain('一号');
    call.release();
    await sent;
    await until(() => expect(site.heard(app, 'wangzong').at(-1)).toMatch(/3 步全部成功/));
    expect(await site.say(app, 'lisi', '列表 门店')).toMatch(/一号.*二号.*三号.*四号/s);
  });

  it('comes before 确认: what was asked is done', async () => {
    const { site, later } = await openByClock();
    const { app } = await installed(site);
    await makeGroup(site, app, '一号,二号');
    expect(asks(await site.say(app, 'wangzong', '标签 删除 一号'))).toBe('confirm');
    later();
    await site.sandbox.provider.resetSecret('template', RETAIL);
    await worked(site);
    expect(await site.say(app, 'wangzong', '确认')).toContain('已从「门店」删除：一号');
  });
});

describe('two codes of one company', () => {
  it('are exchanged one after the other, so that the newest permanent code is the one that is kept', async () => {
    const { site, later } = await openByClock();
    const held = site.gate.hold('v2/get_permanent_code', 'before');
    await site.sandbox.provider.install('template', RETAIL);
    const first = await held;
    later();
    const { app } = await site.sandbox.provider.install('template', RETAIL);
    first.release();
    await worked(site);
    expect(site.calls('v2/get_permanent_code')).toBe(2);
    expect(await site.authorisations()).toMatchObject([{ state: 'active', version: 2 }]);
    expect(await site.say(app, 'wangzong', '列表')).toContain('客户分级');
  });

  it('the later of which was exchanged first, since the other had to be tried again', async () => {
    const { site, later } = await openByClock();
    await installed(site);
    site.sandbox.provider.setFaults({ rateLimited: { on: true, times: 1, path: 'v2/get_permanent_code' } });
    later();
    await site.sandbox.provider.resetSecret('template', RETAIL);
    await site.logs('an event of a suite is tried again');
    later();
    await site.sandbox.provider.resetSecret('template', RETAIL);
    await vi.waitFor(async () => {
      later(1);
      expect(await site.openEvents()).toEqual([]);
    }, settled);
    expect(await site.authorisations()).toMatchObject([{ state: 'active', version: 3 }]);
  });
});

it('a right that is taken away before 确认: nothing is written, and who can give it back is said', async () => {
  const site = await openForTest();
  const { app } = await installed(site);
  await makeGroup(site, app, '一号,二号');
  expect(asks(await site.say(app, 'wangzong', '标签 删除 一号'))).toBe('confirm');
  await site.sandbox.provider.change('template', RETAIL, { rights: [] });
  await worked(site);
  site.sandbox.clearCalls();
  expect(await site.say(app, 'wangzong', '确认')).toMatch(/没有执行.*服务商后台/s);
  expect(site.sandbox.calls.filter(({ path }) => /add|edit|del/.test(path))).toEqual([]);
  await site.sandbox.provider.change('template', RETAIL, { rights: ['corpTags', 'ruleGroups', 'customers'] });
  await worked(site);
  expect(await site.say(app, 'wangzong', '列表 门店')).toContain('一号');
});

it('an end during a batch of twenty: what was not begun is never made, and the journal says which', async () => {
  const { site, later } = await openByClock();
  const { app, corpId } = await installed(site);
  await makeGroup(site, app, '一号');
  const lines = Array.from({ length: 20 }, (_, at) => `门店 加 商品${at}号`);
  expect(await site.say(app, 'wangzong', lines.join('\n'))).toContain('共 20 步');
  const held = site.gate.hold('_tag', 'after');
  const sent = app.say('wangzong', '确认');
  const call = await held;
  later();
  await site.sandbox.provider.cancel('template', RETAIL);
  await worked(site);
  site.sandbox.clearCalls();
  call.release();
  await sent;
  await site.restart();
  expect(site.sandbox.calls.filter(({ path }) => /tag|message/.test(path))).toEqual([]);
  const store = await openStore(String(site.env.DATABASE_URL), `${TEMPLATE.suiteId}/${corpId}`, {
    now: Date.now,
    readOnly: true,
  });
  const [last] = await store.changes({ limit: 1 }).finally(() => store.close());
  const outcomes = JSON.parse(last?.outcome ?? '[]') as { state: string; code?: string }[];
  expect(outcomes.map(({ state, code = '' }) => `${state} ${code}`.trim())).toEqual([
    'done',
    ...Array.from({ length: 19 }, () => 'failed corp.removed'),
  ]);
});

it('an operator’s stop during a plan: that one is concluded, also for its repeats, and who presses is told', async () => {
  const { site } = await openByClock();
  const { app, corpId } = await installed(site);
  await makeGroup(site, app, '一号,二号');
  expect(asks(await site.say(app, 'wangzong', '标签 删除 一号'))).toBe('confirm');
  const card = app.chat('wangzong').at(-1);
  const member = site.sandbox.provider.userId('template', RETAIL, 'wangzong');
  const again = { receiveId: corpId, xml: written(corpId, member, '门店 加 三号\n门店 加 四号') };
  const held = site.gate.hold('_tag', 'after');
  const first = posted(site, '/wecom/suite/template/app', TEMPLATE.app, again);
  const call = await held;
  const database = await openDatabase(String(site.env.DATABASE_URL), { now: Date.now });
  await database.keepNote(`${TEMPLATE.suiteId}/${corpId}`, 'paused', '1');
  await database.close();
  await site.logs('corp paused by the operator');
  const repeat = posted(site, '/wecom/suite/template/app', TEMPLATE.app, again);
  call.release();
  expect(await Promise.all([first, repeat])).toEqual([
    [200, ''],
    [200, ''],
  ]);
  await until(() => expect(site.heard(app, 'wangzong').at(-1)).toContain('2 步全部成功'));
  expect(await site.say(app, 'wangzong', '列表')).toContain('暂停');
  site.sandbox.clearCalls();
  await app.press('wangzong', String(card?.id), 'confirm');
  expect(JSON.stringify(app.chat('wangzong').find(({ id }) => id === card?.id))).toContain('暂停服务');
  expect(site.sandbox.calls).toEqual([]);
});

it('a company that answers slowly: changes there keep no code of another waiting', async () => {
  const site = await openForTest();
  const { corpId } = await installed(site, 'template', RETAIL);
  const held = site.gate.hold('v2/get_auth_info', 'before');
  for (let at = 0; at < 6; at++) await site.sandbox.provider.change('template', RETAIL, {});
  const call = await held;
  await site.sandbox.provider.install('template', CATERING);
  await site.sandbox.provider.install('market', CATERING);
  await vi.waitFor(async () => expect(await site.authorisations()).toHaveLength(3), settled);
  expect((await site.openEvents()).map(({ infoType }) => infoType)).toContain('change_auth');
  site.sandbox.clearCalls();
  call.release();
  await worked(site);
  // What is read last holds for all of them: the one that was held, and one more.
  const read = site.sandbox.calls.filter(({ path }) => path.endsWith('v2/get_auth_info'));
  expect(read.filter(({ body }) => body?.auth_corpid === corpId)).toHaveLength(2);
});

it.each([TEMPLATE, MARKET])(
  '$kind: installed again as another app, by nobody who is told: served as that one, with no admin of the former',
  async ({ name }) => {
    const { site, later } = await openByClock();
    const { agentId } = await installed(site, name);
    later();
    await site.sandbox.provider.cancel(name, RETAIL);
    await worked(site);
    later();
    site.sandbox.provider.setVariants({ appInCorp: 'not-yet', authUserInfo: 'missing', adminList: 'empty' });
    const again = await installed(site, name);
    expect(again.agentId).not.toBe(agentId);
    const known = name === 'market' ? again.agentId : undefined;
    expect(await site.authorisations()).toMatchObject([{ state: 'active', agentId: known, admins: [] }]);
    site.sandbox.provider.setVariants({ appInCorp: 'made' });
    await vi.waitFor(async () => {
      later(5);
      expect(await site.authorisations()).toMatchObject([{ agentId: again.agentId, admins: [] }]);
    }, settled);
    expect(await site.say(again.app, 'wangzong', '我')).not.toContain('你是机器人管理员');
  },
);
