import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StepOutcome } from '../../../src/tags/change/outcome.ts';
import type { Note, Write } from '../../../src/tags/change/step.ts';
import { type DoneStep, planUndo } from '../../../src/tags/change/undo.ts';
import { MAX_ORDER, type Tag } from '../../../src/tags/tag.ts';
import { openShop, type Shop, tree } from '../shop.ts';

const EAST = 1;

async function groupRef(shop: Shop, name: string) {
  const found = (await shop.library()).groupsOf(EAST).find((group) => group.name === name);
  if (!found) throw new Error(`no group ${name}`);
  return found;
}

async function tagRef(shop: Shop, name: string): Promise<Tag> {
  const tags = (await shop.library()).groupsOf(EAST).flatMap((group) => group.tags);
  const found = tags.find((tag) => tag.name === name);
  if (!found) throw new Error(`no tag ${name}`);
  return found;
}

const add = async (shop: Shop, group: string, ...tags: string[]): Promise<Write> => ({
  command: 'tag.add',
  target: { kind: 'existing', group: await groupRef(shop, group) },
  tags,
});
const create = (name: string, ...tags: string[]): Write => ({ command: 'group.create', name, libraryId: EAST, tags });
const remove = async (shop: Shop, ...names: string[]): Promise<Write> => ({
  command: 'tag.delete',
  targets: await Promise.all(names.map((name) => tagRef(shop, name))),
  absent: [],
});
const removeGroup = async (shop: Shop, name: string): Promise<Write> => ({
  command: 'group.delete',
  targets: [await groupRef(shop, name)],
  absent: [],
});
const rename = async (shop: Shop, name: string, to: string): Promise<Write> => ({
  command: 'tag.rename',
  target: await tagRef(shop, name),
  to,
});
const renameGroup = async (shop: Shop, name: string, to: string): Promise<Write> => ({
  command: 'group.rename',
  target: await groupRef(shop, name),
  to,
});
const top = async (shop: Shop, name: string): Promise<Write> => ({
  command: 'tag.top',
  target: await tagRef(shop, name),
});

/** Steps that were done, as the journal keeps them. */
function doneOf({ plan, outcomes }: Awaited<ReturnType<Shop['write']>>): DoneStep[] {
  return plan.steps.flatMap((step, i) => {
    const { state, ...rest } = outcomes[i] as Extract<StepOutcome, { state: 'done' }>;
    return state === 'done' ? [{ step, ...rest }] : [];
  });
}

async function undo(shop: Shop, done: readonly DoneStep[]): Promise<{ notes: readonly Note[]; back: DoneStep[] }> {
  const { library } = await shop.catalog.fresh();
  const planned = planUndo(done, library);
  if (planned.kind === 'problem') throw new Error(JSON.stringify(planned.problem));
  const outcomes = await shop.service.apply(planned.plan);
  expect(outcomes.map((outcome) => outcome.state)).toEqual(planned.plan.steps.map(() => 'done'));
  return { notes: planned.plan.notes, back: doneOf({ plan: planned.plan, outcomes }) };
}

