/** Plan → confirm → apply: what a plan shows, and every way in which its confirmation can be wrong. */

import { DatabaseSync } from '@photostructure/sqlite';
import { describe, expect, test } from 'vitest';
import { APPS, asks, type Chat, planOf } from '../chat.ts';
import { letter, pressed } from './courier.ts';
import { everything, groupId, MEMBER, sayAndConfirm, startChat, tagOf, treeOf, writes } from './talk.ts';

/** Where the record is a file, and held by hand, one app stands behind it. */
const IN_A_FILE = APPS === 1;

const PLAIN = { REPLY_FORMAT: 'plain', BOT_ADMINS: 'wangzong,zhangsan' };
const MINUTE = 60_000;

/** A clock that can be set on. */
function clock() {
  let offset = 0;
  return {
    now: () => Date.now() + offset,
    pass: (ms: number) => {
      offset += ms;
    },
  };
}

const cardOf = (chat: Chat, member = MEMBER) => chat.card(member).id;

describe('a plan names', () => {
  test('what is deleted, and that its customers lose it', async () => {
    const chat = await startChat({ env: PLAIN });
    const plan = await chat.say(MEMBER, '标签 删除 老客');
    expect(asks(plan)).toBe('confirm');
    expect(plan).toContain('老客');
    expect(plan).toContain('客户分级');
    expect(plan).toMatch(/客户身上/);
    expect(await planOf(chat, MEMBER)).toMatchObject([{ do: 'deleteTags', tags: [{ name: '老客' }] }]);
  });

  test('the group that goes with its last tag', async () => {
    const chat = await startChat({ env: PLAIN });
    const plan = await chat.say(MEMBER, '标签 删除 到访一次、到访两次');
    expect(plan).toMatch(/到访记录.*消失/);
  });

  test('how many tags go with a group', async () => {
    const chat = await startChat({ env: PLAIN });
    expect(await chat.say(MEMBER, '标签组 删除 渠道来源')).toMatch(/渠道来源[\s\S]*4/);
  });

  test('in a batch: what is made, what is there already, what is renamed, what is removed', async () => {
    const chat = await startChat({ env: PLAIN });
    const plan = await chat.say(
      MEMBER,
      '标签 添加 钻石、普通 到 客户分级；把抖音改名为抖音号；删除标签 上海；标签组 新建 会员：金卡、银卡',
    );
    for (const name of ['钻石', '普通', '抖音号', '上海', '会员', '金卡']) expect(plan).toContain(name);
    expect(plan).toContain('已经有');
    expect(writes(chat)).toEqual([]);
    const done = await chat.say(MEMBER, '确认');
    for (const name of ['钻石', '抖音号', '上海', '会员']) expect(done).toContain(name);
    expect(chat.tags('会员')).toEqual(['金卡', '银卡']);
    expect(chat.tags('地区')).toEqual(['杭州', '苏州']);
  });

  test('a group that an add would make', async () => {
    const chat = await startChat({ env: PLAIN });
    const choice = await chat.say(MEMBER, '标签 添加 VIP 到 会员等级');
    expect(asks(choice)).toBe('choice');
    expect(choice).toMatch(/会员等级.*新建|新建.*会员等级/s);
    expect(asks(await chat.say(MEMBER, '1'))).toBe('confirm');
    expect(await planOf(chat, MEMBER)).toMatchObject([{ do: 'addTags', creates: true, group: { name: '会员等级' } }]);
    expect(writes(chat)).toEqual([]);
    await chat.say(MEMBER, '确认');
    expect(chat.tags('会员等级')).toEqual(['VIP']);
  });
});

