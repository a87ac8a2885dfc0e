import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TemplateCard } from '../../src/message.ts';
import { CARD_LIMITS, cardProblem, questionCard, readPress, replaceName, summaryCard } from '../../src/reply/card.ts';
import { type Choice, line, name, type Question, type Reply } from '../../src/reply/reply.ts';
import { anyReply } from './samples.ts';

const reply = (question: Partial<Question>, rest: Partial<Reply> = {}): Reply => ({
  tone: 'ask',
  title: line`删除标签组${name('客户分级')}？`,
  lines: [],
  question: { id: 'q-1', kind: 'confirm', choices: [], ...question },
  ...rest,
});
const card = (of: Reply) => questionCard(of, of.question as Question);
const choices = (labels: readonly string[], detail?: string): Choice[] =>
  labels.map((label, i) => ({ key: String(i + 1), label, ...(detail !== undefined && { detail }) }));

describe('the card of', () => {
  test('a plan that destroys something', () => {
    const of = reply(
      { confirmLabel: '确认删除', destructive: true },
      {
        lines: [line`组内 12 个标签会一起删除`, line`客户身上的标签也会消失`],
        hint: line`5 分钟内有效，只有你能确认`,
        facts: [{ key: '规则组', value: '华东一部' }],
      },
    );
    expect(card(of)).toEqual({
      card_type: 'button_interaction',
      task_id: 'q-1',
      main_title: { title: '删除标签组「客户分级」？', desc: '5 分钟内有效，只有你能确认' },
      sub_title_text: '组内 12 个标签会一起删除\n客户身上的标签也会消失',
      horizontal_content_list: [{ keyname: '规则组', value: '华东一部' }],
      button_list: [
        { text: '取消', style: 3, key: 'cancel' },
        { text: '确认删除', style: 4, key: 'confirm' },
      ],
    });
  });

  test('a plan that destroys nothing', () => {
    expect(card(reply({}, { title: line`新建 11 个标签？` }))).toEqual({
      card_type: 'button_interaction',
      task_id: 'q-1',
      main_title: { title: '新建 11 个标签？' },
      button_list: [
        { text: '取消', style: 3, key: 'cancel' },
        { text: '确认', style: 1, key: 'confirm' },
      ],
    });
  });

  test('a choice among things of the same name: the buttons say where each is', () => {
    const of = reply({
      kind: 'choice',
      choices: [
        { key: '1', label: '客户分级' },
        { key: '2', label: '客户分级', detail: '企业标签' },
        { key: '3', label: '客户分级', detail: '华南' },
        { key: '4', label: '客户分级', detail: '华南大区直营门店一部' },
        { key: '5', label: '客户等级', detail: '企业标签' },
      ],
    });
    const buttons = card(of)?.button_list as { text: string }[];
    expect(buttons.map(({ text }) => text)).toEqual([
      '1 客户分级',
      '2 企业标签',
      '3 客户分级·华南',
      '4 客户分级',
      '5 客户等级',
      '取消',
    ]);
  });

  test('a choice among a few short things', () => {
    const of = reply(
      { kind: 'choice', choices: choices(['客户分级', '地区']) },
      { title: line`${name('VIP')} 在哪个组？` },
    );
    expect(card(of)).toEqual({
      card_type: 'button_interaction',
      task_id: 'q-1',
      main_title: { title: 'VIP 在哪个组？' },
      button_list: [
        { text: '客户分级', style: 1, key: '1' },
        { text: '地区', style: 1, key: '2' },
        { text: '取消', style: 3, key: 'cancel' },
      ],
    });
  });

  test('a choice with details, which are told above the buttons', () => {
    const of = reply({ kind: 'choice', choices: choices(['VIP', 'SVIP'], '华东') }, { title: line`哪一个？` });
    expect(card(of)).toMatchObject({ sub_title_text: '1 VIP（华东）\n2 SVIP（华东）' });
  });

  test('a choice among things of one name, which are told apart by number', () => {
    const of = reply({ kind: 'choice', choices: choices(['VIP', 'VIP', '地区']) }, { title: line`哪一个？` });
    expect(card(of)).toMatchObject({
      sub_title_text: '1 VIP\n2 VIP\n3 地区',
      button_list: [{ text: '1 VIP' }, { text: '2 VIP' }, { text: '3 地区' }, { text: '取消' }],
    });
  });

  test('a choice among six leaves no room for 取消', () => {
    const of = reply({ kind: 'choice', choices: choices(['一', '二', '三', '四', '五', '六']) });
    expect(card(of)).toMatchObject({
      button_list: choices(['一', '二', '三', '四', '五', '六']).map(({ label }) => ({ text: label })),
    });
  });

  test('a choice among seven', () => {
    const labels = ['一', '二', '三', '四', '五', '六', '七'];
    expect(card(reply({ kind: 'choice', choices: choices(labels) }, { title: line`哪一个？` }))).toEqual({
      card_type: 'button_interaction',
      task_id: 'q-1',
      main_title: { title: '哪一个？' },
      button_selection: {
        question_key: 'chosen',
        title: '请选择',
        option_list: labels.map((text, i) => ({ id: String(i + 1), text })),
      },
      button_list: [
        { text: '取消', style: 3, key: 'cancel' },
        { text: '确定', style: 1, key: 'submit' },
      ],
    });
  });

  test('a choice among long things shows them whole above and numbered in the list', () => {
    const long = '一二三四五六七八九十一二三四五六七';
    const of = reply({ kind: 'choice', choices: choices([long, '地区']) }, { title: line`哪一个？` });
    expect(card(of)).toMatchObject({
      sub_title_text: `1 ${long}\n2 地区`,
      button_selection: {
        option_list: [
          { id: '1', text: '1 一二三四五六七八九十一二三…' },
          { id: '2', text: '2 地区' },
        ],
      },
    });
  });

  test('several to pick from', () => {
    const of = reply(
      { kind: 'pick', choices: choices(['VIP', 'SVIP']) },
      { title: line`删除哪些？`, lines: [line`可以选几个`] },
    );
    expect(card(of)).toEqual({
      card_type: 'vote_interaction',
      task_id: 'q-1',
      main_title: { title: '删除哪些？', desc: '可以选几个' },
      checkbox: {
        question_key: 'chosen',
        mode: 1,
        option_list: [
          { id: '1', text: 'VIP', is_checked: false },
          { id: '2', text: 'SVIP', is_checked: false },
        ],
      },
      submit_button: { text: '确定', key: 'submit' },
    });
  });

  test('a group', () => {
    const of: Reply = {
      tone: 'info',
      title: line`${name('客户分级')}：2 个标签`,
      lines: [line`1. VIP`, line`2. SVIP`],
      facts: [{ key: '规则组', value: '华东' }],
    };
    expect(summaryCard(of, 'https://example.com/tags')).toEqual({
      card_type: 'text_notice',
      main_title: { title: '客户分级：2 个标签' },
      sub_title_text: '1. VIP\n2. SVIP',
      horizontal_content_list: [{ keyname: '规则组', value: '华东' }],
      card_action: { type: 1, url: 'https://example.com/tags' },
    });
    expect(summaryCard({ ...of, facts: [] }, 'https://example.com')).toBeUndefined();
    expect(summaryCard({ ...of, lines: [line`${'长'.repeat(161)}`] }, 'https://example.com')).toBeUndefined();
    expect(summaryCard(of, `https://example.com/${'a'.repeat(2048)}`)).toBeUndefined();
  });
});

