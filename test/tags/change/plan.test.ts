import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fingerprint, namesOf, planWrites } from '../../../src/tags/change/plan.ts';
import type { Note, Plan, Step, Write } from '../../../src/tags/change/step.ts';
import { Library } from '../../../src/tags/library.ts';
import { MAX_ORDER, type RuleGroup, type Tag, type TagGroup } from '../../../src/tags/tag.ts';
import { openShop } from '../shop.ts';

const EAST = 1;
const CHILD = 3;

function ruleGroup(id: number, parentId = 0): RuleGroup {
  return { id, parentId, name: `规则组${id}`, createTime: 0, admins: [], privilege: {} };
}

/** `VIP` or `VIP=7` for a tag with an order; the first is the oldest. */
function tagGroup(name: string, tags: readonly string[], more: Partial<TagGroup> = {}): TagGroup {
  return {
    id: `g:${name}`,
    name,
    order: 0,
    createTime: 0,
    libraryId: EAST,
    tags: tags.map((each, at): Tag => {
      const [tag = '', order = '0'] = each.split('=');
      return { id: `t:${tag}`, name: tag, order: Number(order), createTime: at };
    }),
    ...more,
  };
}

function libraryOf(...groups: TagGroup[]): Library {
  return new Library([ruleGroup(EAST), ruleGroup(CHILD, EAST)], groups, 0);
}

const GRADES = tagGroup('客户分级', ['普通=3', '重点=2', '老客=1'], { order: 2 });
const PLACES = tagGroup('地区', ['上海', '杭州'], { order: 1 });
const LIBRARY = libraryOf(GRADES, PLACES);

const tag = (name: string) => ({ id: `t:${name}`, name });
const group = (name: string) => ({ id: `g:${name}`, name });
const add = (to: string, ...tags: string[]): Write => ({
  command: 'tag.add',
  target: { kind: 'existing', group: { ...group(to), libraryId: EAST } },
  tags,
});
const create = (name: string, tags: string[], libraryId = EAST): Write => ({
  command: 'group.create',
  name,
  libraryId,
  tags,
});
const remove = (...names: string[]): Write => ({ command: 'tag.delete', targets: names.map(tag), absent: [] });
const removeGroup = (...names: string[]): Write => ({ command: 'group.delete', targets: names.map(group), absent: [] });
const top = (name: string): Write => ({ command: 'tag.top', target: tag(name) });
const topGroup = (name: string): Write => ({ command: 'group.top', target: group(name) });
const rename = (name: string, to: string): Write => ({ command: 'tag.rename', target: tag(name), to });

function planned(library: Library, ...writes: Write[]): Plan {
  const result = planWrites(
    writes.map((write) => ({ write })),
    library,
  );
  if (result.kind === 'problem') throw new Error(JSON.stringify(result.problem));
  return result.plan;
}

function problem(library: Library, ...writes: Write[]): unknown {
  const result = planWrites(
    writes.map((write) => ({ write })),
    library,
  );
  return result.kind === 'problem' ? result.problem : undefined;
}

/** A step in short: what, to which, how. */
function short(step: Step): string {
  switch (step.do) {
    case 'addTags':
      return `add ${step.creates ? 'new ' : ''}${step.group.name}${step.groupOrder === undefined ? '' : `=${step.groupOrder}`}: ${step.tags.map((each) => each.name).join()}`;
    case 'renameTag':
    case 'renameGroup':
      return `rename ${step.id} ${step.to}`;
    case 'orderTag':
    case 'orderGroup':
      return `order ${step.id} ${step.from}>${step.to}${step.makesRoom ? ' room' : ''}`;
    case 'deleteTags':
      return `delete ${step.tags.map((each) => each.id).join()}${step.takesGroup ? ' and group' : ''}`;
    case 'deleteGroup':
      return `delete ${step.id}: ${step.tags.length}`;
    default:
      return step.do;
  }
}

const steps = (plan: Plan) => plan.steps.map(short);
const MAX = MAX_ORDER;

