/** Every command that is about a library, said of the one that is not chosen: what the platform then holds, and what is answered. */
import { describe, expect, test } from 'vitest';
import { asks, type Chat } from '../chat.ts';
import { ROWS, type Row } from '../resolve/both-libraries.ts';
import { MEMBER, sayAndConfirm, startChat, type Tree, treeOf } from './talk.ts';

interface Named {
  readonly said: string;
  /** As an answer names it. */
  readonly name: string;
  readonly lands: string;
  readonly other: string;
  /** Something that only it holds. */
  readonly holds: RegExp;
}

const CORP: Named = {
  said: '企业标签',
  name: '企业标签',
  lands: '在企业标签',
  other: '华东大区',
  holds: /北京|企业标签/,
};
const EAST: Named = {
  said: '华东',
  name: '华东大区',
  lands: '在规则组「华东大区」',
  other: '企业标签',
  holds: /杭州|华东大区/,
};

function treeIn(chat: Chat, { name }: Named): Tree {
  if (name !== '企业标签') return treeOf(chat, name);
  return Object.fromEntries(
    chat.sandbox.corp.corpTags().map((each) => [each.group_name, each.tag.map((tag) => `${tag.name} ${tag.order}`)]),
  );
}

const everyOrder = (chat: Chat) => JSON.stringify([chat.sandbox.corp.corpTags(), chat.sandbox.corp.ruleGroups()]);

const said = ({ says, below }: Row, library: string) =>
  below === undefined ? `${library} ${says[0]}` : `${library} ${says[0]}\n${below}`;

const rows = Object.entries(ROWS).flatMap(([id, row]) => (typeof row === 'string' ? [] : [[id, row] as const]));
const written = rows.filter(([, row]) => row.writes);
const shown = rows.filter(([id, row]) => !row.writes && id !== 'undo' && id !== 'history' && id !== 'tag.move');

describe.each([
  [CORP, EAST],
  [EAST, CORP],
] as const)('named: $said', (here, there) => {
  async function open(): Promise<Chat> {
    const chat = await startChat({ env: { REPLY_FORMAT: 'plain' } });
    await chat.say(MEMBER, `切换到${here.other}`);
    return chat;
  }

  test.each(written)('%s changes it alone, says so, and is taken back there', async (_, row) => {
    const chat = await open();
    const [before, beside, orders] = [treeIn(chat, here), treeIn(chat, there), everyOrder(chat)];
    expect(await sayAndConfirm(chat, MEMBER, said(row, here.said))).toContain(here.lands);
    expect(treeIn(chat, there)).toEqual(beside);
    expect(everyOrder(chat)).not.toBe(orders);
    expect(await sayAndConfirm(chat, MEMBER, `${there.said} 撤销`)).toContain(`没有你可以撤销的改动（${there.name}）`);
    expect(await sayAndConfirm(chat, MEMBER, `${here.said} 撤销`)).toContain(here.lands);
    expect(treeIn(chat, there)).toEqual(beside);
    expect(Object.keys(treeIn(chat, here)).sort()).toEqual(Object.keys(before).sort());
  });

  test.each(shown)('%s shows it', async (_, row) => {
    const chat = await open();
    const answer = await chat.say(MEMBER, said(row, here.said));
    expect(answer).toMatch(here.holds);
    expect(answer.replace('企业标签和规则组标签共用', '')).not.toMatch(there.holds);
  });

  test('历史 tells of it alone, also as it is asked for afterwards', async () => {
    const chat = await open();
    await chat.say(MEMBER, '标签 添加 外地新 到 客户分级');
    await chat.say(MEMBER, `${here.said} 添加 本地新 到 客户分级`);
    for (const text of [`${here.said} 历史`, `历史 ${here.said}`, `${here.said}今天改了什么`, `谁改了${here.said}`]) {
      const answer = await chat.say(MEMBER, text);
      expect(answer, text).toContain(here.name);
      expect(answer, text).toContain('本地新');
      expect(answer, text).not.toContain('外地新');
    }
  });

  test('撤销 leaves what was done elsewhere since', async () => {
    const chat = await open();
    await chat.say(MEMBER, `${here.said} 添加 本地新 到 客户分级`);
    await chat.say(MEMBER, '标签 添加 外地新 到 客户分级');
    for (const [text, gone] of [
      [`${here.said} 撤销`, /已撤销.*本地新/],
      ['撤销', /已撤销.*外地新/],
    ] as const)
      expect(await sayAndConfirm(chat, MEMBER, text)).toMatch(gone);
  });

  test('移动 cannot be done there either, and a new tag is offered there', async () => {
    const chat = await open();
    expect(await chat.say(MEMBER, `${here.said}的上海移到客户分级`)).toContain('不支持把标签移到别的组');
    const beside = treeIn(chat, there);
    await chat.say(MEMBER, '1');
    expect(treeIn(chat, there)).toEqual(beside);
    expect(JSON.stringify(treeIn(chat, here).客户分级)).toContain('上海');
  });
});

