/** Who may do what: denied by default, explained, and nothing is called for those who may not. */

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { asks, type Chat, refused } from '../chat.ts';
import { newFolder } from '../folder.ts';
import { MEMBER, startChat, tagCalls, writes } from './talk.ts';

const ENV = { REPLY_FORMAT: 'plain' };

const WRITES = [
  '标签 添加 钻石 到 客户分级',
  '标签组 新建 会员：金卡',
  '把老客改名为回头客',
  '标签 排序 老客 9',
  '标签 置顶 老客',
  '标签 删除 老客',
  '标签组 删除 地区',
  '标签 添加 钻石 到 客户分级；标签 删除 老客',
  '规则组 改名 华东大区 为 东部',
  '规则组 负责人 华东大区 加 李四',
  '规则组 范围 华东大区 加 客服部',
  '规则组 新建 北部 负责人 张三 范围 销售部',
  '规则组 删除 华东大区',
];

describe('a colleague without the right', () => {
  test.each(WRITES)('%s: refused with the own userid and who can help; nothing is called', async (text) => {
    const chat = await startChat({ env: ENV });
    await chat.say('wangwu', '标签 列表');
    chat.sandbox.clearCalls();
    const answer = await chat.say('wangwu', text);
    expect(refused(answer)).toBe(true);
    expect(answer).toContain('wangwu');
    expect(answer).toContain('王总');
    expect(tagCalls(chat)).toEqual([]);
    await chat.say('wangwu', '确认');
    expect(writes(chat)).toEqual([]);
  });

  test.each([
    '标签 删除 老课',
    '标签 添加 钻石 到 客护分级',
    '删除',
    '填加 钻石 到 客户分级',
    '规则组 新建',
    '规则组 新建 北部',
    '规则组 改名',
    '规则组 改名 华东大区',
  ])('%s: is refused before being asked what is meant', async (text) => {
    const chat = await startChat({ env: ENV });
    const answer = await chat.say('wangwu', text);
    expect(refused(answer)).toBe(true);
    expect(asks(answer)).toBeUndefined();
  });

  test('with one line of a batch in another rule group: nothing of it is done', async () => {
    const chat = await startChat({ env: ENV });
    await chat.say('zhangsan', '标签 列表');
    chat.sandbox.clearCalls();
    const answer = await chat.say('zhangsan', '标签 添加 钻石 到 渠道来源\n标签 添加 医疗 到 行业');
    expect(refused(answer)).toBe(true);
    expect(answer).toContain('第 2 行');
    expect(tagCalls(chat)).toEqual([]);
  });

  test('looks things up all the same', async () => {
    const chat = await startChat({ env: ENV });
    expect(await chat.say('wangwu', '老客')).toContain('客户分级');
    expect(await chat.say('wangwu', '我')).toMatch(/wangwu[\s\S]*查看/);
  });

  test('with READ_ACCESS=admins sees nothing and is told whom to ask', async () => {
    const chat = await startChat({ env: { ...ENV, READ_ACCESS: 'admins' } });
    const answer = await chat.say('wangwu', '老客');
    expect(answer).not.toContain('客户分级');
    expect(answer).toContain('wangwu');
    expect(await chat.say('zhangsan', '老客')).toContain('客户分级');
  });
});