describe('no card is made, and the question is asked in text, when', () => {
  const long = '🎉'.repeat(80);
  const table: readonly [why: string, of: Reply][] = [
    ['text is asked for', reply({ kind: 'slot' })],
    ['the plan would be cut', reply({}, { lines: [line`${long}`, line`${long}`] })],
    ['it is one page of several', reply({}, { page: { number: 1, more: true } })],
    [
      'there are more than ten choices',
      reply({ kind: 'choice', choices: choices(Array.from('一二三四五六七八九十百')) }),
    ],
    [
      'there are more than twenty to pick',
      reply({ kind: 'pick', choices: choices(Array.from({ length: 21 }, (_, i) => `标签${i}`)) }),
    ],
    ['there is nothing to choose', reply({ kind: 'choice' })],
    ['there is nothing to pick', reply({ kind: 'pick' })],
    ['a key is one of the card itself', reply({ kind: 'choice', choices: [{ key: 'confirm', label: '甲' }] })],
    [
      'two keys are the same',
      reply({
        kind: 'choice',
        choices: [
          { key: 'a', label: '甲' },
          { key: 'a', label: '乙' },
        ],
      }),
    ],
    ['an option id is too long', reply({ kind: 'pick', choices: [{ key: '键'.repeat(43), label: '甲' }] })],
    [
      'two options would look the same',
      reply({ kind: 'pick', choices: choices([`${'长'.repeat(20)}甲`, `${'长'.repeat(20)}乙`]) }),
    ],
    ['a fact is too long', reply({}, { facts: [{ key: '规则组', value: '🎉'.repeat(31) }] })],
    [
      'there are too many facts',
      reply({}, { facts: Array.from({ length: 7 }, (_, i) => ({ key: `键${i}`, value: '值' })) }),
    ],
    ['the id is no task_id', reply({ id: '问题' })],
    ['the id is too long', reply({ id: 'a'.repeat(129) })],
  ];
  test.each(table)('%s', (_, of) => {
    expect(card(of)).toBeUndefined();
  });
});