describe('a change of both libraries', () => {
  test('is shown before it is taken back for the sake of one', async () => {
    const chat = await startChat({ env: { REPLY_FORMAT: 'plain' } });
    await sayAndConfirm(chat, MEMBER, '企业标签 添加 甲 到 客户分级；华东 添加 乙 到 客户分级');
    const plan = await chat.say(MEMBER, '企业标签 撤销');
    expect(plan).toMatch(/甲[\s\S]*回复「确认」|乙[\s\S]*回复「确认」/);
    expect(JSON.stringify(treeIn(chat, EAST).客户分级)).toContain('乙');
  });
});

describe('the name of a library as a name', () => {
  test.each([
    '标签 添加 华东 到 地区',
    '把华东加到地区',
    '给地区加个华东',
    '+ 华东 @地区',
    '标签 添加 华东有房 到 地区',
    '标签 添加 华东新客 到 地区',
  ])('%s: is kept whole', async (text) => {
    const chat = await startChat({ env: { REPLY_FORMAT: 'plain' } });
    await chat.say(MEMBER, text);
    const added = /华东(?:有房|新客)?/.exec(text)?.[0];
    expect(treeOf(chat).地区).toEqual(['上海', '杭州', '苏州', added]);
  });

  test('at the end of a list it may be either, so that it is shown first', async () => {
    const chat = await startChat({ env: { REPLY_FORMAT: 'plain' } });
    const before = everyOrder(chat);
    expect(await chat.say(MEMBER, '地区 加 南京 华东')).toMatch(/南京、华东[\s\S]*回复「确认」/);
    expect(everyOrder(chat)).toBe(before);
  });
});

test.each([
  '切换到企业标签，加个VIP到客户分级',
  '切换到企业标签然后把普通改名为一般',
  '切换到企业标签\n加 甲 到 客户分级\n加 乙 到 地区',
])('%s: switches, and does the rest there', async (text) => {
  const chat = await startChat({ env: { REPLY_FORMAT: 'plain' } });
  const east = treeOf(chat);
  expect(await chat.say(MEMBER, text)).toMatch(/✅[\s\S]*已切换到企业标签/);
  expect(treeOf(chat)).toEqual(east);
  expect(await chat.say(MEMBER, '标签组 列表')).toContain('「企业标签」');
});

test('while nobody has chosen, an import goes where its groups are', async () => {
  const chat = await startChat({ env: { REPLY_FORMAT: 'plain', DEFAULT_STRATEGY_ID: '' } });
  expect(await sayAndConfirm(chat, MEMBER, '导入\n持卡类型：黑卡')).toContain('在企业标签');
  expect(JSON.stringify(treeIn(chat, CORP).持卡类型)).toContain('黑卡');
});

