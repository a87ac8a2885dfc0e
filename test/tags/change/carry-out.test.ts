import { describe, expect, test } from 'vitest';
import type { StepOutcome } from '../../../src/tags/change/outcome.ts';
import { planOf, planWrites } from '../../../src/tags/change/plan.ts';
import type { Step, Write } from '../../../src/tags/change/step.ts';
import { until } from '../../until.ts';
import { type Fate, openShop, type Shop } from '../shop.ts';

const EAST = 1;
const LIST = 'get_strategy_tag_list';
const ADD = 'add_strategy_tag';
const EDIT = 'edit_strategy_tag';
const DEL = 'del_strategy_tag';
const WRITES: readonly string[] = [ADD, EDIT, DEL];

const groupRef = (shop: Shop, name: string) => ({ id: shop.group(name).id, name, libraryId: EAST });
function tagRef(shop: Shop, name: string, group = '客户分级') {
  const found = shop.group(group).tags.find((tag) => tag.name === name);
  if (!found) throw new Error(`no tag ${name}`);
  return { id: found.id, name };
}
const add = (shop: Shop, group: string, ...tags: string[]): Write => ({
  command: 'tag.add',
  target: { kind: 'existing', group: groupRef(shop, group) },
  tags,
});
const create = (name: string, ...tags: string[]): Write => ({ command: 'group.create', name, libraryId: EAST, tags });
const remove = (shop: Shop, ...names: string[]): Write => ({
  command: 'tag.delete',
  targets: names.map((name) => tagRef(shop, name)),
  absent: [],
});
const rename = (shop: Shop, name: string, to: string): Write => ({
  command: 'tag.rename',
  target: tagRef(shop, name),
  to,
});

/** Every kind of write, and the one body that changes something. */
const EVERY: [what: string, write: (shop: Shop) => Write, call: (shop: Shop) => [string, unknown]][] = [
  [
    'add',
    (shop) => add(shop, '客户分级', 'VIP', 'SVIP'),
    (shop) => [ADD, { strategy_id: 1, group_id: shop.group('客户分级').id, tag: [{ name: 'VIP' }, { name: 'SVIP' }] }],
  ],
  [
    'create a group',
    () => create('会员等级', '青铜'),
    () => [ADD, { strategy_id: 1, group_name: '会员等级', tag: [{ name: '青铜' }] }],
  ],
  ['rename', (shop) => rename(shop, '普通', '一般'), (shop) => [EDIT, { id: tagRef(shop, '普通').id, name: '一般' }]],
  [
    'order',
    (shop) => ({ command: 'tag.order', target: tagRef(shop, '普通'), order: 0 }),
    (shop) => [EDIT, { id: tagRef(shop, '普通').id, order: 0 }],
  ],
  [
    'top',
    (shop) => ({ command: 'tag.top', target: tagRef(shop, '老客') }),
    (shop) => [EDIT, { id: tagRef(shop, '老客').id, order: 4 }],
  ],
  [
    'delete',
    (shop) => remove(shop, '普通', '老客'),
    (shop) => [DEL, { tag_id: [tagRef(shop, '普通').id, tagRef(shop, '老客').id] }],
  ],
  [
    'delete a group',
    (shop) => ({ command: 'group.delete', targets: [groupRef(shop, '地区')], absent: [] }),
    (shop) => [DEL, { group_id: [shop.group('地区').id] }],
  ],
  [
    'rename a group',
    (shop) => ({ command: 'group.rename', target: groupRef(shop, '地区'), to: '城市' }),
    (shop) => [EDIT, { id: shop.group('地区').id, name: '城市' }],
  ],
  [
    'order a group',
    (shop) => ({ command: 'group.order', target: groupRef(shop, '地区'), order: 9 }),
    (shop) => [EDIT, { id: shop.group('地区').id, order: 9 }],
  ],
  [
    'top a group',
    (shop) => ({ command: 'group.top', target: groupRef(shop, '地区') }),
    (shop) => [EDIT, { id: shop.group('地区').id, order: 5 }],
  ],
];