test.each<[what: string, writes: Write[], steps: string[], notes: Note[]]>([
  ['add', [add('客户分级', 'VIP', 'SVIP')], ['add 客户分级: VIP,SVIP'], []],
  ['add trims', [add('客户分级', ' V I P ')], ['add 客户分级: V I P'], []],
  [
    'add what is there, in other spelling, and twice',
    [add('客户分级', '普通', '金', '金', '老 客')],
    ['add 客户分级: 金'],
    [
      { note: 'exists', group: '客户分级', name: '普通', as: '普通' },
      { note: 'repeated', name: '金' },
      { note: 'exists', group: '客户分级', name: '老 客', as: '老客' },
    ],
  ],
  ['add to a group that has gone', [add('没有的组', 'VIP')], [], [{ note: 'gone', name: '没有的组' }]],
  ['the same name in another group is another tag', [add('地区', '普通')], ['add 地区: 普通'], []],
  ['create', [create('会员等级', ['青铜', '白银'])], ['add new 会员等级: 青铜,白银'], []],
  [
    'create what is there',
    [create('客户 分级', ['VIP'])],
    ['add 客户分级: VIP'],
    [{ note: 'group-exists', group: '客户分级' }],
  ],
  [
    'later lines use a new group',
    [create('会员等级', ['青铜']), create('会员等级', ['白银'])],
    ['add new 会员等级: 青铜', 'add 会员等级: 白银'],
    [],
  ],
  ['delete one', [remove('普通')], ['delete t:普通'], []],
  [
    'delete from two groups, one of them whole, one tag named twice',
    [remove('普通', '上海', '杭州', '上海')],
    ['delete t:普通', 'delete t:上海,t:杭州 and group'],
    [],
  ],
  [
    'delete what has gone or never was',
    [{ command: 'tag.delete', targets: [tag('飞了'), tag('普通')], absent: ['没有'] }],
    ['delete t:普通'],
    [
      { note: 'absent', name: '没有' },
      { note: 'gone', name: '飞了' },
    ],
  ],
  ['delete a group', [removeGroup('地区')], ['delete g:地区: 2'], []],
  ['delete a group twice', [removeGroup('地区', '地区')], ['delete g:地区: 2'], [{ note: 'gone', name: '地区' }]],
  ['rename', [rename('普通', ' 一般 ')], ['rename t:普通 一般'], []],
  ['rename to another spelling of itself', [rename('普通', '普 通')], ['rename t:普通 普 通'], []],
  ['rename to itself', [rename('普通', '普通')], [], [{ note: 'same-name', name: '普通' }]],
  ['rename what has gone', [rename('飞了', 'X')], [], [{ note: 'gone', name: '飞了' }]],
  ['rename a group', [{ command: 'group.rename', target: group('地区'), to: '城市' }], ['rename g:地区 城市'], []],
  [
    'a group may be called like a tag',
    [{ command: 'group.rename', target: group('地区'), to: '普通' }],
    ['rename g:地区 普通'],
    [],
  ],
  ['order', [{ command: 'tag.order', target: tag('普通'), order: 0 }], ['order t:普通 3>0'], []],
  [
    'order as it is',
    [{ command: 'tag.order', target: tag('普通'), order: 3 }],
    [],
    [{ note: 'same-order', name: '普通', order: 3 }],
  ],
  ['order a group', [{ command: 'group.order', target: group('地区'), order: MAX }], [`order g:地区 1>${MAX}`], []],
  ['top', [top('老客')], ['order t:老客 1>4'], []],
  ['top of what is first', [top('普通')], [], [{ note: 'already-first', name: '普通', group: '客户分级' }]],
  ['top of a group', [topGroup('地区')], ['order g:地区 1>3'], []],
  ['top of the first group', [topGroup('客户分级')], [], [{ note: 'already-first', name: '客户分级' }]],
  ['top twice', [top('老客'), top('重点')], ['order t:老客 1>4', 'order t:重点 2>5'], []],
  [
    'what later lines see: a renamed tag keeps its id, a freed name is free',
    [rename('普通', '一般'), add('客户分级', '普通'), rename('重点', '要紧')],
    ['rename t:普通 一般', 'add 客户分级: 普通', 'rename t:重点 要紧'],
    [],
  ],
  [
    'the last tags go and others come: the group is made anew where it was',
    [remove('上海', '杭州'), add('地区', '苏州'), add('地区', '南京')],
    ['delete t:上海,t:杭州 and group', 'add new 地区=1: 苏州', 'add 地区: 南京'],
    [],
  ],
  [
    'a deleted group takes no more part',
    [removeGroup('客户分级'), topGroup('地区'), create('客户分级', ['VIP'])],
    ['delete g:客户分级: 3', 'add new 客户分级: VIP'],
    [{ note: 'already-first', name: '地区' }],
  ],
])('%s', (_, writes, expected, notes) => {
  const plan = planned(LIBRARY, ...writes);
  expect(steps(plan)).toEqual(expected);
  expect(plan.notes).toEqual(notes);
  expect(plan.destroys).toBe(expected.some((step) => step.startsWith('delete')));
});