describe('a confirmation', () => {
  test('given twice by text is carried out once and answered truthfully both times', async () => {
    const chat = await startChat({ env: PLAIN });
    await chat.say(MEMBER, '标签 删除 老客');
    expect(await chat.say(MEMBER, '确认')).toContain('已从');
    expect(await chat.say(MEMBER, '确认')).toMatch(/已经处理过|没有重复/);
    expect(writes(chat)).toHaveLength(1);
  });

  test('pressed and typed at the same time is carried out once', async () => {
    const chat = await startChat();
    await chat.say(MEMBER, '标签 删除 老客');
    await Promise.all([chat.sandbox.press(MEMBER, cardOf(chat), 'confirm'), chat.sandbox.say(MEMBER, '确认')]);
    expect(writes(chat)).toHaveLength(1);
  });

  test('after five minutes does nothing, by text and by card', async () => {
    const time = clock();
    const chat = await startChat({ app: { now: time.now }, sandbox: { now: time.now } });
    await chat.say(MEMBER, '标签 删除 老客');
    const before = everything(chat);
    time.pass(5 * MINUTE + 1);
    expect(await chat.say(MEMBER, '确认')).toMatch(/5 分钟|再发一次/);
    expect(await chat.press(MEMBER, 'confirm')).toMatch(/没有执行/);
    expect(chat.card(MEMBER).disabledText).toBe('已过期');
    expect(everything(chat)).toBe(before);
    expect(writes(chat)).toEqual([]);
  });

  test('after five minutes is not told of an earlier one that it was carried out', async () => {
    const time = clock();
    const chat = await startChat({ app: { now: time.now }, sandbox: { now: time.now }, env: PLAIN });
    expect(await sayAndConfirm(chat, MEMBER, '标签 删除 抖音')).toContain('删除：抖音');
    await chat.say(MEMBER, '标签 删除 老客');
    time.pass(5 * MINUTE + 1_000);
    expect(await chat.say(MEMBER, '确认')).toMatch(/过了 5 分钟，没有执行/);
  });

  test('by another member confirms nothing', async () => {
    const chat = await startChat({ env: PLAIN });
    await chat.say(MEMBER, '标签 删除 老客');
    expect(await chat.say('zhangsan', '确认')).toContain('没有等待确认');
    expect(writes(chat)).toEqual([]);
    expect(await chat.say(MEMBER, '确认')).toContain('已从');
  });

  test('is not 好, 是, OK or a number', async () => {
    const chat = await startChat({ env: PLAIN });
    for (const word of ['好', '是的', 'OK', '嗯', '1']) {
      await chat.say(MEMBER, '标签 删除 老客');
      await chat.say(MEMBER, word);
      expect(writes(chat)).toEqual([]);
    }
  });

  test('the answer to another command says that the plan was not carried out; 等等 leaves it open', async () => {
    const chat = await startChat({ env: PLAIN });
    await chat.say(MEMBER, '标签 删除 老客');
    const waits = await chat.say(MEMBER, '等等');
    expect(waits).toMatch(/什么都没有改[\s\S]*确认/);
    expect(await chat.say(MEMBER, '规则组 切换 华东大区')).toContain('没有执行');
    expect(await chat.say(MEMBER, '规则组 切换 华东大区')).not.toContain('没有执行');
    expect(await chat.say(MEMBER, '确认')).toContain('没有等待确认');
    expect(writes(chat)).toEqual([]);

    await chat.say(MEMBER, '标签 删除 老客');
    await chat.say(MEMBER, '等一下');
    expect(await chat.say(MEMBER, '确认')).toContain('已从「客户分级」删除：老客');
  });

  test('where a number is asked for keeps the question, and says what it waits for', async () => {
    const chat = await startChat({ env: PLAIN });
    expect(await chat.say(MEMBER, '标签 添加 钻石 到 客护分级')).toContain('1');
    expect(await chat.say(MEMBER, '确认')).toMatch(/先选[\s\S]*数字/);
    expect(await chat.say(MEMBER, '1')).toContain('已添加到「客户分级」：钻石');
  });

  test('of a question that another command has dropped does nothing, and the card says so', async () => {
    const chat = await startChat();
    await chat.say(MEMBER, '标签 删除 老客');
    await chat.say(MEMBER, '规则组 切换 华东大区');
    expect(await chat.say(MEMBER, '确认')).toContain('没有等待确认');
    expect(await chat.press(MEMBER, 'confirm')).toContain('没有执行');
    expect(chat.card(MEMBER).disabledText).toBe('已失效');
    expect(writes(chat)).toEqual([]);
  });

  test('survives a restart of the bot', async () => {
    const chat = await startChat({ env: PLAIN });
    await chat.say(MEMBER, '标签 删除 老客');
    await chat.restart();
    expect(await chat.say(MEMBER, '确认')).toContain('已从');
  });
});

