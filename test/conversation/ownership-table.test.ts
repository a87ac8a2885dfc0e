/**
 * Ours, foreign, unknown × add, rename, order, delete, and taking each back × one and a batch: what the platform holds in
 * the end, what is said beforehand, and that nothing is told which did not happen.
 */
import { describe, expect, test } from 'vitest';
import { asks, type Chat } from '../chat.ts';
import { MEMBER, sayAndConfirm, startChat } from './talk.ts';

const MAY_FAIL = '后台建的标签，应用可能改不了';
const FAILED_BEFORE = '上次应用没能改';
const WHERE_ELSE = /企业客户标签」或管理后台/;

interface Owned {
  /** A group of theirs with at least three tags. */
  readonly group: string;
  readonly tags: readonly [string, string];
}

const OWNERS = {
  ours: { group: '节日', tags: ['春节', '中秋'] },
  foreign: { group: '持卡类型', tags: ['VIP', '金卡'] },
  unknown: { group: '跟进阶段', tags: ['已报价', '试用中'] },
} as const satisfies Readonly<Record<string, Owned>>;
type Owner = keyof typeof OWNERS;
const owners = Object.keys(OWNERS) as Owner[];

interface Action {
  readonly does: string;
  readonly say: (owned: Owned, at: 0 | 1) => string;
  /** An app may do it to what others have made. */
  readonly always?: true;
  readonly destroys?: true;
}

const ACTIONS: readonly Action[] = [
  { does: 'add', say: ({ group }, at) => `标签 添加 新${at} 到 ${group}`, always: true },
  { does: 'rename', say: ({ tags }, at) => `标签 改名 ${tags[at]} 为 ${tags[at]}二` },
  { does: 'order', say: ({ tags }, at) => `标签 排序 ${tags[at]} ${70 + at}` },
  { does: 'delete', say: ({ tags }, at) => `标签 删除 ${tags[at]}`, destroys: true },
];

/** In which each owner's tags are known for what they are: ours made here, the foreign ones refused once, the others untried. */
async function open(): Promise<Chat> {
  const chat = await startChat({ env: { REPLY_FORMAT: 'plain', DEFAULT_STRATEGY_ID: '' } });
  chat.sandbox.reset({ ruleGroups: false });
  await chat.restart();
  await chat.say(MEMBER, '标签组 新建 节日：春节、中秋、端午');
  for (const tag of OWNERS.foreign.tags) expect(await chat.say(MEMBER, `把${tag}改名为${tag}一`)).toContain('没有做成');
  return chat;
}

function groupsIn(chat: Chat): Record<string, string[]> {
  return Object.fromEntries(
    chat.sandbox.corp.corpTags().map((each) => [each.group_name, each.tag.map((tag) => `${tag.name} ${tag.order}`)]),
  );
}

const names = (tags: readonly string[] = []) => tags.map((tag) => tag.split(' ')[0]).sort();

describe.each(owners)('%s', (owner) => {
  const owned = OWNERS[owner];
  describe.each(ACTIONS)('$does', ({ say, always = false, destroys = false }) => {
    const succeeds = owner === 'ours' || always;

    test.each([
      ['one', (chat: Chat) => chat.say(MEMBER, say(owned, 0))],
      ['a batch', (chat: Chat) => chat.say(MEMBER, `${say(owned, 0)}；${say(owned, 1)}`)],
    ])('%s', async (_, ask) => {
      const chat = await open();
      const before = groupsIn(chat);
      const question = await ask(chat);
      const isAsked = asks(question) === 'confirm';
      expect(isAsked).toBe(destroys || (owner === 'foreign' && !always));
      if (isAsked) {
        expect(question.includes(FAILED_BEFORE)).toBe(owner === 'foreign');
        expect(question.includes(MAY_FAIL)).toBe(owner === 'unknown');
        expect(groupsIn(chat)).toEqual(before);
      }
      const answer = isAsked ? await chat.say(MEMBER, '确认') : question;
      expect(answer).not.toContain('不存在');
      if (!succeeds) {
        expect(answer).toMatch(/没有做成|没能/);
        expect(answer).toMatch(WHERE_ELSE);
        expect(groupsIn(chat)).toEqual(before);
        return;
      }
      expect(answer).not.toMatch(WHERE_ELSE);
      expect(groupsIn(chat)[owned.group]).not.toEqual(before[owned.group]);
      const undone = await sayAndConfirm(chat, MEMBER, '撤销');
      expect(undone).toContain('已撤销');
      const after = groupsIn(chat);
      if (destroys) expect(names(after[owned.group])).toEqual(names(before[owned.group]));
      else expect(after).toEqual(before);
    });
  });
});

test.each(ACTIONS)(
  '$does of all three at once: each as it is, and what was done is taken back',
  async ({ say, always = false }) => {
    const chat = await open();
    const before = groupsIn(chat);
    const answer = await sayAndConfirm(chat, MEMBER, owners.map((owner) => say(OWNERS[owner], 0)).join('；'));
    expect(answer).not.toContain('不存在');
    const after = groupsIn(chat);
    for (const owner of owners) {
      const { group } = OWNERS[owner];
      if (owner === 'ours' || always) expect(after[group], owner).not.toEqual(before[group]);
      else expect(after[group], owner).toEqual(before[group]);
    }
    if (!always) expect(answer).toMatch(WHERE_ELSE);
    expect(await sayAndConfirm(chat, MEMBER, '撤销')).toContain('已撤销');
    for (const { group } of Object.values(OWNERS)) expect(names(groupsIn(chat)[group])).toEqual(names(before[group]));
  },
);
