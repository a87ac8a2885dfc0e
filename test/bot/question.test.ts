import { describe, expect, it } from 'vitest';
import { answerTo } from '../../src/bot/dialog/question.ts';
import type { Question } from '../../src/bot/session.ts';
import { parse } from '../../src/command/parser.ts';
import type { Reading } from '../../src/command/reading.ts';
import { commands } from '../../src/command/table/grammar.ts';
import type { Order } from '../../src/resolve/order.ts';

const head = { id: 'q1', expiresAt: 0, askedBy: { key: 'm:1', createTime: 0 } };
const order: Order = { command: 'stats' };
const choice: Question = {
  ...head,
  kind: 'choice',
  options: [
    { label: '客户分级', order },
    { label: '地区', order },
    { label: '都要', order },
  ],
};
const single: Question = { ...head, kind: 'choice', options: [{ label: '添加', order }] };
const confirm: Question = {
  ...head,
  kind: 'confirm',
  plan: { change: { kind: 'undo', ids: [1] }, fingerprint: '[]', title: ['要撤销改动 1 吗？'] },
};
const pick: Question = {
  ...head,
  kind: 'pick',
  options: ['甲', '乙', '丙', '丁'].map((label) => ({ label, order })),
};

function answer(open: Question, text: string): string {
  const answered = answerTo(open, text, parse(text));
  switch (answered.kind) {
    case 'taken':
      return `take ${answered.indexes.join(' ')}`;
    case 'again':
      return `again ${answered.why}`;
    case 'filled':
      return answered.parsed.kind === 'sentence' ? JSON.stringify(answered.parsed.readings[0]) : answered.parsed.kind;
    default:
      return answered.kind;
  }
}

describe('a choice', () => {
  it.each([
    ['1', 'take 0'],
    ['２', 'take 1'],
    ['二', 'take 1'],
    ['第一个', 'take 0'],
    ['①', 'take 0'],
    ['选2', 'take 1'],
    ['2.', 'take 1'],
    ['2号', 'take 1'],
    ['地区', 'take 1'],
    ['地區', 'take 1'],
    ['「地区」', 'take 1'],
    ['选地区', 'take 1'],
    ['就地区吧', 'take 1'],
    ['都要', 'take 2'],
    ['4', 'again range'],
    ['0', 'cancelled'],
    ['取消', 'cancelled'],
    ['算了', 'cancelled'],
    ['都不是', 'cancelled'],
    ['都不删', 'cancelled'],
    ['分级里的', 'take 0'],
    ['地区的那个 嗯', 'take 1'],
    ['不是地区的 是分级的', 'take 0'],
    ['除了地区那个都删', 'take 0'],
    ['两个都删了吧', 'take 2'],
    ['三个都删', 'again range'],
    ['1和2', 'take 0 1'],
    ['最后一个', 'take 1'],
    ['2️⃣', 'take 1'],
    ['删吧', 'again choose'],
    ['😂', 'again choose'],
    ['随便', 'again choose'],
    ['好', 'again choose'],
    ['确认', 'again choose'],
    ['等等', 'again wait'],
    ['抖音', 'unrelated'],
    ['删除抖音', 'unrelated'],
    ['把地区改名为城市', 'unrelated'],
  ])('%s → %s', (text, expected) => {
    expect(answer(choice, text)).toBe(expected);
  });
});

describe('a single suggestion', () => {
  it.each(['1', '好', '好的', '对', '是', '是的', '嗯', '。', 'ok', 'OK', 'y', '行', '👌', '添加'])(
    'is taken with %s',
    (text) => {
      expect(answer(single, text)).toBe('take 0');
    },
  );
  it.each([
    ['不', 'cancelled'],
    ['不是', 'cancelled'],
    ['no', 'cancelled'],
    ['取消', 'cancelled'],
    ['确认', 'again choose'],
    ['等一下', 'again wait'],
    ['2', 'again range'],
    ['VIP', 'unrelated'],
    ['', 'unrelated'],
  ])('%s → %s', (text, expected) => {
    expect(answer(single, text)).toBe(expected);
  });
});

