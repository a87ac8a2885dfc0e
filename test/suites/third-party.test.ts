/** What an app of the market may not know and cannot do: names, and a menu. */

import { expect, it, onTestFinished } from 'vitest';
import { namesSomebody, unmarked, withMarks } from '../../src/bot/hidden-names.ts';
import { until } from '../until.ts';
import { openProviderSite, RETAIL } from './provider-site.ts';

async function installedApp(env = {}) {
  const site = await openProviderSite({ env });
  onTestFinished(() => site.stop());
  const { app } = await site.sandbox.provider.install('market', RETAIL);
  await site.logs('event of a suite worked off');
  await until(() => expect(site.heard(app, 'wangzong')).toHaveLength(1));
  const userid = (member: string) => site.sandbox.provider.userId('market', RETAIL, member);
  const name = (member: string) => String(app.corp.company.members.find((each) => each.userid === member)?.name);
  return { site, app, userid, name };
}

it('a member reads the name that the app does not know', async () => {
  const { site, app, userid, name } = await installedApp();
  await site.say(app, 'wangzong', '新建标签组门店等级:金卡');
  await site.say(app, 'wangzong', '确认');
  const told = await site.say(app, 'wangzong', '历史');
  expect(told).toContain(`${name('wangzong')}：`);
  expect(told).not.toContain(userid('wangzong'));
  expect(await site.say(app, 'wangzong', '我')).toContain(`姓名：${name('wangzong')}`);
  const pushed = site.sandbox.calls.filter(({ path }) => path.endsWith('message/send'));
  expect(pushed.every(({ body }) => body?.enable_id_trans === 1)).toBe(true);
});

it('an answer of text alone is pushed where it names somebody, and names the userid where it cannot be', async () => {
  const { site, app, userid, name } = await installedApp({ REPLY_FORMAT: 'plain' });
  expect(await site.say(app, 'wangzong', '我')).toContain(`姓名：${name('wangzong')}`);
  app.setFaults({ errcode: { on: true, code: 45009, path: 'message/send' } });
  const told = await site.say(app, 'wangzong', '我');
  expect(told).toContain(userid('wangzong'));
  expect(told).not.toMatch(/[\uE000-\uF8FF]|\$userName/);
});

it('nobody can be found by a name, and why is said', async () => {
  const { site, app, name } = await installedApp();
  await site.say(app, 'wangzong', `规则组 新建 华南大区 负责人 ${name('zhangsan')}`);
  const told = await site.say(app, 'wangzong', `@${name('zhangsan')}`);
  expect(told).toContain('看不到成员的姓名');
});

it('who is asked for people is shown an id, and that id will do', async () => {
  const { site, app, userid } = await installedApp();
  const asked = await site.say(app, 'wangzong', '规则组 新建 华南大区');
  expect(asked).toContain(userid('wangzong'));
  expect(asked).not.toMatch(/张三|lisi/);
  const range = await site.say(app, 'wangzong', userid('wangzong'));
  expect(range).toContain(`@${userid('wangzong')}`);
  expect(range).not.toMatch(/销售部|wangwu/);
  expect(await site.say(app, 'wangzong', `@${userid('wangzong')}`)).toContain('华南大区');
  expect(app.corp.ruleGroups().map((each) => each.strategy_name)).toContain('华南大区');
});

it('a menu cannot be published, which is no fault', async () => {
  const { site, app } = await installedApp();
  expect(await site.say(app, 'wangzong', '菜单 发布')).toContain('第三方应用没有菜单接口');
  expect(await site.say(app, 'wangzong', '诊断')).not.toMatch(/✗.*菜单|菜单.*没有菜单接口.*✗/);
  expect(site.sandbox.calls.filter(({ path }) => path.includes('/menu/'))).toEqual([]);
});

it('marks of names survive what a member may be called, and never reach anybody', async () => {
  const directory = withMarks({
    hidesNames: () => true,
    name: async (userid) => userid,
    findPeople: async () => [],
    findDepartments: async () => [],
  });
  const who = await directory.name('wo_A-b.c@D9');
  const outgoing = {
    text: `${who}：改了 VIP`,
    push: { msgtype: 'markdown', markdown: { content: `**${who}**` } },
  } as const;
  expect(namesSomebody(outgoing)).toBe(true);
  expect(unmarked(outgoing)).toEqual({
    text: 'wo_A-b.c@D9：改了 VIP',
    push: { msgtype: 'markdown', markdown: { content: '**$userName=wo_A-b.c@D9$**' } },
  });
  expect(unmarked({ text: `${who.slice(0, 6)}…` }).text).not.toMatch(/[\uE000-\uF8FF]/);
  const plain = { text: '没有人' };
  expect(unmarked(plain)).toBe(plain);
  expect(Buffer.byteLength(who)).toBeGreaterThanOrEqual(Buffer.byteLength('$userName=wo_A-b.c@D9$'));
});
