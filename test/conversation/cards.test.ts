/** Questions as cards, and the same questions answered by text. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Chat, openChat } from '../chat.ts';

let chat: Chat;
beforeEach(async () => {
  chat = await openChat();
});
afterEach(async () => {
  expect(chat.sandbox.violations).toEqual([]);
  await chat.stop();
});

const say = (text: string, member = 'wangzong') => chat.say(member, text);
const press = (key: string, selected?: Record<string, string[]>) => chat.press('wangzong', key, selected);

/** Text on the closed buttons of every card in the chat, in order; undefined while it can be pressed. */
function outcomes(): (string | undefined)[] {
  return chat.sandbox
    .chat('wangzong')
    .filter((message) => message.body.msgtype === 'template_card')
    .map((message) => message.disabledText);
}

function kind(): unknown {
  return chat.card('wangzong').card.card_type;
}

describe('a plan', () => {
  test.each([
    ['by card', () => press('confirm')],
    ['by text', () => say('确认')],
  ])('is carried out %s', async (_, confirm) => {
    await say('标签 删除 老客');
    expect(kind()).toBe('button_interaction');
    expect(await confirm()).toContain('老客');
    expect(chat.tags('客户分级')).toEqual(['普通', '重点']);
  });

  test.each([
    ['by card', () => press('cancel')],
    ['by text', () => say('取消')],
  ])('is cancelled %s', async (_, cancel) => {
    await say('标签 删除 老客');
    expect(await cancel()).toContain('已取消');
    expect(chat.tags('客户分级')).toEqual(['普通', '重点', '老客']);
  });

  test('shows its outcome on the card that was pressed', async () => {
    await say('标签 删除 老客');
    await press('confirm');
    await say('标签 删除 重点');
    await press('cancel');
    expect(outcomes()).toEqual(['已删除', '已取消']);
  });

  test('that was answered by text is not carried out again by its card', async () => {
    await say('标签 删除 老客');
    await say('确认');
    expect(await press('confirm')).toContain('没有重复执行');
    await say('标签 删除 重点');
    await say('取消');
    expect(await press('confirm')).toContain('已经取消');
    await say('标签 删除 重点');
    await say('规则组 切换 华东大区');
    expect(await press('confirm')).toContain('取代');
    expect(outcomes()).toEqual(['已处理', '已取消', '已失效']);
    expect(chat.tags('客户分级')).toEqual(['普通', '重点']);
  });

  test('is shown anew when the library has changed meanwhile', async () => {
    await say('标签组 删除 客户分级');
    const group = chat.sandbox.corp.ruleGroups()[0]?.groups.find((each) => each.group_name === '客户分级');
    await chat.sandbox.consoleEdit({ action: 'addTags', groupId: group?.group_id ?? '', tags: ['金卡'] });
    expect(await press('confirm')).toContain('金卡');
    expect(outcomes()).toEqual(['有变动', undefined]);
    expect(chat.tags('客户分级')).toContain('金卡');
    await press('confirm');
    expect(chat.tags('客户分级', '华东大区')).toBeUndefined();
  });

  test('that takes longer than the callback waits still shows its outcome on the card', async () => {
    const slow = await openChat({ app: { windowMs: 50 } });
    await slow.say('wangzong', '标签 列表');
    await slow.say('wangzong', '标签 删除 老客');
    await expect.poll(() => slow.card('wangzong').card.card_type).toBe('button_interaction');
    slow.sandbox.setFaults({ slow: { on: true, ms: 120, path: 'externalcontact' } });
    await slow.sandbox.press('wangzong', slow.card('wangzong').id, 'confirm');
    await expect.poll(() => slow.card('wangzong').disabledText, { timeout: 5_000 }).toBe('已删除');
    expect(slow.tags('客户分级', '华东大区')).toEqual(['普通', '重点']);
    await slow.stop();
  });

  test('that meets trouble says so on its card', async () => {
    await say('标签 删除 老客');
    chat.sandbox.setFaults({ errcode: { on: true, code: 48002, path: 'del_strategy_tag' } });
    expect(await press('confirm')).toContain('没有做成');
    expect(outcomes()).toEqual(['没有做成']);
  });
});

describe('a choice', () => {
  beforeEach(async () => {
    await say('标签 添加 普通 到 地区');
    await say('标签 删除 普通');
  });

  test.each([
    ['by its button', () => press('2')],
    ['by its number', () => say('2')],
    ['by its number in words', () => say('第二个')],
    ['by its name', () => say('地区')],
  ])('is taken %s', async (_, take) => {
    expect(await take()).toContain('从「地区」删除');
  });

  test('says on its card what was taken, and is cancelled there, too', async () => {
    await press('2');
    expect(outcomes()[0]).toBe('已选 地区');
    await say('标签 删除 普通');
    expect(await press('cancel')).toContain('什么都没有改');
    expect(outcomes().at(-1)).toBe('已取消');
  });

  test('of a number that is not there stays open', async () => {
    expect(await say('7')).toContain('1 到 3');
    expect(await say('1')).toContain('从「客户分级」删除');
  });
});

test.each(['OptionIds', 'OpitonIds'] as const)('a list with many options comes back as %s', async (optionIds) => {
  chat.sandbox.setVariants({ optionIds });
  for (const place of ['一', '二', '三', '四', '五', '六', '七'])
    await chat.sandbox.consoleEdit({ action: 'createGroup', strategyId: 1, name: `${place}店`, tags: ['回访'] });
  await expect.poll(() => say('标签组 列表')).toContain('七店');
  await say('标签 删除 回访');
  expect(chat.card('wangzong').card.button_selection).toBeDefined();
  expect(await press('submit', { chosen: ['3'] })).toContain('三店');
  expect(outcomes()[0]).toBe('已选 三店');
});