describe('a plan', () => {
  it.each([
    ['确认', 'confirmed'],
    ['確認', 'confirmed'],
    ['确定', 'confirmed'],
    ['确认！', 'confirmed'],
    ['确认删除', 'confirmed'],
    ['confirm', 'confirmed'],
    ['取消', 'cancelled'],
    ['算了', 'cancelled'],
    ['不要', 'cancelled'],
    ['别', 'cancelled'],
    ['好', 'again say-confirm'],
    ['1', 'again say-confirm'],
    ['ok', 'again say-confirm'],
    ['等等', 'again wait'],
    ['稍等。', 'again wait'],
    ['等我看看', 'again wait'],
    ['等级', 'unrelated'],
    ['确认一下删除会怎样', 'unrelated'],
    ['不确认', 'cancelled'],
    ['VIP', 'unrelated'],
    ['删除VIP', 'unrelated'],
  ])('%s → %s', (text, expected) => {
    expect(answer(confirm, text)).toBe(expected);
  });
});

describe('a pick', () => {
  it.each([
    ['1、3', 'take 0 2'],
    ['1 3', 'take 0 2'],
    ['2-4', 'take 1 2 3'],
    ['全部', 'take 0 1 2 3'],
    ['甲、丙', 'take 0 2'],
    ['1、9', 'again range'],
    ['取消', 'cancelled'],
    ['确认', 'again choose'],
    ['VIP', 'unrelated'],
  ])('%s → %s', (text, expected) => {
    expect(answer(pick, text)).toBe(expected);
  });
});