describe("a rule group's 负责人", () => {
  test('changes its tags, and neither those of another nor its settings', async () => {
    const chat = await startChat({ env: ENV });
    expect(await chat.say('zhangsan', '标签 添加 钻石 到 客户分级')).toContain('已添加');
    expect(refused(await chat.say('zhangsan', '规则组 改名 华东大区 为 东部'))).toBe(true);
    await chat.say('zhangsan', '规则组 切换 华南大区');
    expect(refused(await chat.say('zhangsan', '标签 添加 钻石 到 行业'))).toBe(true);
    expect(await chat.say('zhangsan', '我')).toContain('负责人');
  });

  test('is not asked for the details of what only others may do', async () => {
    const chat = await startChat({ env: ENV });
    for (const text of ['规则组 新建', '规则组 改名 华东大区', '添加标签到行业']) {
      const answer = await chat.say('zhangsan', text);
      expect(refused(answer)).toBe(true);
      expect(answer).toContain('没有权限');
    }
    expect(refused(await chat.say('zhangsan', '添加标签到客户分级'))).toBe(false);
  });

  test.each(['加 钻石', '标签 添加 钻石', '新建标签组 会员 金卡'])(
    '%s: is not asked where to put it in a rule group of others, but told which is the own one',
    async (text) => {
      const chat = await startChat({ env: ENV });
      const answer = await chat.say('lisi', text);
      expect(refused(answer)).toBe(true);
      expect(asks(answer)).toBeUndefined();
      expect(answer).toContain('华南大区');
      await chat.say('lisi', '切换到华南大区');
      expect(refused(await chat.say('lisi', text))).toBe(false);
    },
  );

  test('takes back neither what others did, nor learns of what was done where nothing may be read', async () => {
    const chat = await startChat({ env: { ...ENV, READ_ACCESS: 'admins' } });
    await chat.say('wangzong', '标签 添加 钻石 到 渠道来源');
    await chat.say('wangzong', '标签 添加 医疗 到 行业');
    expect(await chat.say('zhangsan', '撤销 1')).toContain('不是你做的');
    expect(await chat.say('zhangsan', '撤销 2')).toBe((await chat.say('zhangsan', '撤销 9')).replace('9', '2'));
    expect(chat.tags('渠道来源')).toContain('钻石');
  });

  test('without manage_customer_tag changes nothing', async () => {
    const chat = await startChat({ env: ENV });
    chat.sandbox.corp.strategies.edit({ strategy_id: 1, privilege: { manage_customer_tag: false } });
    await chat.restart();
    expect(refused(await chat.say('zhangsan', '标签 添加 钻石 到 客户分级'))).toBe(true);
    expect(writes(chat)).toEqual([]);
  });
});

describe('BOT_ADMINS', () => {
  test('empty: the next step is explained, with the userid to write down', async () => {
    const chat = await startChat({ env: { ...ENV, BOT_ADMINS: '' } });
    const answer = await chat.say('wangzong', '规则组 新建 北部 负责人 张三 范围 销售部');
    expect(answer).toContain('BOT_ADMINS');
    expect(answer).toContain('wangzong');
    expect(await chat.say('wangzong', '我')).toContain('BOT_ADMINS');
    expect(writes(chat)).toEqual([]);
  });

  test('is compared without case, as the platform does', async () => {
    const chat = await startChat({ env: { ...ENV, BOT_ADMINS: 'WangZong' } });
    expect(await chat.say('wangzong', '标签 添加 钻石 到 客户分级')).toContain('已添加');
  });
});

describe('roles in the config file', () => {
  test.each(['企业标签', 'corp'])('%s: edits and reads 企业标签, and nothing else', async (ruleGroup) => {
    const file = rolesFile([
      { member: 'wangwu', ruleGroup, role: 'admin' },
      { member: 'lisi', ruleGroup: '*', role: 'editor' },
    ]);
    const chat = await startChat({ env: { ...ENV, READ_ACCESS: 'admins', CONFIG_FILE: file } });
    expect(await chat.say('wangwu', '我')).toMatch(/企业标签：查看、改标签 （配置文件里给了你角色）/);
    expect(await chat.say('wangwu', '标签 添加 VIP 到 客户分级')).toContain('已添加');
    expect(writes(chat).map(([name]) => name)).toEqual(['add_corp_tag']);
    expect(await chat.say('wangwu', '到访记录')).not.toContain('到访一次');
    expect(refused(await chat.say('wangwu', '规则组 改名 华东大区 为 东部'))).toBe(true);
    // Every rule group is none of 企业标签.
    expect(await chat.say('lisi', '持卡类型')).not.toContain('金卡');
    expect(await chat.say('lisi', '我')).not.toContain('企业标签');
    expect(chat.log.filter(({ msg }) => String(msg).includes('配置'))).toEqual([]);
  });

  test('give reader, editor and admin per rule group, by name or for all', async () => {
    const roles = [
      { member: 'wangwu', ruleGroup: '华东大区', role: 'editor' },
      { member: 'chenjie', ruleGroup: '*', role: 'reader' },
      { member: 'lisi', ruleGroup: '1', role: 'admin' },
    ];
    const file = rolesFile(roles);
    const chat = await startChat({ env: { ...ENV, READ_ACCESS: 'admins', CONFIG_FILE: file } });
    expect(await chat.say('wangwu', '标签 添加 钻石 到 客户分级')).toContain('已添加');
    expect(refused(await chat.say('wangwu', '规则组 改名 华东大区 为 东部'))).toBe(true);
    expect(await chat.say('chenjie', '老客')).toContain('客户分级');
    expect(refused(await chat.say('chenjie', '把老客改名为回头客'))).toBe(true);
    expect(await chat.say('lisi', '规则组 改名 华东大区 为 东部')).toContain('东部');
  });
});