describe('the group that an addition lacks', () => {
  test.each([
    ['by its button', () => press('2')],
    ['by its number', () => say('2')],
    ['by its name', () => say('客户分级')],
    ['with a particle', () => say('加到客户分级')],
  ])('is given %s', async (_, give) => {
    expect(await say('加VIP')).toMatch(/渠道来源[\s\S]*客户分级[\s\S]*地区/);
    expect(kind()).toBe('button_interaction');
    expect(await give()).toContain('VIP');
    expect(chat.tags('客户分级')).toContain('VIP');
  });

  test('can be another than those on the card, and the card shows its outcome', async () => {
    await say('加VIP');
    await press('4');
    expect(chat.tags('到访记录')).toContain('VIP');
    expect(outcomes()).toEqual(['已完成']);
    await say('加金卡');
    expect(await say('没有的组')).toContain('没有找到标签组');
  });
});

describe('several tags to delete', () => {
  test.each([
    [
      '删除标签',
      ['普通', '重点', '老客', '抖音', '小红书', '门店', '转介绍', '上海', '杭州', '苏州', '到访一次', '到访两次'],
    ],
    ['删除 客户分级 里的标签', ['普通', '重点', '老客']],
    ['标签 删除 客户分级', ['普通', '重点', '老客']],
    ['清空客户分级', ['普通', '重点', '老客']],
  ])('%s offers them for ticking', async (text, names) => {
    await say(text);
    const { card } = chat.card('wangzong');
    expect(card.card_type).toBe('vote_interaction');
    expect(card.checkbox).toEqual({
      question_key: 'chosen',
      mode: 1,
      option_list: names.map((name, i) => ({ id: String(i + 1), text: name, is_checked: false })),
    });
    expect(chat.tags('客户分级')).toEqual(['普通', '重点', '老客']);
  });

  test.each(['OptionIds', 'OpitonIds'] as const)('are ticked, confirmed and gone (%s)', async (optionIds) => {
    chat.sandbox.setVariants({ optionIds });
    await say('删除 客户分级 里的标签');
    expect(await press('submit', { chosen: ['1', '3'] })).toContain('普通、老客');
    expect(chat.tags('客户分级')).toEqual(['普通', '重点', '老客']);
    await press('confirm');
    expect(outcomes()).toEqual(['已选 普通、老客', '已删除']);
    expect(chat.tags('客户分级')).toEqual(['重点']);
  });

  test.each(['1 3', '1、3', '1和3', '普通、老客', '第一个和第三个'])('are named by text: %s', async (text) => {
    await say('删除 客户分级 里的标签');
    expect(await say(text)).toContain('普通、老客');
    await say('确认');
    expect(chat.tags('客户分级')).toEqual(['重点']);
  });

  test('all of them: that the group goes along is said before', async () => {
    await say('删除 客户分级 里的标签');
    expect(await say('全部')).toContain('整个标签组会一起消失');
    await say('取消');
    expect(chat.tags('客户分级')).toEqual(['普通', '重点', '老客']);
  });

  test('are asked for again when the card was sent off with nothing ticked', async () => {
    await say('删除 客户分级 里的标签');
    expect(await press('submit', { chosen: [] })).toContain('还没有选');
    expect(outcomes()).toEqual(['请看新的', undefined]);
    expect(await press('submit', { chosen: ['2'] })).toContain('重点');
  });

  test('of a group with too many for a card are asked for by name', async () => {
    const many = Array.from({ length: 25 }, (_, i) => `套餐${i + 1}`);
    await chat.sandbox.consoleEdit({ action: 'createGroup', strategyId: 1, name: '套餐', tags: many });
    expect(await say('删除标签')).toContain('回复组名');
    expect(await say('套餐')).toContain('25 个标签');
    expect(await say('套餐7、套餐9')).toContain('套餐7、套餐9');
    await say('确认');
    expect(chat.tags('套餐')).toHaveLength(23);
  });

  test('of that many in all can be picked from a group that is named', async () => {
    const many = Array.from({ length: 25 }, (_, i) => `套餐${i + 1}`);
    await chat.sandbox.consoleEdit({ action: 'createGroup', strategyId: 1, name: '套餐', tags: many });
    await say('删除标签');
    expect(await say('地区')).toContain('要删除「地区」里的哪些标签');
    expect(await press('submit', { chosen: ['1'] })).toContain('上海');
  });

  test('are not offered to a member who may not delete any', async () => {
    for (const text of ['删除标签', '标签 删除 客户分级', '删除 客户分级 里的标签']) {
      expect(await say(text, 'wangwu')).not.toContain('选好了');
    }
  });
});

test('a card that another member pressed does nothing', async () => {
  await say('标签 删除 老客');
  const { id } = chat.card('wangzong');
  await expect(chat.sandbox.press('zhangsan', id, 'confirm')).rejects.toThrow();
  expect(await say('确认', 'zhangsan')).toContain('没有等待确认');
  expect(chat.tags('客户分级')).toContain('老客');
});

describe('with an address of its own the bot sends a group as a card of facts', () => {
  test('and without one as markdown', async () => {
    expect(await say('客户分级')).not.toContain('[card');
    const other = await openChat({ env: { PUBLIC_URL: 'https://tags.example.com' } });
    await other.say('wangzong', '客户分级');
    expect(other.card('wangzong').card).toMatchObject({
      card_type: 'text_notice',
      card_action: { type: 1, url: 'https://tags.example.com' },
      horizontal_content_list: [
        { keyname: '标签库', value: '华东大区' },
        { keyname: '标签数', value: '3' },
      ],
    });
    await other.stop();
  });
});