describe('a missing slot', () => {
  const slot = (
    reading: Reading,
    missing: Extract<Question, { kind: 'slot' }>['slot'],
    examples: string[] = [],
  ): Question => ({
    ...head,
    kind: 'slot',
    slot: missing,
    reading,
    examples,
  });
  const toGroup = slot({ command: 'tag.add', tags: ['金卡'] }, 'group', ['客户分级', '地区']);
  const filled = (group: string): string => JSON.stringify({ command: 'tag.add', tags: ['金卡'], group });
  it.each([
    ['客户分级', filled('客户分级')],
    ['加到客户分级', filled('客户分级')],
    ['到 客户分级', filled('客户分级')],
    ['2', filled('地区')],
    ['“新的组”', filled('“新的组”')],
    ['取消', 'cancelled'],
    ['不要了', 'cancelled'],
    ['确认', 'again choose'],
    ['等下', 'again wait'],
    ['删除抖音', 'unrelated'],
    ['标签 列表', 'unrelated'],
    ['算了不改了', 'cancelled'],
    ['不着急', 'again wait'],
    ['怎么删除？', 'unrelated'],
    ['谢谢', 'again name'],
    ['我想想', 'again wait'],
  ])('the group: %s → %s', (text, expected) => {
    expect(answer(toGroup, text)).toBe(expected);
  });

  it.each([
    ['至尊VIP', '至尊VIP'],
    ['改成至尊VIP', '至尊VIP'],
    ['叫至尊VIP', '至尊VIP'],
    ['“我想想”', '“我想想”'],
  ])('the new name: %s', (text, to) => {
    expect(answer(slot({ command: 'tag.rename', tag: 'SVIP' }, 'to'), text)).toBe(
      JSON.stringify({ command: 'tag.rename', tag: 'SVIP', to }),
    );
  });
  it.each(['谢谢', '算了吧我再想想', '什么意思', '好的'])('the new name is not %s', (text) => {
    expect(answer(slot({ command: 'tag.rename', tag: 'SVIP' }, 'to'), text)).not.toMatch(/^\{/);
  });

  it('the value, in any width', () => {
    const order = slot({ command: 'tag.order', tag: 'SVIP' }, 'order', ['100']);
    expect(answer(order, '５０')).toBe(JSON.stringify({ command: 'tag.order', tag: 'SVIP', order: 50 }));
    expect(answer(order, '很大')).toBe('unrelated');
  });

  it('names, people and departments', () => {
    expect(answer(slot({ command: 'group.create', group: '等级', tags: [] }, 'tags'), '青铜、白银')).toBe(
      JSON.stringify({ command: 'group.create', group: '等级', tags: ['青铜', '白银'] }),
    );
    expect(answer(slot({ command: 'tag.delete', tags: [] }, 'tags'), '改名服务')).toBe(
      JSON.stringify({ command: 'tag.delete', tags: ['改名服务'] }),
    );
    const create: Reading = { command: 'rule.create', rule: '华北', admins: [], range: [] };
    expect(answer(slot(create, 'people'), '@张三、lisi')).toBe(JSON.stringify({ ...create, admins: ['张三', 'lisi'] }));
    expect(answer(slot(create, 'range'), '销售部、@lisi')).toBe(
      JSON.stringify({ ...create, range: ['销售部', '@lisi'] }),
    );
    expect(answer(slot({ command: 'rule.show' }, 'rule'), '华东区')).toBe(
      JSON.stringify({ command: 'rule.show', rule: '华东区' }),
    );
  });
});

describe('a rule group to choose', () => {
  it('is taken by number or name', () => {
    const open: Question = {
      ...head,
      kind: 'library',
      options: [
        { id: 1, name: '华东区' },
        { id: 2, name: '华南区' },
      ],
      reading: { command: 'tag.list' },
    };
    expect(answer(open, '2')).toBe('take 1');
    expect(answer(open, '华南区')).toBe('take 1');
    expect(answer(open, '华北区')).toBe('unrelated');
    expect(answer(open, '确认')).toBe('again choose');
  });
});

describe('a command said in full', () => {
  const slot = (reading: Reading, missing: Extract<Question, { kind: 'slot' }>['slot']): Question => ({
    ...head,
    kind: 'slot',
    slot: missing,
    reading,
    examples: ['客户分级', '地区'],
  });
  const create: Reading = { command: 'rule.create', rule: '华北', admins: [], range: [] };
  const open: [what: string, question: Question][] = [
    ['a choice', choice],
    ['a suggestion', single],
    ['a plan', confirm],
    ['a pick', pick],
    [
      'a rule group to choose',
      { ...head, kind: 'library', options: [{ id: 1, name: '华东区' }], reading: { command: 'tag.list' } },
    ],
    ['a group to add to', slot({ command: 'tag.add', tags: ['金卡'] }, 'group')],
    ['tags to add', slot({ command: 'tag.add', tags: [] }, 'tags')],
    ['tags to delete', slot({ command: 'tag.delete', tags: [] }, 'tags')],
    ['a tag to look for', slot({ command: 'tag.find', query: '' }, 'tag')],
    ['a tag to rename', slot({ command: 'tag.rename', tag: '' }, 'tag')],
    ['a new name', slot({ command: 'tag.rename', tag: 'SVIP' }, 'to')],
    ['a group to delete', slot({ command: 'group.delete', groups: [] }, 'group')],
    ['a group to create', slot({ command: 'group.create', group: '', tags: [] }, 'group')],
    ['the tags of a new group', slot({ command: 'group.create', group: '等级', tags: [] }, 'tags')],
    ['a value', slot({ command: 'tag.order', tag: 'SVIP' }, 'order')],
    ['a rule group', slot({ command: 'rule.show' }, 'rule')],
    ['people', slot(create, 'people')],
    ['a range', slot(create, 'range')],
  ];
  const said = commands
    .filter(({ id }) => id !== 'confirm' && id !== 'cancel')
    .flatMap(({ words, examples }) => [
      words[0],
      ...examples.filter((example) => words.some((each) => example.startsWith(`${each} `))),
    ])
    .concat('标签 添加 绝密客户戊 到 客户分级', '把金卡加到客户分级', '把老客改名为大客户', '查 老客', '帮助 添加')
    .map((text) => text.replaceAll('{组}', '客户分级').replaceAll('{标签}', '老客').replaceAll('{规则组}', '华东区'));

  it.each(open)('drops %s', (_, question) => {
    expect(said.length).toBeGreaterThan(commands.length);
    expect(said.filter((text) => answer(question, text) !== 'unrelated')).toEqual([]);
  });

  it.each(['把名字改成至尊VIP', '把它改成至尊VIP', '改成至尊VIP', '就叫至尊VIP'])(
    'is not one that only gives the name: %s',
    (text) => {
      expect(answer(slot({ command: 'tag.rename', tag: 'SVIP' }, 'to'), text)).toContain('"to":"至尊VIP"');
    },
  );
});