describe.each(EVERY)('%s', (_, write, call) => {
  test('is three calls: read, write what was named, read', async () => {
    const shop = await openShop();
    const expected = call(shop);
    const { outcomes } = await shop.write(write(shop));
    expect(outcomes).toMatchObject([{ state: 'done' }]);
    expect(shop.calls.map(([name]) => name)).toEqual([LIST, expected[0], LIST]);
    expect(shop.calls[1]).toEqual(expected);
  });

  test('the library known afterwards is the one there is', async () => {
    const shop = await openShop();
    await shop.write(write(shop));
    const known = shop.catalog.peek()?.library.groups;
    expect(known).toEqual((await shop.catalog.fresh()).library.groups);
  });

  test('an answer lost after the effect: looked up, told as done, not done again', async () => {
    const shop = await openShop();
    const expected = call(shop);
    shop.fate = fateOf(WRITES, 'lost-after');
    const { outcomes } = await shop.write(write(shop));
    expect(outcomes).toMatchObject([{ state: 'done', checked: true }]);
    expect(shop.calls.filter(([name]) => WRITES.includes(name))).toEqual([expected]);
    const known = shop.catalog.peek()?.library.groups;
    expect(known).toEqual((await shop.catalog.fresh()).library.groups);
  });

  test('an answer lost before the effect: looked up, told as not done, not tried again', async () => {
    const shop = await openShop();
    const before = JSON.stringify(shop.corp.ruleGroups());
    shop.fate = fateOf(WRITES, 'lost-before');
    const { outcomes } = await shop.write(write(shop));
    expect(outcomes).toMatchObject([
      { state: 'failed', checked: true, error: { kind: 'unknown-outcome', code: 'api.unknown-outcome' } },
    ]);
    expect(shop.calls.filter(([name]) => WRITES.includes(name))).toHaveLength(1);
    expect(JSON.stringify(shop.corp.ruleGroups())).toBe(before);
  });

  test('an answer lost while the call is on its way: found when it lands, before anything is said', async () => {
    const shop = await openShop();
    shop.fate = fateOf(WRITES, 'lands-late');
    shop.duringPause = () => {
      if (shop.pauses.length === 2) shop.land();
      return true;
    };
    const { outcomes } = await shop.write(write(shop));
    expect(outcomes).toMatchObject([{ state: 'done', checked: true }]);
    expect(shop.pauses).toHaveLength(2);
    expect(shop.calls.filter(([name]) => WRITES.includes(name))).toHaveLength(1);
  });

  test('a stop of the program before the last look: unknown, and the library is read anew', async () => {
    const shop = await openShop();
    shop.fate = fateOf(WRITES, 'lands-late');
    shop.duringPause = () => false;
    const { outcomes } = await shop.write(write(shop));
    expect(outcomes).toMatchObject([{ state: 'unknown' }]);
    shop.land();
    await shop.catalog.current();
    expect((await shop.catalog.fresh()).library.groups).toEqual(shop.catalog.peek()?.library.groups);
  });

  test('neither an answer nor a look afterwards: unknown', async () => {
    const shop = await openShop();
    let sent = false;
    shop.fate = (name) => {
      if (WRITES.includes(name)) sent = true;
      return sent ? 'lost-after' : 'answered';
    };
    const { outcomes } = await shop.write(write(shop));
    expect(outcomes).toMatchObject([{ state: 'unknown', error: { kind: 'unknown-outcome' } }]);
  });

  test('after a restart the same is found out without writing', async () => {
    const shop = await openShop();
    const writes = [write(shop)];
    const planned = planWrites(
      writes.map((each) => ({ write: each })),
      await shop.service.reread(writes),
    );
    if (planned.kind === 'problem') throw new Error(planned.problem.problem);
    expect(await shop.service.check(planned.plan.steps, 0)).toMatchObject([{ state: 'failed', checked: true }]);
    expect(shop.calls.every(([name]) => name === LIST)).toBe(true);
    await shop.service.apply(planned.plan);
    shop.calls.length = 0;
    expect(await shop.service.check(planned.plan.steps, 0)).toMatchObject([{ state: 'done', checked: true }]);
    expect(shop.calls.every(([name]) => name === LIST)).toBe(true);
  });

  test('after a restart that took long, nothing can be on its way any more: looked for once', async () => {
    const shop = await openShop();
    const writes = [write(shop)];
    const planned = planWrites(
      writes.map((each) => ({ write: each })),
      await shop.service.reread(writes),
    );
    if (planned.kind === 'problem') throw new Error(planned.problem.problem);
    await shop.service.check(planned.plan.steps, 60_000);
    expect(shop.pauses).toEqual([]);
    await shop.service.check(planned.plan.steps, 500);
    expect(shop.pauses.length).toBeGreaterThan(0);
  });

  test('a refusal is told with its errcode, and nothing else is tried', async () => {
    const shop = await openShop();
    shop.fate = fateOf(WRITES, 48002);
    const { outcomes } = await shop.write(write(shop));
    expect(outcomes).toMatchObject([{ state: 'failed', error: { errcode: 48002, kind: 'setup' } }]);
    expect(shop.calls.filter(([name]) => WRITES.includes(name))).toHaveLength(1);
  });
});

