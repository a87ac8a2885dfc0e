/** Menu, welcome, what is not text, the three formats, 统计: what a member meets before any command. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MENU, menuDifferences } from '../../src/bot/commands/menu.ts';
import { loadConfig } from '../../src/config.ts';
import { menu as menuCommand } from '../../src/operator/menu.ts';
import { utf8Length } from '../../src/text.ts';
import { type Chat, type ChatOptions, openChat } from '../chat.ts';

let chat: Chat;
beforeEach(async () => {
  chat = await openChat();
});
afterEach(async () => {
  expect(chat.sandbox.violations).toEqual([]);
  await chat.stop();
});

const say = (text: string, member = 'wangzong') => chat.say(member, text);

async function reopen(options: ChatOptions): Promise<void> {
  await chat.stop();
  chat = await openChat(options);
}

describe('the menu', () => {
  const leaves = MENU.flatMap((branch) => branch.sub_button);

  test('keeps the limits of the platform', () => {
    expect(MENU.length).toBeLessThanOrEqual(3);
    for (const branch of MENU) {
      expect(branch.sub_button.length).toBeLessThanOrEqual(5);
      expect(utf8Length(branch.name)).toBeLessThanOrEqual(16);
    }
    for (const leaf of leaves) {
      expect(utf8Length(leaf.name)).toBeLessThanOrEqual(40);
      expect(utf8Length(leaf.key)).toBeLessThanOrEqual(128);
    }
    expect(new Set(leaves.map((leaf) => leaf.key)).size).toBe(leaves.length);
  });

  test.each(leaves)('$name ($key) is a command that is understood', async ({ key }) => {
    const answer = await chat.sees('wangzong', (sandbox) => sandbox.click('wangzong', key));
    expect(answer).not.toMatch(/没看懂|没有找到|出错/);
    expect(await say(key.replace('say:', ''))).toContain(answer);
  });

  test('a click whose command lacks a name asks for it', async () => {
    const asked = await chat.sees('wangzong', (sandbox) => sandbox.click('wangzong', 'say:查'));
    expect(asked).toContain('查哪个标签');
    expect(await say('老客')).toContain('客户分级');
  });

  test('of an old client is still understood, and nonsense does no harm', async () => {
    expect(await chat.sees('wangzong', (sandbox) => sandbox.click('wangzong', '标签 列表'))).toContain('客户分级');
    expect(await chat.sees('wangzong', (sandbox) => sandbox.click('wangzong', '#sendmsg#_0_1'))).toContain('没有找到');
  });

  test('is shown before it is published, and only an admin publishes it', async () => {
    expect(await say('菜单 发布', 'zhangsan')).toContain('没有权限');
    const preview = await say('菜单 预览');
    for (const { name } of leaves) expect(preview).toContain(name);
    expect(chat.sandbox.corp.menu).toEqual([]);
    expect(await say('菜单 发布')).toContain('菜单已发布');
    expect(chat.sandbox.corp.menu.map((branch) => branch.sub_button?.length)).toEqual(
      MENU.map((branch) => branch.sub_button.length),
    );
    expect(await say('菜单 预览')).toContain('没有变化');
  });

  test('is published from the command line, after a look', async () => {
    const config = await loadConfig(chat.env, () => {
      throw Object.assign(new Error('no file'), { code: 'ENOENT' });
    });
    const printed: string[] = [];
    const print = (text: string) => printed.push(text);
    expect(await menuCommand(config, { publish: false, now: Date.now, print })).toBe(true);
    expect(printed.at(-1)).toContain('--publish');
    expect(chat.sandbox.corp.menu).toEqual([]);
    expect(await menuCommand(config, { publish: true, now: Date.now, print })).toBe(true);
    expect(chat.sandbox.corp.menu).toHaveLength(MENU.length);
    expect(await menuCommand(config, { publish: true, now: Date.now, print })).toBe(true);
    expect(printed.at(-1)).toContain('没有变化');
  });

  test.each([
    ['nothing published', [], [`新增：查 › 列表`]],
    ['the same', [{ name: '查', sub_button: [{ type: 'click', name: '列表', key: 'say:列表' }] }], []],
    ['another key', [{ name: '查', sub_button: [{ type: 'click', name: '列表', key: 'x' }] }], ['改动：查 › 列表']],
    [
      'one more',
      [
        { name: '查', sub_button: [{ type: 'click', name: '列表', key: 'say:列表' }] },
        { type: 'view', name: '官网', url: 'https://x' },
      ],
      ['去掉：官网'],
    ],
    [
      'a name changed',
      [{ name: '查询', sub_button: [{ type: 'click', name: '列表', key: 'say:列表' }] }],
      ['新增：查 › 列表', '去掉：查询 › 列表'],
    ],
  ])('differs from %s by', (_, published, differences) => {
    expect(
      menuDifferences(published, [{ name: '查', sub_button: [{ type: 'click', name: '列表', key: 'say:列表' }] }]),
    ).toEqual(differences);
  });

  test('in another order differs, too', () => {
    const turned = MENU.map((branch) => ({ ...branch, sub_button: [...branch.sub_button].reverse() }));
    expect(menuDifferences(turned)).toEqual(['改动：按钮的顺序']);
  });
});

describe('the welcome', () => {
  const enter = (member: string) => chat.sees(member, (sandbox) => sandbox.enter(member));
  /** Nothing comes back, neither inside the callback nor after it. */
  const entersSilently = async (member: string) => {
    const { delivered, reply } = await chat.sandbox.enter(member);
    await chat.sandbox.idle();
    expect({ delivered, reply }).toMatchObject({ delivered: { state: 'delivered', status: 200 }, reply: undefined });
    expect(chat.sandbox.chat(member).at(-1)?.from).toBe('member');
  };

  test('shows what this member may do, with names from the library', async () => {
    const admin = await enter('wangzong');
    expect(admin).toContain('普通');
    expect(admin).toContain('标签 添加');
    const colleague = await enter('chenjie');
    expect(colleague).toContain('普通');
    expect(colleague).not.toContain('添加');
  });

  test('comes at most once a day, by the clock of the configured place', async () => {
    // 23:30 in Shanghai.
    let now = Date.parse('2026-03-04T15:30:00Z');
    await reopen({ app: { now: () => now }, sandbox: { now: () => now } });
    expect(await enter('wangzong')).toContain('标签助手');
    await entersSilently('wangzong');
    expect(await enter('zhangsan')).toContain('标签助手');
    now += 31 * 60_000;
    expect(await enter('wangzong')).toContain('标签助手');
    await entersSilently('wangzong');
  });

  test('of one who has just been let in always comes', async () => {
    await enter('chenjie');
    expect(await chat.sees('chenjie', (sandbox) => sandbox.subscribe('chenjie'))).toContain('标签助手');
  });

  test('of a member who can see nothing says what to do', async () => {
    await reopen({ env: { READ_ACCESS: 'admins' } });
    const answer = await enter('chenjie');
    expect(answer).toContain('chenjie');
    expect(answer).toContain('管理员');
  });
});