describe('what was done is taken back, and taken back again', () => {
  test.each<[what: string, writes: (shop: Shop) => Promise<Write[]>]>([
    ['add', async (shop) => [await add(shop, '客户分级', 'VIP', 'SVIP')]],
    ['add more than one call takes', async (shop) => [await add(shop, '客户分级', ...numbered(120))]],
    ['create', async () => [create('会员等级', '青铜', '白银')]],
    ['create a big one', async () => [create('会员等级', ...numbered(120))]],
    ['rename', async (shop) => [await rename(shop, '普通', '__proto__')]],
    ['rename a group', async (shop) => [await renameGroup(shop, '地区', 'constructor')]],
    ['order', async (shop) => [{ command: 'tag.order', target: await tagRef(shop, '普通'), order: MAX_ORDER }]],
    ['order of a group', async (shop) => [{ command: 'group.order', target: await groupRef(shop, '地区'), order: 0 }]],
    ['top', async (shop) => [await top(shop, '老客')]],
    ['delete', async (shop) => [await remove(shop, '普通', '老客')]],
    ['delete the last', async (shop) => [await remove(shop, '到访一次', '到访两次')]],
    ['delete a group', async (shop) => [await removeGroup(shop, '客户分级')]],
    [
      'delete a group in two steps',
      async (shop) => [await remove(shop, '到访一次'), await removeGroup(shop, '到访记录')],
    ],
    [
      'a name that another tag takes over',
      async (shop) => [await rename(shop, '普通', '一般'), await rename(shop, '重点', '普通')],
    ],
    [
      'a group name that another group takes over',
      async (shop) => [await renameGroup(shop, '地区', '城市'), await renameGroup(shop, '渠道来源', '地区')],
    ],
    [
      'a name that an added tag takes over',
      async (shop) => [await rename(shop, '普通', '一般'), await add(shop, '客户分级', '普通')],
    ],
    [
      'a group name that a new group takes over',
      async (shop) => [await renameGroup(shop, '地区', '城市'), create('地区', '北京')],
    ],
    [
      'two to the top, where the first is at the maximum',
      async (shop) => {
        const [first] = shop.group('客户分级').tags;
        if (first) first.order = MAX_ORDER;
        await shop.catalog.fresh();
        return [await top(shop, '重点'), await top(shop, '老客')];
      },
    ],
    [
      'the last tags give way to others',
      async (shop) => [await remove(shop, '到访一次', '到访两次'), await add(shop, '到访记录', '到访三次')],
    ],
    [
      'a bit of everything',
      async (shop) => [
        await renameGroup(shop, '地区', '城市'),
        await add(shop, '地区', '北京'),
        create('会员等级', '青铜'),
        await remove(shop, '抖音'),
        await top(shop, '门店'),
        { command: 'group.top', target: await groupRef(shop, '到访记录') },
      ],
    ],
  ])('%s', async (_, make) => {
    const shop = await openShop();
    const writes = await make(shop);
    const before = tree(shop.corp);
    const written = await shop.write(...writes);
    const after = tree(shop.corp);
    expect(written.outcomes.map((outcome) => outcome.state)).toEqual(written.plan.steps.map(() => 'done'));
    expect(after).not.toEqual(before);
    const { back } = await undo(shop, doneOf(written));
    expect(tree(shop.corp)).toEqual(before);
    await undo(shop, back);
    expect(tree(shop.corp)).toEqual(after);
  });

  test('whatever it was', async () => {
    const name = fc.constantFrom('普通', '重点', '新一', '新二', 'toString');
    const at = fc.record({ group: fc.nat(3), tag: fc.nat(3) });
    const order = fc.constantFrom(0, 2, MAX_ORDER - 1, MAX_ORDER);
    const act = fc.oneof(
      fc.record({ do: fc.constant('add' as const), at, names: fc.uniqueArray(name, { minLength: 1 }) }),
      fc.record({ do: fc.constant('create' as const), name, names: fc.uniqueArray(name, { minLength: 1 }) }),
      fc.record({ do: fc.constant('rename' as const), at, to: name }),
      fc.record({ do: fc.constant('renameGroup' as const), at, to: name }),
      fc.record({ do: fc.constant('order' as const), at, order }),
      fc.record({ do: fc.constant('orderGroup' as const), at, order }),
      fc.record({ do: fc.constant('top' as const), at }),
      fc.record({ do: fc.constant('topGroup' as const), at }),
    );
    const loss = fc.oneof(
      fc.record({ do: fc.constant('delete' as const), at, more: fc.array(at, { maxLength: 3 }) }),
      fc.record({ do: fc.constant('deleteGroup' as const), at }),
    );
    // What a batch first changes and then deletes is refused beforehand as a contradiction, so losses come first.
    const batch = fc
      .tuple(fc.array(loss, { maxLength: 2 }), fc.array(act, { maxLength: 4 }))
      .map((parts) => parts.flat());
    await fc.assert(
      fc.asyncProperty(batch, async (acts) => {
        const shop = await openShop();
        const groups = [...(await shop.library()).groupsOf(EAST)];
        const groupAt = (where: { group: number }) => groups[where.group % groups.length] as (typeof groups)[number];
        const tagAt = (where: { group: number; tag: number }) => {
          const { tags } = groupAt(where);
          return tags[where.tag % tags.length] as Tag;
        };
        const writeOf = (each: (typeof acts)[number]): Write => {
          switch (each.do) {
            case 'add':
              return { command: 'tag.add', target: { kind: 'existing', group: groupAt(each.at) }, tags: each.names };
            case 'create':
              return create(each.name, ...each.names);
            case 'rename':
              return { command: 'tag.rename', target: tagAt(each.at), to: each.to };
            case 'renameGroup':
              return { command: 'group.rename', target: groupAt(each.at), to: each.to };
            case 'order':
              return { command: 'tag.order', target: tagAt(each.at), order: each.order };
            case 'orderGroup':
              return { command: 'group.order', target: groupAt(each.at), order: each.order };
            case 'top':
              return { command: 'tag.top', target: tagAt(each.at) };
            case 'topGroup':
              return { command: 'group.top', target: groupAt(each.at) };
            case 'delete':
              return { command: 'tag.delete', targets: [each.at, ...each.more].map(tagAt), absent: [] };
            case 'deleteGroup':
              return { command: 'group.delete', targets: [groupAt(each.at)], absent: [] };
          }
        };
        const writes = acts.map(writeOf);
        const before = tree(shop.corp);
        let written: Awaited<ReturnType<Shop['write']>>;
        try {
          written = await shop.write(...writes);
        } catch {
          // The plan has a problem: nothing may have been done.
          expect(tree(shop.corp)).toEqual(before);
          return;
        }
        expect(written.outcomes.map((outcome) => outcome.state)).toEqual(written.plan.steps.map(() => 'done'));
        await undo(shop, doneOf(written));
        expect(tree(shop.corp)).toEqual(before);
      }),
      { numRuns: 120 },
    );
  });
});