describe('取消', () => {
  test.runIf(IN_A_FILE)('of what another replica is carrying out at that moment is not called cancelled', async () => {
    const chat = await startChat({ env: PLAIN });
    await chat.say(MEMBER, '标签 删除 老客');
    const other = new DatabaseSync(String(chat.env.DATABASE_URL).replace('file:', ''));
    expect(other.prepare('UPDATE sessions SET question = NULL WHERE member = ?').run(MEMBER).changes).toBe(1);
    other.close();
    const answer = await chat.say(MEMBER, '取消');
    expect(answer).toContain('已经处理过');
    expect(answer).not.toContain('什么都没有改');
  });
});

describe('an answer that is older than its question', () => {
  const MINUTE_AGO = 60;

  test.each(['确认', '取消', '确定'])('%s, captured when it did nothing, takes no question later', async (word) => {
    const chat = await startChat({ env: PLAIN });
    const captured = letter(MEMBER, word, MINUTE_AGO);
    expect((await captured.deliver(chat)).reply).toContain('没有等待确认');
    await chat.restart();
    await chat.say(MEMBER, '标签 删除 老客');
    expect((await captured.deliver(chat)).reply).toContain('没有等待确认');
    expect(writes(chat)).toEqual([]);
    expect(await chat.say(MEMBER, '确认')).toContain('已从');
  });

  test('a number or a name chooses nothing that was asked after it', async () => {
    const chat = await startChat({ env: PLAIN });
    const captured = letter(MEMBER, '1', MINUTE_AGO);
    expect(asks(await chat.say(MEMBER, '标签 添加 钻石 到 客护分级'))).toBe('choice');
    await captured.deliver(chat);
    expect(writes(chat)).toEqual([]);
    expect(await chat.say(MEMBER, '1')).toContain('已添加');
  });

  test('确认 that led to a new plan does not confirm that plan when it comes again after a restart', async () => {
    const chat = await startChat({ env: PLAIN });
    await chat.say(MEMBER, '标签 删除 老客');
    await chat.sandbox.consoleEdit({ action: 'rename', id: tagOf(chat, '客户分级', '老客').id, name: '回头客' });
    const captured = letter(MEMBER, '确认');
    expect((await captured.deliver(chat)).reply).toContain('回头客');
    await chat.restart();
    await captured.deliver(chat);
    expect(writes(chat)).toEqual([]);
    expect(await chat.say(MEMBER, '确认')).toContain('已从');
  });

  test('a press made before its card was sent does nothing', async () => {
    const chat = await startChat();
    await chat.say(MEMBER, '标签 删除 老客');
    const { task_id } = chat.card(MEMBER).card;
    await pressed(MEMBER, String(task_id), 'confirm', MINUTE_AGO).deliver(chat);
    expect(writes(chat)).toEqual([]);
    expect(await chat.press(MEMBER, 'confirm')).toContain('已从');
  });
});

describe.runIf(IN_A_FILE)('when the record is busy at the moment of the answer', () => {
  /** Another program that writes to the record, until the bot has given up once. */
  async function openBusy() {
    let release = () => {};
    const chat = await startChat({ env: PLAIN, onLog: (line) => line.msg === 'message failed' && release() });
    return {
      chat,
      occupy: () => {
        const foreign = new DatabaseSync(String(chat.env.DATABASE_URL).replace('file:', ''));
        foreign.exec('BEGIN IMMEDIATE');
        release = () => {
          foreign.exec('ROLLBACK');
          foreign.close();
          release = () => {};
        };
      },
    };
  }

  test('确认: nothing is changed, the question stays open, and the next 确认 carries it out', async () => {
    const { chat, occupy } = await openBusy();
    await chat.say(MEMBER, '标签 删除 老客');
    occupy();
    expect(await chat.say(MEMBER, '确认')).toMatch(/老客.*没有执行.*什么都没有改/);
    expect(writes(chat)).toEqual([]);
    expect(await chat.say(MEMBER, '确认')).toContain('已从「客户分级」删除：老客');
    expect(writes(chat)).toHaveLength(1);
    expect(await chat.say(MEMBER, '确认')).toMatch(/已经处理过/);
  });

  test('a chosen number: the choice stays open, and the number works the next time', async () => {
    const { chat, occupy } = await openBusy();
    expect(await chat.say(MEMBER, '标签 添加 钻石 到 客护分级')).toContain('1');
    occupy();
    expect(await chat.say(MEMBER, '1')).toContain('什么都没有改');
    expect(await chat.say(MEMBER, '1')).toContain('已添加到「客户分级」：钻石');
    expect(writes(chat)).toHaveLength(1);
  });
});