describe('at the limits, with characters of 4 bytes', () => {
  const of4 = (n: number) => '🎉'.repeat(n);
  const fits = (of: Reply) => {
    const made = card(of);
    expect(made).toBeDefined();
    return made as TemplateCard;
  };

  test('a title of 36 is whole, one of 37 is cut and repeated below', () => {
    expect(fits(reply({}, { title: [of4(36)] }))).toMatchObject({ main_title: { title: of4(36) } });
    const longer = fits(reply({}, { title: [of4(37)] }));
    expect(longer).toMatchObject({ main_title: { title: `${of4(35)}…` }, sub_title_text: of4(37) });
  });

  test('a hint of 44 stands below the title, a longer one below the text', () => {
    expect(fits(reply({}, { hint: [of4(44)] }))).toMatchObject({ main_title: { desc: of4(44) } });
    expect(fits(reply({}, { lines: [['甲']], hint: [of4(45)] }))).toMatchObject({ sub_title_text: `甲\n${of4(45)}` });
  });

  test('a text of 160 fits, one of 161 does not', () => {
    fits(reply({}, { lines: [[of4(160)]] }));
    expect(card(reply({}, { lines: [[of4(161)]] }))).toBeUndefined();
  });

  test('button texts of 10, options of 16, checks of 17', () => {
    const confirm = fits(reply({ confirmLabel: of4(11) }));
    expect(confirm).toMatchObject({ button_list: [{}, { text: `${of4(9)}…` }] });
    expect(fits(reply({ kind: 'choice', choices: choices([of4(10)]) }))).toMatchObject({
      button_list: [{ text: of4(10) }, {}],
    });
    expect(fits(reply({ kind: 'choice', choices: choices([of4(16)]) }))).toMatchObject({
      button_selection: { option_list: [{ text: of4(16) }] },
    });
    expect(fits(reply({ kind: 'pick', choices: choices([of4(17)]) }))).toMatchObject({
      checkbox: { option_list: [{ text: of4(17) }] },
    });
    expect(fits(reply({ kind: 'pick', choices: choices([of4(18)]) }))).toMatchObject({
      checkbox: { option_list: [{ text: `${of4(16)}…` }] },
    });
  });

  test('keys of 1024 bytes on buttons, of 128 in lists, 20 things to pick, 10 to choose, an id of 128', () => {
    const long = '🎉'.repeat(256);
    fits(reply({ kind: 'choice', choices: [{ key: long, label: '甲' }] }));
    expect(card(reply({ kind: 'choice', choices: [{ key: `${long}a`, label: '甲' }] }))).toBeUndefined();
    fits(reply({ kind: 'pick', choices: [{ key: '🎉'.repeat(32), label: '甲' }] }));
    expect(card(reply({ kind: 'pick', choices: [{ key: `${'🎉'.repeat(32)}a`, label: '甲' }] }))).toBeUndefined();
    fits(reply({ kind: 'pick', choices: choices(Array.from({ length: 20 }, (_, i) => `标签${i}`)) }));
    fits(reply({ kind: 'choice', choices: choices(Array.from('一二三四五六七八九十')) }));
    fits(reply({ id: '@'.repeat(128) }));
  });

  test('the outcome on the buttons', () => {
    expect(replaceName('已删除')).toBe('已删除');
    expect(replaceName(of4(11))).toBe(`${of4(9)}…`);
  });
});