test.each([
  ['image', '图片', '粘贴'],
  ['voice', '语音', '文字'],
  ['video', '视频', '文字'],
  ['location', '位置', '文字'],
  ['link', '链接', '粘贴'],
] as const)('%s is answered with what to do instead', async (media, name, instead) => {
  const answer = await chat.sees('wangzong', (sandbox) => sandbox.media('wangzong', media));
  expect(answer).toContain(name);
  expect(answer).toContain(instead);
});

describe('the format', () => {
  const kinds = () =>
    chat.sandbox
      .chat('wangzong')
      .flatMap((message) => (message.from === 'bot' ? [`${message.body.msgtype} ${message.via}`] : []));
  const talk = async () => {
    await say('标签 列表');
    await say('标签 删除 老客');
    await say('取消');
    return kinds();
  };

  test.each([
    ['markdown', ['markdown push', 'template_card push', 'text passive']],
    ['text', ['text passive', 'template_card push', 'text passive']],
    ['plain', ['text passive', 'text passive', 'text passive']],
  ])('%s is what the operator chose', async (format, expected) => {
    await reopen({ env: { REPLY_FORMAT: format } });
    expect(await talk()).toEqual(expected);
  });

  test.each([
    ['设置 纯文本', ['text passive', 'text passive', 'text passive', 'text passive']],
    ['设置 文本', ['text passive', 'text passive', 'template_card push', 'text passive']],
    ['设置 富文本', ['text passive', 'markdown push', 'template_card push', 'text passive']],
    ['设置 markdown', ['text passive', 'markdown push', 'template_card push', 'text passive']],
  ])('%s is what the member chose, and only for them', async (text, expected) => {
    await say(text);
    expect(await talk()).toEqual(expected);
    await say('标签 列表', 'zhangsan');
    expect(chat.sandbox.chat('zhangsan').at(-1)?.body.msgtype).toBe('markdown');
    await chat.restart();
    await say('标签 列表');
    expect(kinds().at(-1)).toBe(expected[1]);
  });

  test('plain still asks, chooses and confirms', async () => {
    await say('设置 纯文本');
    await say('标签 添加 普通 到 地区');
    expect(await say('标签 删除 普通')).toMatch(/1 客户分级[\s\S]*2 地区/);
    expect(await say('2')).toContain('回复「确认」执行');
    await say('确认');
    expect(chat.tags('地区')).toEqual(['上海', '杭州', '苏州']);
    expect(await say('删除 地区 里的标签')).toMatch(/1 上海\n2 杭州\n3 苏州[\s\S]*「1 3」/);
    expect(await say('1 3')).toContain('上海、苏州');
  });

  test('设置 alone says what there is', async () => {
    expect(await say('设置')).toMatch(/纯文本[\s\S]*微信/);
  });
});