describe.each(['all', 'onlyNew', 'refuse'] as const)('names that exist, variant %s', (addExisting) => {
  const created = (outcome: StepOutcome | undefined) =>
    outcome?.state === 'done' ? outcome.created?.map((tag) => tag.name) : undefined;

  test('what the plan knows of is not sent', async () => {
    const shop = await openShop({ addExisting });
    const { outcomes } = await shop.write(add(shop, '客户分级', '普通', 'VIP'));
    expect(created(outcomes[0])).toEqual(['VIP']);
    expect(shop.calls[1]?.[1]).toMatchObject({ tag: [{ name: 'VIP' }] });
  });

  test('the ids of what was made are known', async () => {
    const shop = await openShop({ addExisting });
    const { outcomes } = await shop.write(create('会员等级', '青铜', '白银'));
    expect(outcomes).toMatchObject([
      {
        groupId: shop.group('会员等级').id,
        created: ['青铜', '白银'].map((name) => ({ id: tagRef(shop, name, '会员等级').id, name })),
      },
    ]);
  });

  test('another hand is quicker with one of them', async () => {
    const shop = await openShop({ addExisting });
    shop.fate = otherHandFirst(shop, () => {
      shop.corp.console({ action: 'addTags', groupId: shop.group('客户分级').id, tags: ['VIP'] });
    });
    const { outcomes } = await shop.write(add(shop, '客户分级', 'VIP', 'SVIP'));
    expect(outcomes).toMatchObject([{ state: 'done' }]);
    expect(shop.group('客户分级').tags.map((tag) => tag.name)).toEqual(['普通', '重点', '老客', 'VIP', 'SVIP']);
    // Where the platform says which are new, an undo must not take away what the other hand has made.
    if (addExisting !== 'all') expect(created(outcomes[0])).toEqual(['SVIP']);
  });

  test('another hand is quicker with all of them', async () => {
    const shop = await openShop({ addExisting });
    shop.fate = otherHandFirst(shop, () => {
      shop.corp.console({ action: 'addTags', groupId: shop.group('客户分级').id, tags: ['VIP'] });
    });
    const { outcomes } = await shop.write(add(shop, '客户分级', 'VIP'));
    expect(outcomes).toMatchObject([{ state: 'done' }]);
    if (addExisting !== 'all') expect(created(outcomes[0])).toEqual([]);
  });

  test('another hand makes the group that is to be made', async () => {
    const shop = await openShop({ addExisting });
    shop.fate = otherHandFirst(shop, () => {
      shop.corp.console({ action: 'createGroup', strategyId: EAST, name: '会员等级', tags: ['青铜', '黄金'] });
    });
    const { outcomes } = await shop.write(create('会员等级', '青铜', '白银'));
    expect(outcomes).toMatchObject([{ state: 'done', groupId: shop.group('会员等级').id }]);
    expect(shop.group('会员等级').tags.map((tag) => tag.name)).toEqual(['青铜', '黄金', '白银']);
  });
});