describe('a rule group in a role', () => {
  test.each([
    ['2', '华南大区'],
    ['名字:2', '2'],
    ['华南大区', '华南大区'],
  ])('%s is %s alone', async (written, name) => {
    const file = rolesFile([{ member: 'wangwu', ruleGroup: written, role: 'reader' }]);
    const chat = await startChat({ env: { ...ENV, READ_ACCESS: 'admins', CONFIG_FILE: file } });
    chat.sandbox.corp.strategies.edit({ strategy_id: 1, strategy_name: '2' });
    await chat.restart();
    expect(await chat.say('wangwu', '规则组 列表')).toMatch(new RegExp(`^你能看到 1 个规则组\\n${name}`));
  });
});

describe('what the configuration names and is not there', () => {
  const told = (chat: Chat) =>
    chat.log.filter(({ msg }) => String(msg).includes('not there')).map(({ setting, value }) => [setting, value]);

  test('is told in the log at start, and to whoever asks for a diagnosis', async () => {
    const file = rolesFile([
      { member: 'wangwo', ruleGroup: '*', role: 'reader' },
      { member: 'lisi', ruleGroup: '华西大区', role: 'editor' },
      { member: 'lisi', ruleGroup: '华南大区', role: 'editor' },
      { member: 'LISI', ruleGroup: '1', role: 'reader' },
    ]);
    const env = { ...ENV, BOT_ADMINS: 'wangzong,zhangsn', DEFAULT_STRATEGY_ID: '99', CONFIG_FILE: file };
    const chat = await startChat({ env });
    const wrong = [
      ['BOT_ADMINS', 'zhangsn'],
      ['access.roles', 'wangwo'],
      ['access.roles', '华西大区'],
      ['DEFAULT_STRATEGY_ID', '99'],
    ];
    await expect.poll(() => told(chat)).toEqual(wrong);
    const diagnosis = await chat.say(MEMBER, '诊断');
    for (const [setting = '', value = ''] of wrong) expect(diagnosis).toMatch(new RegExp(`✗.*${setting}.*${value}`));
  });

  test('is nothing when all is there, or cannot be found out', async () => {
    const chat = await startChat({ env: ENV });
    expect(await chat.say(MEMBER, '诊断')).not.toContain('✗');
    chat.sandbox.setFaults({ errcode: { on: true, code: -1, path: 'user/get' } });
    await chat.restart();
    expect(await chat.say(MEMBER, '诊断')).not.toContain('没有这个账号');
    expect(told(chat)).toEqual([]);
  });
});