describe('统计', () => {
  test('counts, draws, and names what is crowded or perhaps there twice', async () => {
    const tags = [
      ...Array.from({ length: 95 }, (_, i) => `门店${i + 1}`),
      '老客户群',
      '老客户羣组',
      'ＶＩＰ客户',
      'vip客户',
    ];
    await chat.sandbox.consoleEdit({ action: 'createGroup', strategyId: 1, name: '门店', tags });
    await expect.poll(() => say('标签组 列表')).toContain('门店');
    await say('设置 纯文本');
    const text = await say('统计');
    expect(text).toContain('企业标签和 2 个规则组，14 个标签组，145 个标签');
    expect(text).toContain('剩 9855');
    expect(text).toMatch(/^██████ 99 门店/m);
    expect(text).toMatch(/^█ 3 客户分级/m);
    expect(text).toMatch(/上限[\s\S]*99 门店/);
    expect(text).toContain('ＶＩＰ客户 / vip客户');
    expect(text).not.toContain('门店1 / ');
  });

  test('shows only what the member may read', async () => {
    await reopen({ env: { READ_ACCESS: 'admins' } });
    expect(await say('统计', 'lisi')).toContain('**1** 个规则组');
    expect(await say('统计', 'lisi')).not.toContain('到访');
    expect(await say('统计', 'wangwu')).toContain('权限');
  });
});

describe('what only looks like an order is not carried out, and is told how it would be', () => {
  test.each([
    ['可以删除老客吗？', '标签 删除 老客'],
    ['要不要把老客改名为常客？', '标签 改名 老客 为 常客'],
    ['明天把钻石加到客户分级', '标签 添加 钻石 到 客户分级'],
  ])('%s → %s', async (text, say) => {
    expect(await chat.say('wangzong', text)).toContain(`请直接说：\`${say}\``);
    expect(chat.sandbox.calls.filter(({ path }) => /add_|edit_|del_/.test(path))).toEqual([]);
  });

  test('without a name that is there no example is made up from one that nobody mentioned', async () => {
    const answer = await chat.say('wangzong', '可以删除没有的吗？');
    expect(answer).not.toContain('普通');
    expect(answer).toContain('没有执行');
  });
});

describe('questions about the library are answered', () => {
  test.each([
    ['标签删了还能恢复吗', '撤销'],
    ['怎么把老客移到别的组', '标签 添加 老客 到'],
    ['怎么删除标签', '标签 删除 名字'],
    ['能合并标签吗', '不支持合并'],
    ['把 客户等级 合并到 客户分级', '不支持合并'],
    ['我现在在哪个规则组', '华东大区'],
    ['一共有多少个标签', '个标签'],
    ['客户分级下面有多少个标签', '客户分级'],
    ['名字最长几个字', '30'],
    ['给张三打上VIP标签', '客户详情'],
    ['把李女士加到老客里', '客户详情'],
    ['老客有多少客户在用', '看不到'],
  ])('%s', async (text, says) => {
    expect(await chat.say('wangzong', text)).toContain(says);
    expect(chat.sandbox.calls.filter(({ path }) => /add_|edit_|del_/.test(path))).toEqual([]);
  });

  test('a group of the library is no customer', async () => {
    expect(await chat.say('wangzong', '给渠道来源加个知乎')).toContain('已添加');
  });
});