test.each([
  ['企业标签 加 甲 ▸ 客户分级', '甲'],
  ['企业标签 加 甲 ▸ 2', '甲'],
  ['企业标签 改名 普通 ▸ 一般', '一般'],
  ['企业标签 排序 重点 ▸ 99', '重点 99'],
  ['企业标签 标签 置顶 ▸ 重点', '重点 4'],
  ['企业标签 标签组 新建 节日 ▸ 春节、中秋', '春节'],
])('%s: what was still missing goes to the library that was named', async (dialogue, there) => {
  const chat = await startChat({ env: { REPLY_FORMAT: 'plain' } });
  const east = everyOrder(chat).split('华东大区')[1];
  for (const turn of dialogue.split(' ▸ ')) await chat.say(MEMBER, turn);
  expect(JSON.stringify(treeIn(chat, CORP))).toContain(there);
  expect(everyOrder(chat).split('华东大区')[1]).toBe(east);
});

test.each(['删除企业标签', '企业标签 删除', '删除企业标签地区里的标签'])(
  '%s: offers the tags of that library',
  async (text) => {
    const chat = await startChat({ env: { REPLY_FORMAT: 'plain' } });
    const question = await chat.say(MEMBER, text);
    expect(question).not.toMatch(/抖音|杭州/);
    if (asks(question) === 'pick') expect(await chat.say(MEMBER, '1')).toContain('在企业标签');
  },
);

describe('names that both libraries hold', () => {
  /** 企业标签 and 华东大区 alone, and nobody has chosen. */
  async function unchosen(): Promise<Chat> {
    const chat = await startChat({ env: { REPLY_FORMAT: 'plain', DEFAULT_STRATEGY_ID: '' } });
    chat.sandbox.corp.library.drop(2);
    chat.sandbox.corp.strategies.del({ strategy_id: 2 });
    await chat.restart();
    return chat;
  }

  /** A new group is in neither. */
  const ambiguous = written.filter(([id]) => id !== 'group.create');
  const alone = ({ says, below }: Row) => (below === undefined ? says[0] : `${says[0]}\n${below}`);

  describe.each(ambiguous)('%s', (_, row) => {
    test('nobody has chosen: asked, and the answer decides', async () => {
      const chat = await unchosen();
      const before = everyOrder(chat);
      const question = await chat.say(MEMBER, alone(row));
      expect(asks(question)).toBe('choice');
      expect(everyOrder(chat)).toBe(before);
      const at = /(\d) .*企业标签/.exec(question)?.[1] ?? '';
      const east = treeIn(chat, EAST);
      await sayAndConfirm(chat, MEMBER, at);
      expect(treeIn(chat, EAST)).toEqual(east);
      expect(everyOrder(chat)).not.toBe(before);
    });

    test.each([
      ['企业标签', EAST],
      ['华东大区', CORP],
    ] as const)('chosen by 切换 to %s', async (chosen, there) => {
      const chat = await unchosen();
      await chat.say(MEMBER, `切换到${chosen}`);
      const [before, beside] = [everyOrder(chat), treeIn(chat, there)];
      await sayAndConfirm(chat, MEMBER, alone(row));
      expect(everyOrder(chat)).not.toBe(before);
      expect(treeIn(chat, there)).toEqual(beside);
    });

    test.each([
      ['企业标签', EAST],
      ['华东', CORP],
    ] as const)('the last exchange was about a group of %s', async (spoken, there) => {
      const chat = await unchosen();
      await chat.say(MEMBER, `${spoken}的渠道来源`);
      const [before, beside] = [everyOrder(chat), treeIn(chat, there)];
      expect(await sayAndConfirm(chat, MEMBER, alone(row))).toMatch(/在企业标签|在规则组「华东大区」/);
      expect(everyOrder(chat)).not.toBe(before);
      expect(treeIn(chat, there)).toEqual(beside);
    });
  });
});