test('what comes back after a delete is new, and the notes say so', async () => {
  const shop = await openShop();
  const before = (await tagRef(shop, '普通')).id;
  const written = await shop.write(await remove(shop, '普通'));
  const { notes } = await undo(shop, doneOf(written));
  expect(notes).toEqual([{ note: 'new-id', names: ['普通'] }]);
  expect((await tagRef(shop, '普通')).id).not.toBe(before);
});

describe('what others have changed since is left alone', () => {
  test('a renamed tag is named as it is now', async () => {
    const shop = await openShop();
    const written = await shop.write(await add(shop, '客户分级', 'VIP'));
    shop.corp.console({ action: 'rename', id: (await tagRef(shop, 'VIP')).id, name: '贵宾' });
    const planned = planUndo(doneOf(written), (await shop.catalog.fresh()).library);
    expect(planned).toMatchObject({
      plan: {
        steps: [{ do: 'deleteTags', tags: [{ name: '贵宾' }], takesGroup: false }],
        notes: [{ note: 'changed-since', name: 'VIP', what: '贵宾' }],
      },
    });
  });

  test('a new group to which others have added keeps what is theirs', async () => {
    const shop = await openShop();
    const written = await shop.write(create('会员等级', '青铜'));
    shop.corp.console({ action: 'addTags', groupId: shop.group('会员等级').id, tags: ['白银'] });
    await undo(shop, doneOf(written));
    expect(shop.group('会员等级').tags.map((tag) => tag.name)).toEqual(['白银']);
  });

  test('what has gone meanwhile is not missed', async () => {
    const shop = await openShop();
    const written = await shop.write(await add(shop, '客户分级', 'VIP', 'SVIP'));
    shop.corp.console({ action: 'delete', id: (await tagRef(shop, 'VIP')).id });
    const { notes } = await undo(shop, doneOf(written));
    expect(notes).toEqual([{ note: 'gone', name: 'VIP' }]);
    expect(shop.group('客户分级').tags.map((tag) => tag.name)).toEqual(['普通', '重点', '老客']);
  });

  test.each<[what: string, make: (shop: Shop) => Promise<Write>, other: (shop: Shop) => void, note: object]>([
    [
      'a tag renamed again',
      (shop) => rename(shop, '普通', '一般'),
      (shop) => shop.corp.console({ action: 'rename', id: shop.group('客户分级').tags[0]?.id ?? '', name: '寻常' }),
      { note: 'changed-since', name: '一般', what: '寻常' },
    ],
    [
      'a group renamed again',
      (shop) => renameGroup(shop, '地区', '城市'),
      (shop) => shop.corp.console({ action: 'rename', id: shop.group('城市').id, name: '省份' }),
      { note: 'changed-since', name: '城市', what: '省份' },
    ],
    [
      'a renamed tag deleted',
      (shop) => rename(shop, '普通', '一般'),
      (shop) => shop.corp.console({ action: 'delete', id: shop.group('客户分级').tags[0]?.id ?? '' }),
      { note: 'gone', name: '一般' },
    ],
    [
      'another order',
      (shop) => top(shop, '老客'),
      (shop) => {
        for (const tag of shop.group('客户分级').tags) tag.order = 77;
      },
      { note: 'changed-since', name: '老客', what: expect.stringContaining('77') },
    ],
    [
      'a deleted tag made anew',
      (shop) => remove(shop, '普通'),
      (shop) => shop.corp.console({ action: 'addTags', groupId: shop.group('客户分级').id, tags: ['普通'] }),
      { note: 'exists', group: '客户分级', name: '普通' },
    ],
  ])('%s', async (_, make, other, note) => {
    const shop = await openShop();
    const written = await shop.write(await make(shop));
    other(shop);
    const before = tree(shop.corp);
    const { notes } = await undo(shop, doneOf(written));
    expect(notes).toMatchObject([note]);
    expect(tree(shop.corp)).toEqual(before);
  });

  test('a name that is taken meanwhile stops the whole undo', async () => {
    const shop = await openShop();
    const written = await shop.write(await rename(shop, '普通', '一般'), await top(shop, '老客'));
    shop.corp.console({ action: 'addTags', groupId: shop.group('客户分级').id, tags: ['普通'] });
    const planned = planUndo(doneOf(written), (await shop.catalog.fresh()).library);
    expect(planned).toEqual({ kind: 'problem', problem: { problem: 'name-taken', name: '普通', group: '客户分级' } });
  });

  test('tags of a deleted group come back into the one that has its name now', async () => {
    const shop = await openShop();
    const written = await shop.write(await removeGroup(shop, '地区'));
    shop.corp.console({ action: 'createGroup', strategyId: EAST, name: '地区', tags: ['北京', '上海'] });
    await undo(shop, doneOf(written));
    expect(new Set(shop.group('地区').tags.map((tag) => tag.name))).toEqual(new Set(['北京', '上海', '杭州', '苏州']));
  });
});