describe('another hand is quicker with a delete', () => {
  test('of one tag: the other is still deleted', async () => {
    const shop = await openShop();
    const [gone, left] = [tagRef(shop, '普通').id, tagRef(shop, '老客').id];
    shop.fate = otherHandFirst(shop, () => shop.corp.console({ action: 'delete', id: gone }));
    const { outcomes } = await shop.write(remove(shop, '普通', '老客'));
    expect(outcomes).toMatchObject([{ state: 'done' }]);
    expect(shop.calls.filter(([name]) => name === DEL).map(([, body]) => body)).toEqual([
      { tag_id: [gone, left] },
      { tag_id: [left] },
    ]);
    expect(shop.group('客户分级').tags.map((tag) => tag.name)).toEqual(['重点']);
  });

  test('of all of them, or of the group: there is nothing left to do', async () => {
    const shop = await openShop();
    const { id } = shop.group('客户分级');
    shop.fate = otherHandFirst(shop, () => shop.corp.console({ action: 'delete', id }));
    expect((await shop.write(remove(shop, '普通'))).outcomes).toMatchObject([{ state: 'done' }]);
    const places = groupRef(shop, '地区');
    shop.fate = otherHandFirst(shop, () => shop.corp.console({ action: 'delete', id: places.id }));
    const { outcomes } = await shop.write({ command: 'group.delete', targets: [places], absent: [] });
    expect(outcomes).toMatchObject([{ state: 'done' }]);
  });

  test('an edit of what has gone fails and says so', async () => {
    const shop = await openShop();
    const { id } = tagRef(shop, '普通');
    shop.fate = otherHandFirst(shop, () => shop.corp.console({ action: 'delete', id }));
    const { outcomes } = await shop.write(rename(shop, '普通', '一般'));
    expect(outcomes).toMatchObject([{ state: 'failed', error: { errcode: 40068 } }]);
  });
});

describe('a plan of several steps', () => {
  const three = (shop: Shop) => [rename(shop, '普通', '一般'), rename(shop, '重点', '要紧'), create('新组', 'x')];
  const nth = (shop: Shop, n: number, fate: Fate) => {
    let count = 0;
    shop.fate = (name) => (WRITES.includes(name) && ++count === n ? fate : 'answered');
  };

  test('a refusal of one step does not stop the others', async () => {
    const shop = await openShop();
    nth(shop, 2, 40071);
    const { outcomes } = await shop.write(...three(shop));
    expect(outcomes.map((outcome) => outcome.state)).toEqual(['done', 'failed', 'done']);
  });

  test('the outcomes are handed over once all are known, while the library is read anew', async () => {
    const shop = await openShop();
    const writes = [rename(shop, '普通', '一般'), rename(shop, '重点', '要紧')];
    const planned = planWrites(
      writes.map((write) => ({ write })),
      await shop.service.reread(writes),
    );
    if (planned.kind === 'problem') throw new Error(planned.problem.problem);
    let handed: string[] = [];
    let told = () => {};
    let over = false;
    const concluded = new Promise<void>((resolve) => {
      told = resolve;
    });
    shop.calls.length = 0;
    const applying = shop.service
      .apply(planned.plan, (outcomes) => {
        handed = outcomes.map((outcome) => outcome.state);
        return concluded;
      })
      .then(() => {
        over = true;
      });
    await until(() => expect((shop.catalog.peek()?.library.tagsNamed('要紧') ?? []).length).toBe(1));
    expect(handed).toEqual(['done', 'done']);
    expect(over).toBe(false);
    told();
    await applying;
    expect(shop.calls.map(([name]) => name)).toEqual([EDIT, EDIT, LIST]);
  });

  test.each<[what: string, fate: Fate, states: string[]]>([
    ['a full library', 40126, ['done', 'failed', 'skipped']],
    ['a missing right', 48002, ['done', 'failed', 'skipped']],
    ['an untrusted address', 60020, ['done', 'failed', 'skipped']],
    ['too many calls', 45009, ['done', 'failed', 'skipped']],
    ['an answer lost before the effect', 'lost-before', ['done', 'failed', 'skipped']],
    ['an answer lost after the effect', 'lost-after', ['done', 'done', 'done']],
  ])('after %s the rest is %s %s', async (_, fate, states) => {
    const shop = await openShop();
    nth(shop, 2, fate);
    const { outcomes } = await shop.write(...three(shop));
    expect(outcomes.map((outcome) => outcome.state)).toEqual(states);
  });

  test('what needs a group that could not be made is skipped, the rest is tried', async () => {
    const shop = await openShop();
    nth(shop, 1, 40072);
    const names = Array.from({ length: 120 }, (_, i) => `标签${i}`);
    const { outcomes } = await shop.write(create('大组', ...names), rename(shop, '普通', '一般'));
    expect(outcomes.map((outcome) => outcome.state)).toEqual(['failed', 'skipped', 'skipped', 'done']);
  });

  test('the later fifties go by the id of the new group', async () => {
    const shop = await openShop();
    const names = Array.from({ length: 120 }, (_, i) => `标签${i}`);
    const { outcomes } = await shop.write(create('大组', ...names));
    const { id } = shop.group('大组');
    expect(shop.calls.flatMap(([name, body]) => (name === ADD ? [body] : []))).toMatchObject([
      { group_name: '大组' },
      { group_id: id },
      { group_id: id },
    ]);
    expect(outcomes.flatMap((outcome) => (outcome.state === 'done' ? outcome.created : []))).toHaveLength(120);
  });

  test('the last tags give way to others: the group is made anew, with the order it had', async () => {
    const shop = await openShop();
    const places = groupRef(shop, '地区');
    const doomed = shop.group('地区').tags.map(({ id, name }) => ({ id, name }));
    const { outcomes } = await shop.write(
      { command: 'tag.delete', targets: doomed, absent: [] },
      { command: 'tag.add', target: { kind: 'existing', group: places }, tags: ['北京'] },
    );
    expect(outcomes.map((outcome) => outcome.state)).toEqual(['done', 'done']);
    expect(shop.group('地区')).toMatchObject({ order: 2, tags: [{ name: '北京' }] });
    expect(shop.group('地区').id).not.toBe(places.id);
  });
});