describe('an export', () => {
  /** 李四 works in none of the two rule groups that he reads, and does not read 华东大区. */
  async function reader(): Promise<Chat> {
    const chat = await startChat({ env: { ...ENV, READ_ACCESS: 'admins', DEFAULT_STRATEGY_ID: '1' } });
    const north = chat.sandbox.corp.strategies.put({
      name: '华北大区',
      parentId: 0,
      admins: ['lisi'],
      range: [{ type: 2, partyid: 2 }],
      rights: ['manage_customer_tag'],
      ownApp: true,
    });
    chat.sandbox.corp.library.put(north.id, '省份', ['河北'], 1);
    await chat.restart();
    return chat;
  }

  test('as text holds what may be read, and nothing else', async () => {
    const chat = await reader();
    const answer = await chat.say('lisi', '导出 文本');
    for (const name of ['省份', '河北', '行业', '餐饮']) expect(answer).toContain(name);
    for (const name of ['渠道来源', '抖音', '老客']) expect(answer).not.toContain(name);
  });

  test('as a file likewise', async () => {
    const chat = await reader();
    await chat.say('lisi', '导出');
    const sent = () => chat.sandbox.chat('lisi').find((message) => message.body.msgtype === 'file')?.body;
    await expect.poll(sent).toBeDefined();
    const body = sent();
    if (body?.msgtype !== 'file') throw new Error('no file came');
    const file = await (await fetch(`${chat.sandbox.url}/sandbox/media/${body.file.media_id}`)).text();
    for (const name of ['华北大区', '河北', '华南大区', '餐饮']) expect(file).toContain(name);
    for (const name of ['华东大区', '渠道来源', '抖音', '老客']) expect(file).not.toContain(name);
  });

  test('of one who may read nothing is refused', async () => {
    const chat = await reader();
    expect(refused(await chat.say('wangwu', '导出'))).toBe(true);
    expect(chat.sandbox.calls.filter(({ path }) => path.includes('media/upload'))).toEqual([]);
  });
});

test.each(['诊断', '菜单 发布'])('%s: is for bot admins', async (text) => {
  const chat = await startChat({ env: ENV });
  const answer = await chat.say('zhangsan', text);
  expect(refused(answer)).toBe(true);
  expect(answer).toContain('zhangsan');
});

describe('of rule groups that may not be read', () => {
  const PRIVATE = { ...ENV, READ_ACCESS: 'admins' };

  test('the statistics give no totals away, nor does an addition near the quota', async () => {
    const chat = await startChat({ env: PRIVATE, tags: 9_000 });
    const own = await chat.say('lisi', '统计');
    expect(own).toContain('1 个规则组，2 个标签组，4 个标签');
    expect(own).not.toMatch(/用了 \d|剩 \d/);
    expect(await chat.say(MEMBER, '统计')).toMatch(/用了 \d{4}/);
    const added = await chat.say('lisi', '标签 添加 医疗 到 行业');
    expect(added).toContain('快满了');
    expect(added).not.toMatch(/用了 \d|剩 \d/);
  });

  test('the details of one below give the name of the one above not away', async () => {
    const chat = await startChat({ env: PRIVATE });
    chat.sandbox.corp.strategies.edit({ strategy_id: 3, admin_list: ['wangwu'] });
    await chat.restart();
    const details = await chat.say('wangwu', '规则组 详情 上海一部');
    expect(details).toContain('下级');
    expect(details).not.toContain('华东大区');
    expect(await chat.say(MEMBER, '规则组 详情 上海一部')).toContain('上级是「华东大区」');
  });

  test('no name can be found out by renaming to it', async () => {
    const chat = await startChat({
      env: { ...PRIVATE, CONFIG_FILE: rolesFile([{ member: 'lisi', ruleGroup: '2', role: 'admin' }]) },
    });
    expect(await chat.say('lisi', '规则组 改名 华南大区 为 华东大区')).not.toContain('已经有规则组');
  });
});

/** A config file with these roles, gone after the test. */
function rolesFile(roles: readonly object[]): string {
  const folder = newFolder('roles');
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'roles.yaml');
  writeFileSync(file, `access:\n  roles: ${JSON.stringify(roles)}\n`);
  return file;
}

test('a clock that is set back keeps no right that was taken away', async () => {
  let passed = 0;
  let setBack = 0;
  const chat = await startChat({
    env: { ...ENV, READ_ACCESS: 'admins' },
    app: { now: () => Date.now() - setBack, ticks: () => performance.now() + passed },
    sandbox: { now: () => Date.now() - setBack },
  });
  expect(await chat.say('zhangsan', '标签 列表')).toContain('客户分级');
  chat.sandbox.corp.strategies.edit({ strategy_id: 1, admin_list: ['lisi'] });
  expect(await chat.say('zhangsan', '标签 列表')).toContain('客户分级');
  passed += 11 * 60_000;
  setBack += 24 * 60 * 60_000;
  expect(await chat.say('zhangsan', '标签 列表')).not.toContain('客户分级');
});