describe('when the library changes between plan and confirmation', () => {
  test('a renamed tag: a new plan, nothing done; the new plan can be confirmed', async () => {
    const chat = await startChat({ env: PLAIN });
    await chat.say(MEMBER, '标签 删除 老客');
    await chat.sandbox.consoleEdit({ action: 'rename', id: tagOf(chat, '客户分级', '老客').id, name: '回头客' });
    const again = await chat.say(MEMBER, '确认');
    expect(again).toContain('变动');
    expect(again).toContain('回头客');
    expect(writes(chat)).toEqual([]);
    expect(await chat.say(MEMBER, '确认')).toContain('已从');
    expect(chat.tags('客户分级')).toEqual(['普通', '重点']);
  });

  test('a renamed rule group: its deletion is shown anew under the new name', async () => {
    const chat = await startChat({ env: PLAIN });
    await sayAndConfirm(chat, MEMBER, '规则组 新建 试点 负责人 张三 范围 销售部');
    expect(await chat.say(MEMBER, '规则组 删除 试点')).toContain('试点');
    const id = chat.sandbox.corp.ruleGroups().find((each) => each.strategy_name === '试点')?.strategy_id;
    chat.sandbox.corp.strategies.edit({ strategy_id: id ?? 0, strategy_name: '华南大区' });
    expect(await chat.say(MEMBER, '确认')).toMatch(/变动[\s\S]*华南大区/);
    expect(writes(chat).filter(([call]) => call === 'del')).toEqual([]);
    expect(await chat.say(MEMBER, '确认')).toContain('已删除规则组「华南大区」');
  });

  test('a group that has grown: the new count is shown before anything goes', async () => {
    const chat = await startChat({ env: PLAIN });
    await chat.say(MEMBER, '标签组 删除 渠道来源');
    await chat.sandbox.consoleEdit({ action: 'addTags', groupId: groupId(chat, '渠道来源'), tags: ['视频号'] });
    const again = await chat.say(MEMBER, '确认');
    expect(again).toContain('5');
    expect(again).toContain('视频号');
    expect(writes(chat)).toEqual([]);
  });

  test('a tag that is gone already: nothing is left to do', async () => {
    const chat = await startChat({ env: PLAIN });
    await chat.say(MEMBER, '标签 删除 老客');
    await chat.sandbox.consoleEdit({ action: 'delete', id: tagOf(chat, '客户分级', '老客').id });
    expect(await chat.say(MEMBER, '确认')).toMatch(/已经不在/);
    expect(writes(chat)).toEqual([]);
  });

  test('the old card says so, the new one works', async () => {
    const chat = await startChat();
    await chat.say(MEMBER, '标签 删除 老客');
    const old = cardOf(chat);
    await chat.sandbox.consoleEdit({ action: 'rename', id: tagOf(chat, '客户分级', '老客').id, name: '回头客' });
    await chat.press(MEMBER, 'confirm');
    const oldCard = chat.sandbox.chat(MEMBER).find((message) => message.id === old);
    expect(oldCard?.disabledText).toContain('变动');
    expect(cardOf(chat)).not.toBe(old);
    expect(await chat.press(MEMBER, 'confirm')).toContain('已从');
  });

  test('rights that are gone: refused, nothing done', async () => {
    const chat = await startChat({ env: { ...PLAIN, BOT_ADMINS: 'wangzong' } });
    await chat.say('zhangsan', '标签 删除 老客');
    chat.sandbox.corp.strategies.edit({ strategy_id: 1, admin_list: ['lisi'] });
    expect(await chat.say('zhangsan', '确认')).toMatch(/没有权限/);
    expect(writes(chat)).toEqual([]);
  });
});