test.each<[what: string, writes: Write[], problem: object]>([
  [
    'a name that a sibling tag has',
    [rename('普通', '重点')],
    { problem: 'name-taken', name: '重点', group: '客户分级' },
  ],
  [
    'a name that a sibling group has',
    [{ command: 'group.rename', target: group('地区'), to: '客户分级' }],
    { problem: 'name-taken', name: '客户分级' },
  ],
  [
    'a name that an earlier line gives',
    [rename('普通', 'A'), rename('重点', 'A')],
    { problem: 'name-taken', name: 'A', group: '客户分级' },
  ],
  ['an empty name', [add('客户分级', ' ')], { problem: 'bad-name', name: '', why: 'empty' }],
  ['a control character', [rename('普通', 'a\u0007b')], { problem: 'bad-name', name: 'a\u0007b', why: 'control' }],
  [
    '31 code points',
    [create('👨'.repeat(31), ['x'])],
    { problem: 'bad-name', name: '👨'.repeat(31), why: 'too-long', length: 31 },
  ],
  ['order 2^32', [{ command: 'tag.order', target: tag('普通'), order: 2 ** 32 }], { problem: 'bad-order' }],
  ['order -1', [{ command: 'group.order', target: group('地区'), order: -1 }], { problem: 'bad-order' }],
  ['order 1.5', [{ command: 'tag.order', target: tag('普通'), order: 1.5 }], { problem: 'bad-order' }],
  ['a group without tags', [create('空组', [])], { problem: 'no-tags', group: '空组' }],
  ['a child rule group', [create('X', ['y'], CHILD)], { problem: 'child-rule-group' }],
  ['add what is deleted', [remove('普通'), add('客户分级', '普通')], { problem: 'contradiction', name: '普通' }],
  ['delete what is renamed', [rename('普通', 'A'), remove('普通')], { problem: 'contradiction', name: 'A' }],
  [
    'delete a group that is added to',
    [add('地区', '苏州'), removeGroup('地区')],
    { problem: 'contradiction', name: '苏州' },
  ],
  [
    'add to a group that is deleted, the same tag',
    [remove('上海', '杭州'), add('地区', '上海')],
    { problem: 'contradiction', name: '上海' },
  ],
])('nothing can be planned for %s', (_, writes, expected) => {
  expect(problem(LIBRARY, ...writes)).toMatchObject(expected);
});

test('a problem names its line, steps and notes name theirs', () => {
  const at = (line: number, write: Write) => ({ line, write });
  expect(planWrites([at(1, add('客户分级', 'A')), at(2, add('客户分级', ''))], LIBRARY)).toMatchObject({
    problem: { line: 2 },
  });
  const result = planWrites([at(3, add('客户分级', 'A', '普通'))], LIBRARY);
  expect(result).toMatchObject({ plan: { steps: [{ line: 3 }], notes: [{ line: 3, note: 'exists' }] } });
});

test('many tags go in fifties, and the group is created by the first call', () => {
  const names = Array.from({ length: 120 }, (_, i) => `标签${i}`);
  const plan = planned(LIBRARY, create('大组', names));
  expect(plan.steps.map((step) => (step.do === 'addTags' ? [step.creates, step.tags.length] : []))).toEqual([
    [true, 50],
    [false, 50],
    [false, 20],
  ]);
  expect(planned(LIBRARY, add('地区', ...names)).steps).toHaveLength(3);
});