test('a deleted rule group cannot come back', async () => {
  const shop = await openShop();
  const step = { do: 'deleteRule' as const, id: 2, name: '华南大区', groups: 2, tags: 4 };
  expect(planUndo([{ step }], await shop.library())).toMatchObject({ problem: { problem: 'not-undoable' } });
});

test('a new rule group goes with what is in it by now; an edited one gets back only what was edited', async () => {
  const shop = await openShop();
  const library = await shop.library();
  const made = { do: 'createRule' as const, name: '华南大区', parentId: 0, admins: ['lisi'], range: [] };
  expect(planUndo([{ step: made, ruleId: 2 }], library)).toMatchObject({
    plan: { destroys: true, steps: [{ do: 'deleteRule', id: 2, name: '华南大区', groups: 2, tags: 4 }] },
  });
  expect(planUndo([{ step: made, ruleId: 99 }], library)).toMatchObject({
    plan: { steps: [], notes: [{ note: 'gone' }] },
  });
  const edited = {
    do: 'editRule' as const,
    id: 1,
    name: '华东',
    rename: { from: '华东', to: '华东大区' },
    admins: { from: ['wangwu'], to: ['zhangsan'] },
    rangeAdd: [{ type: 'department' as const, id: 3 }],
  };
  const planned = planUndo([{ step: edited }], library);
  expect(planned).toMatchObject({
    plan: {
      steps: [
        {
          do: 'editRule',
          id: 1,
          rename: { from: '华东大区', to: '华东' },
          admins: { from: ['zhangsan'], to: ['wangwu'] },
          rangeDelete: [{ type: 'department', id: 3 }],
        },
      ],
    },
  });
  expect(planned.kind === 'plan' && planned.plan.steps[0]).not.toHaveProperty('rangeAdd');
});

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `标签${i}`);
}