describe('two admins at once', () => {
  test('adding the same tag: one adds, the other is told that it is there', async () => {
    const chat = await startChat({ env: PLAIN });
    chat.sandbox.setFaults({ slow: { on: true, ms: 60, path: 'add_strategy_tag' } });
    const answers = await Promise.all(
      ['wangzong', 'zhangsan'].map((member) => chat.say(member, '标签 添加 钻石 到 客户分级')),
    );
    expect(answers.filter((answer) => answer.includes('已添加'))).toHaveLength(1);
    expect(answers.filter((answer) => answer.includes('已经有'))).toHaveLength(1);
    expect(writes(chat)).toHaveLength(1);
  });

  /** What two admins hear who write at the same moment. */
  async function atOnce(texts: readonly [string, string]) {
    const chat = await startChat({ env: PLAIN });
    await chat.say('wangzong', '标签 列表');
    chat.sandbox.setFaults({ slow: { on: true, ms: 60, path: 'edit_strategy_tag' } });
    const answers = await Promise.all([chat.say('wangzong', texts[0]), chat.say('zhangsan', texts[1])]);
    return { chat, answers };
  }

  test.each([
    ['a tag', '把老客改名为回头客', '把老客改名为熟客', /「老客」现在叫「(回头客|熟客)」/],
    ['a group', '标签组 改名 地区 为 城市', '标签组 改名 地区 为 省份', /「地区」现在叫「(城市|省份)」/],
  ])('renaming %s differently: one does, the other is told what it is called now', async (_, one, other, now) => {
    const { chat, answers } = await atOnce([one, other]);
    const told = answers.map((answer) => now.exec(answer)?.[1]).filter((name) => name !== undefined);
    expect(answers.filter((answer) => answer.includes('已改名'))).toHaveLength(1);
    expect(told).toHaveLength(1);
    expect(JSON.stringify(treeOf(chat))).toContain(told[0]);
    expect(writes(chat)).toHaveLength(1);
  });

  const TAG = (chat: Chat) => tagOf(chat, '客户分级', '老客').id;
  const GROUP = (chat: Chat) => groupId(chat, '地区');
  test.each([
    ['标签 改名 老客 为 熟客', TAG],
    ['标签 排序 老客 7', TAG],
    ['标签 置顶 老客', TAG],
    ['标签 删除 老客', TAG],
    ['标签组 改名 地区 为 省份', GROUP],
    ['标签组 排序 地区 7', GROUP],
    ['标签组 置顶 地区', GROUP],
    ['标签组 删除 地区', GROUP],
    ['标签 添加 北京 到 地区', GROUP],
    ['把抖音改名为抖音号；标签 排序 老客 7', TAG],
  ])('%s, which is called otherwise by now: told how, nothing is done', async (text, target) => {
    const chat = await startChat({ env: PLAIN });
    await chat.say(MEMBER, '标签 列表');
    // By another app of ours, say: no event tells of it (doc 92130).
    chat.sandbox.corp.library.edit({ id: target(chat), name: '现名' });
    const before = everything(chat);
    expect(await chat.say(MEMBER, text)).toMatch(/「(老客|地区)」现在叫「现名」[\s\S]*没有改/);
    expect(everything(chat)).toBe(before);
    expect(writes(chat)).toEqual([]);
    expect(await chat.say(MEMBER, '确认')).toContain('没有等待确认');
  });
});

test.each(['加金卡，旧客改熟客', '加金卡到分极，旧客改熟客'])(
  '%s: a question says what was taken for a remark, which no answer to it carries out',
  async (text) => {
    const chat = await startChat({ env: { REPLY_FORMAT: 'plain' } });
    const answer = await chat.say('zhangsan', text);
    expect(asks(answer)).toBeDefined();
    expect(answer).toContain('旧客改熟客');
  },
);

test.each(['查老客，客户分级加钻石', '客户分级加钻石，再查一下老客'])(
  '%s: what was to be looked up is told to have been passed over',
  async (text) => {
    const chat = await startChat({ env: { REPLY_FORMAT: 'plain' } });
    const answer = await chat.say('zhangsan', text);
    expect(asks(answer)).toBe('confirm');
    expect(answer).toMatch(/「[^」]*查[^」]*老客」当作备注/);
  },
);