describe('置顶 goes above every sibling', () => {
  test.each<[what: string, tags: string[], wanted: string, steps: string[]]>([
    ['all equal: what is shown first by its age alone is raised, too', ['甲', '乙'], '甲', ['order t:甲 0>1']],
    ['all equal, the last', ['甲', '乙'], '乙', ['order t:乙 0>1']],
    ['just below the maximum', [`甲=${MAX - 1}`, '乙'], '乙', [`order t:乙 0>${MAX}`]],
    ['one at the maximum', [`甲=${MAX}`, '乙'], '乙', [`order t:甲 ${MAX}>${MAX - 1} room`, `order t:乙 0>${MAX}`]],
    [
      'a row up to the maximum, its sequence kept',
      [`甲=${MAX}`, `乙=${MAX - 1}`, `丙=${MAX - 3}`, '丁'],
      '丁',
      [`order t:乙 ${MAX - 1}>${MAX - 2} room`, `order t:甲 ${MAX}>${MAX - 1} room`, `order t:丁 0>${MAX}`],
    ],
    [
      'several at the maximum stay equal',
      [`甲=${MAX}`, `乙=${MAX}`, '丙'],
      '丙',
      [`order t:乙 ${MAX}>${MAX - 1} room`, `order t:甲 ${MAX}>${MAX - 1} room`, `order t:丙 0>${MAX}`],
    ],
    ['at the maximum itself, and not alone', [`甲=${MAX}`, `乙=${MAX}`], '乙', [`order t:甲 ${MAX}>${MAX - 1} room`]],
    ['alone', ['甲'], '甲', []],
  ])('%s', (_, tags, wanted, expected) => {
    expect(steps(planned(libraryOf(tagGroup('组', tags)), top(wanted)))).toEqual(expected);
    const asGroups = tags.map((each, at) => {
      const [name = '', order = '0'] = each.split('=');
      return tagGroup(name, ['x'], { order: Number(order), createTime: at });
    });
    expect(steps(planned(libraryOf(...asGroups), topGroup(wanted)))).toEqual(
      expected.map((step) => step.replace(/t:/, 'g:')),
    );
  });

  const order = fc.oneof(fc.constantFrom(0, 1, 2, MAX, MAX - 1, MAX - 2, MAX - 3), fc.integer({ min: 0, max: MAX }));
  test('and the sequence of the others stays, whatever their values', () => {
    fc.assert(
      fc.property(fc.array(order, { minLength: 1, maxLength: 8 }), fc.nat(), (orders, at) => {
        const names = orders.map((_, i) => `标签${i}`);
        const wanted = names[at % names.length] ?? '';
        const before = tagGroup(
          '组',
          names.map((name, i) => `${name}=${orders[i]}`),
        );
        const now = new Map(before.tags.map((each) => [each.id, each.order]));
        for (const step of planned(libraryOf(before), top(wanted)).steps) {
          if (step.do !== 'orderTag') throw new Error(step.do);
          expect(now.get(step.id)).toBe(step.from);
          expect(step.to).toBeLessThanOrEqual(MAX);
          now.set(step.id, step.to);
        }
        const others = before.tags.filter((each) => each.name !== wanted);
        for (const one of others) {
          expect(now.get(`t:${wanted}`)).toBeGreaterThan(now.get(one.id) ?? 0);
          for (const other of others)
            expect(Math.sign((now.get(one.id) ?? 0) - (now.get(other.id) ?? 0))).toBe(
              Math.sign(one.order - other.order),
            );
        }
      }),
    );
  });
});

test('the fingerprint is of what would be done, not of where it was written', () => {
  const at = (line: number, library: Library) => {
    const result = planWrites([{ line, write: remove('普通') }], library);
    return result.kind === 'plan' ? fingerprint(result.plan) : '';
  };
  expect(at(1, LIBRARY)).toBe(at(2, LIBRARY));
  expect(at(1, LIBRARY)).not.toBe(at(1, libraryOf(tagGroup('客户分级', ['普通=3'], { order: 2 }))));
});

test('every name a plan touches can be searched for', () => {
  const plan = planned(
    LIBRARY,
    rename('普通', '一般'),
    add('地区', '苏州'),
    topGroup('地区'),
    create('新组', ['新签']),
    remove('重点'),
  );
  expect(new Set(namesOf(plan.steps))).toEqual(
    new Set(['客户分级', '普通', '一般', '地区', '苏州', '新组', '新签', '重点']),
  );
});