test('whatever is asked, a card that is made keeps every rule and splits no character', () => {
  fc.assert(
    fc.property(anyReply(30, 4), (of) => {
      const made = of.question && questionCard(of, of.question);
      if (!made) return;
      expect(cardProblem(made)).toBeUndefined();
      // In a key the platform hands back what it was given; everything that is shown must be whole.
      const { button_list: _buttons, button_selection: _selection, checkbox: _checkbox, ...visible } = made;
      expect(JSON.stringify(visible)).not.toMatch(/\\ud[89a-f]/);
    }),
    { numRuns: 300 },
  );
});

test('cardProblem names the rule that is broken', () => {
  const good: TemplateCard = {
    card_type: 'button_interaction',
    task_id: 'q-1',
    main_title: { title: '题' },
    button_list: [{ text: '取消', key: 'cancel' }],
  };
  expect(cardProblem(good)).toBeUndefined();
  const broken: readonly [string, Record<string, unknown>][] = [
    ['task_id', { task_id: undefined }],
    ['task_id', { task_id: 'a b' }],
    ['main_title.title', { main_title: { title: '长'.repeat(CARD_LIMITS.title + 1) } }],
    ['main_title.desc', { main_title: { title: '题', desc: '长'.repeat(CARD_LIMITS.titleDesc + 1) } }],
    ['sub_title_text', { sub_title_text: '' }],
    ['keyname', { horizontal_content_list: [{ keyname: '六个字的键名', value: '值' }] }],
    ['value', { horizontal_content_list: [{ keyname: '键', value: '值'.repeat(31) }] }],
    ['key: more than 6', { button_list: Array.from({ length: 7 }, (_, i) => ({ text: '键', key: String(i) })) }],
    [
      'key: twice',
      {
        button_list: [
          { text: '甲', key: 'a' },
          { text: '乙', key: 'a' },
        ],
      },
    ],
    ['key: length', { button_list: [{ text: '甲', key: '' }] }],
    ['key: text', { button_list: [{ text: '', key: 'a' }] }],
    [
      'id: more than 10',
      { button_selection: { option_list: Array.from({ length: 11 }, (_, i) => ({ id: String(i), text: '项' })) } },
    ],
  ];
  for (const [rule, fields] of broken) expect(cardProblem({ ...good, ...fields })).toBe(rule);
});

describe('a press says', () => {
  const press = (eventKey: string, selected: Record<string, string[]> = {}) =>
    readPress({ taskId: 'q-1', eventKey, selected });

  test('what its button or selection stands for', () => {
    expect(press('confirm')).toEqual({ questionId: 'q-1', action: 'confirm' });
    expect(press('cancel')).toEqual({ questionId: 'q-1', action: 'cancel' });
    expect(press('2')).toEqual({ questionId: 'q-1', action: { choices: ['2'] } });
    expect(press('submit', { chosen: ['1', '3'] })).toEqual({ questionId: 'q-1', action: { choices: ['1', '3'] } });
    expect(press('submit')).toEqual({ questionId: 'q-1', action: { choices: [] } });
  });

  test('the choice whose button or option it was, for every choice of every card', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 10 }),
        fc.nat(),
        (keys, n) => {
          const made = card(reply({ kind: 'choice', choices: keys.map((key, i) => ({ key, label: `选项${i}` })) }));
          if (!made) return;
          const key = keys[n % keys.length] as string;
          const byList = made.button_selection !== undefined;
          expect(byList ? press('submit', { chosen: [key] }) : press(key)).toEqual({
            questionId: 'q-1',
            action: { choices: [key] },
          });
        },
      ),
    );
  });
});