test('half an effect is neither done nor not done', async () => {
  const shop = await openShop();
  const step: Step = {
    do: 'addTags',
    group: groupRef(shop, '客户分级'),
    creates: false,
    tags: [{ name: '普通' }, { name: 'VIP' }],
  };
  expect(await shop.service.check([step], 0)).toMatchObject([{ state: 'unknown' }]);
});

test('a failed read afterwards changes nothing in what is told; the library is read anew later', async () => {
  const shop = await openShop();
  let sent = false;
  shop.fate = (name) => {
    if (name === EDIT) sent = true;
    return sent && name === LIST ? -1 : 'answered';
  };
  const { outcomes } = await shop.write(rename(shop, '普通', '一般'));
  expect(outcomes).toMatchObject([{ state: 'done' }]);
  shop.fate = () => 'answered';
  await shop.catalog.current();
  const { library } = await shop.catalog.fresh();
  expect(library.tagsNamed('一般')).toHaveLength(1);
});

describe('exclusively', () => {
  function gate() {
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    return { open, opened };
  }

  test('work on one rule group goes one at a time, in the order of the calls; others do not wait', async () => {
    const { service } = await openShop();
    const [first, both] = [gate(), gate()];
    const log: string[] = [];
    const work = (name: string, until?: Promise<void>) => async () => {
      log.push(`${name} begins`);
      await until;
      log.push(`${name} ends`);
    };
    const running = [
      service.exclusively([1], work('1a', first.opened)),
      service.exclusively([1, 2], work('1+2', both.opened)),
      service.exclusively([2], work('2')),
      service.exclusively([3], work('3')),
      service.exclusively([1], work('1b')),
    ];
    await running[3];
    expect(log).toEqual(['1a begins', '3 begins', '3 ends']);
    first.open();
    await running[0];
    both.open();
    await Promise.all(running);
    expect(log.slice(3, 6)).toEqual(['1a ends', '1+2 begins', '1+2 ends']);
    expect(log.slice(6).sort()).toEqual(['1b begins', '1b ends', '2 begins', '2 ends']);
  });

  test('work that fails lets the next one begin, and its failure is its own', async () => {
    const { service } = await openShop();
    const failed = service.exclusively([1], () => Promise.reject(new Error('no')));
    const next = service.exclusively([1], async () => 'yes');
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });

  test('without a rule group there is nothing to wait for', async () => {
    const { service } = await openShop();
    expect(await service.exclusively([], async () => 'at once')).toBe('at once');
  });
});

test('an empty plan calls nothing', async () => {
  const shop = await openShop();
  expect(await shop.service.apply(planOf([]))).toEqual([]);
  expect(shop.calls).toEqual([]);
});

function fateOf(names: readonly string[], fate: Fate): Shop['fate'] {
  return (name) => (names.includes(name) ? fate : 'answered');
}

/** Lets another hand act once, just before the first write arrives. */
function otherHandFirst(_shop: Shop, act: () => void): Shop['fate'] {
  let acted = false;
  return (name) => {
    if (!acted && WRITES.includes(name)) {
      acted = true;
      act();
    }
    return 'answered';
  };
}