describe('a plan carried out', () => {
  const name = fc.constantFrom('普通', '重点', '老客', 'VIP', '__proto__', "'; DROP", '<b>');
  const groupName = fc.constantFrom('客户分级', '渠道来源', '地区', '到访记录');
  const newGroup = fc.constantFrom('会员等级', 'constructor', '地区');
  const value = fc.constantFrom(0, 1, 5, MAX - 1, MAX);

  test('gives exactly what was named, and touches nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(value, { minLength: 4, maxLength: 4 }),
        fc.oneof(
          fc.record({
            kind: fc.constant('add' as const),
            group: groupName,
            tags: fc.uniqueArray(name, { minLength: 1 }),
          }),
          fc.record({
            kind: fc.constant('create' as const),
            group: newGroup,
            tags: fc.uniqueArray(name, { minLength: 1 }),
          }),
          fc.record({
            kind: fc.constant('delete' as const),
            group: groupName,
            at: fc.uniqueArray(fc.nat(3), { minLength: 1 }),
          }),
          fc.record({
            kind: fc.constant('rename' as const),
            group: groupName,
            at: fc.nat(3),
            to: fc.constantFrom('全新', ']]>'),
          }),
          fc.record({ kind: fc.constant('order' as const), group: groupName, at: fc.nat(3), order: value }),
          fc.record({ kind: fc.constant('deleteGroup' as const), group: groupName }),
          fc.record({ kind: fc.constant('renameGroup' as const), group: groupName, to: fc.constantFrom('全新', '{}') }),
          fc.record({ kind: fc.constant('orderGroup' as const), group: groupName, order: value }),
        ),
        async (orders, act) => {
          const shop = await openShop();
          shop.corp.library.groupsOf(1).forEach((each, i) => {
            each.order = orders[i] ?? 0;
          });
          const library = (await shop.catalog.fresh()).library;
          type Model = { name: string; order: number; tags: { name: string; order: number }[] }[];
          const model = (): Model =>
            shop.corp.library.groupsOf(1).map((each) => ({
              name: each.name,
              order: each.order,
              tags: each.tags.map((one) => ({ name: one.name, order: one.order })),
            }));
          let expected = model();
          const others = JSON.stringify(shop.corp.library.groupsOf(2));
          const mine = library.groupsOf(1).find((each) => each.name === act.group);
          const entry = expected.find((each) => each.name === act.group);
          const ref = { id: mine?.id ?? '', name: act.group, libraryId: 1 };
          const tagAt = (at: number) => mine?.tags[at % mine.tags.length] as Tag;
          switch (act.kind) {
            case 'add':
            case 'create': {
              const into = entry ?? { name: act.group, order: 0, tags: [] };
              if (!entry) expected.push(into);
              for (const each of act.tags)
                if (!into.tags.some((one) => one.name === each)) into.tags.push({ name: each, order: 0 });
              await shop.write(
                act.kind === 'add'
                  ? { command: 'tag.add', target: { kind: 'existing', group: ref }, tags: act.tags }
                  : create(act.group, act.tags),
              );
              break;
            }
            case 'delete': {
              const doomed = act.at.map(tagAt);
              if (entry) entry.tags = entry.tags.filter((one) => !doomed.some((each) => each.name === one.name));
              expected = expected.filter((each) => each.tags.length > 0);
              await shop.write({ command: 'tag.delete', targets: doomed, absent: [] });
              break;
            }
            case 'rename': {
              const one = entry?.tags.find((each) => each.name === tagAt(act.at).name);
              if (one) one.name = act.to;
              await shop.write({ command: 'tag.rename', target: tagAt(act.at), to: act.to });
              break;
            }
            case 'order': {
              const one = entry?.tags.find((each) => each.name === tagAt(act.at).name);
              if (one) one.order = act.order;
              await shop.write({ command: 'tag.order', target: tagAt(act.at), order: act.order });
              break;
            }
            case 'deleteGroup':
              expected = expected.filter((each) => each !== entry);
              await shop.write({ command: 'group.delete', targets: [ref], absent: [] });
              break;
            case 'renameGroup':
              if (entry) entry.name = act.to;
              await shop.write({ command: 'group.rename', target: ref, to: act.to });
              break;
            case 'orderGroup':
              if (entry) entry.order = act.order;
              await shop.write({ command: 'group.order', target: ref, order: act.order });
              break;
          }
          expect(model()).toEqual(expected);
          expect(JSON.stringify(shop.corp.library.groupsOf(2))).toBe(others);
        },
      ),
      { numRuns: 150 },
    );
  });
});
