import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RangeNode, RuleGroupApi } from '../../src/tags/tag.ts';
import { createRuleGroupApi } from '../../src/wecom/strategies.ts';
import { type Bench, connectTo, ok, type Platform, refusal, startPlatform } from './platform.ts';

let platform: Platform;
let bench: Bench;
let ruleGroups: RuleGroupApi;
beforeEach(async () => {
  platform = await startPlatform();
  bench = connectTo(platform.url);
  ruleGroups = createRuleGroupApi(bench.client);
});
afterEach(async () => {
  bench.close();
  await platform.close();
});

const bodies = () => platform.calls.map((call) => JSON.parse(call.text) as Record<string, unknown[]>);
const verbs = () => platform.calls.map((call) => call.path.replace('externalcontact/customer_strategy/', ''));
const members = (count: number, prefix = 'u'): RangeNode[] =>
  Array.from({ length: count }, (_, i) => ({ type: 'member', userid: `${prefix}${i}` }));

describe('reading', () => {
  test('list follows the cursor to the end', async () => {
    platform.says(
      { ...ok, strategy: [{ strategy_id: 1 }, { strategy_id: '2' }], next_cursor: 'c1' },
      { ...ok, strategy: [{ strategy_id: 3 }], next_cursor: '' },
    );
    expect(await ruleGroups.list()).toEqual([1, 2, 3]);
    expect(verbs()).toEqual(['list', 'list']);
    expect(bodies()).toEqual([{ limit: 1000 }, { cursor: 'c1', limit: 1000 }]);
  });

  test('a cursor that does not move ends the list', async () => {
    platform.says({ ...ok, strategy: [{ strategy_id: 1 }], next_cursor: 'same' });
    await ruleGroups.list();
    expect(platform.calls).toHaveLength(2);
  });

  test('get', async () => {
    platform.says({
      ...ok,
      strategy: {
        strategy_id: 5,
        parent_id: 0,
        strategy_name: '华南大区',
        create_time: 1557838797,
        admin_list: ['zhangsan', 'lisi'],
        privilege: { manage_customer_tag: true, share_customer: false },
      },
    });
    expect(await ruleGroups.get(5)).toEqual({
      id: 5,
      parentId: 0,
      name: '华南大区',
      createTime: 1557838797,
      admins: ['zhangsan', 'lisi'],
      privilege: { manage_customer_tag: true, share_customer: false },
    });
    expect(bodies()).toEqual([{ strategy_id: 5 }]);
  });

  test('get with nothing but the id', async () => {
    platform.says({ ...ok, strategy: { strategy_id: 5 } });
    expect(await ruleGroups.get(5)).toMatchObject({ id: 5, name: '规则组 5', admins: [], privilege: {} });
  });

  test('range, page by page, kinds that are not known left out', async () => {
    platform.says(
      {
        ...ok,
        range: [
          { type: 1, userid: 'a' },
          { type: 2, partyid: 7 },
        ],
        next_cursor: 'n',
      },
      { ...ok, range: [{ type: 3 }, { type: 2, partyid: '8' }] },
    );
    expect(await ruleGroups.range(5)).toEqual([
      { type: 'member', userid: 'a' },
      { type: 'department', id: 7 },
      { type: 'department', id: 8 },
    ]);
    expect(bodies()[1]).toEqual({ strategy_id: 5, cursor: 'n', limit: 1000 });
  });

  test.each([{}, { ...ok, strategy: {}, range: {} }])('a wrong shape is not an empty list %#', async (answer) => {
    platform.says(answer);
    await expect(ruleGroups.list()).rejects.toMatchObject({ code: 'api.wrong-shape' });
    await expect(ruleGroups.get(1)).rejects.toMatchObject({ code: 'api.wrong-shape' });
    await expect(ruleGroups.range(1)).rejects.toMatchObject({ code: 'api.wrong-shape' });
  });

  test('a success without its list is an empty one; a rule group is never left out', async () => {
    platform.says(ok);
    expect(await ruleGroups.list()).toEqual([]);
    expect(await ruleGroups.range(1)).toEqual([]);
    await expect(ruleGroups.get(1)).rejects.toMatchObject({ code: 'api.wrong-shape' });
  });
});

describe('writing', () => {
  test('create sends what is given and nothing else', async () => {
    platform.says({ ...ok, strategy_id: 9 });
    const range: RangeNode[] = [
      { type: 'member', userid: 'a' },
      { type: 'department', id: 2 },
    ];
    expect(await ruleGroups.create({ name: '华东', admins: ['a'], range })).toBe(9);
    await ruleGroups.create({
      name: '上海',
      parentId: 9,
      admins: ['a'],
      privilege: { manage_customer_tag: true },
      range,
    });
    const nodes = [
      { type: 1, userid: 'a' },
      { type: 2, partyid: 2 },
    ];
    expect(bodies()).toEqual([
      { strategy_name: '华东', admin_list: ['a'], range: nodes },
      {
        parent_id: 9,
        strategy_name: '上海',
        admin_list: ['a'],
        privilege: { manage_customer_tag: true },
        range: nodes,
      },
    ]);
  });

  test('create with more than a hundred nodes: the rest follows by edit', async () => {
    platform.says({ ...ok, strategy_id: 9 });
    expect(await ruleGroups.create({ name: '大', admins: ['a'], range: members(250) })).toBe(9);
    expect(verbs()).toEqual(['create', 'edit', 'edit']);
    expect(bodies().map((body) => (body.range ?? body.range_add)?.length)).toEqual([100, 100, 50]);
    expect(bodies()[1]).toMatchObject({ strategy_id: 9 });
    expect(bodies()[1]).not.toHaveProperty('strategy_name');
  });

  test('when a later part fails, the error tells which group is there and how far it came', async () => {
    platform.says({ ...ok, strategy_id: 9 }, ok, refusal(60030));
    const create = ruleGroups.create({ name: '大', admins: ['a'], range: members(250) });
    await expect(create).rejects.toMatchObject({
      errcode: 60030,
      kind: 'setup',
      facts: { strategyId: 9, rangeDone: 200 },
    });
  });

  test.each([
    [
      { id: 1, name: '新' },
      { strategy_id: 1, strategy_name: '新' },
    ],
    [
      { id: 1, admins: ['a', 'b'] },
      { strategy_id: 1, admin_list: ['a', 'b'] },
    ],
    [
      { id: 1, privilege: { manage_customer_tag: false } },
      { strategy_id: 1, privilege: { manage_customer_tag: false } },
    ],
    [
      { id: 1, rangeDelete: [{ type: 'department', id: 3 }] },
      { strategy_id: 1, range_del: [{ type: 2, partyid: 3 }] },
    ],
  ] as const)('edit %j sends %j', async (request, body) => {
    await ruleGroups.edit(request);
    expect(bodies()).toEqual([body]);
  });

  test('a long range is split, additions before removals, other fields once', async () => {
    await ruleGroups.edit({ id: 1, name: '新', rangeAdd: members(130), rangeDelete: members(100, 'x') });
    expect(
      bodies().map((body) => [body.range_add?.length ?? 0, body.range_del?.length ?? 0, body.strategy_name]),
    ).toEqual([
      [100, 0, '新'],
      [30, 70, undefined],
      [0, 30, undefined],
    ]);
    const sent = bodies().flatMap((body) => [...(body.range_add ?? []), ...(body.range_del ?? [])]);
    expect(new Set(sent.map((node) => JSON.stringify(node))).size).toBe(230);
  });

  test('an edit without a change is a mistake of ours', async () => {
    await expect(ruleGroups.edit({ id: 1 })).rejects.toMatchObject({ kind: 'bug' });
    expect(platform.calls).toHaveLength(0);
  });

  test('create, edit and delete stand in line; a failure does not stop the next; reading does not wait', async () => {
    const held: (() => void)[] = [];
    platform.says((call, response) => {
      const refused = call.path.endsWith('/edit');
      const answer = () =>
        response.end(
          JSON.stringify(refused ? refusal(60030) : { ...ok, strategy_id: 1, strategy: { strategy_id: 1 } }),
        );
      if (call.path.endsWith('/get')) answer();
      else held.push(answer);
    });
    const writes = [
      ruleGroups.create({ name: 'a', admins: [], range: [] }),
      ruleGroups.edit({ id: 1, name: 'b' }),
      ruleGroups.delete(1),
      ruleGroups.delete(2),
    ].map((write) => write.then(() => 'done').catch(() => 'refused'));
    const outcomes: string[] = [];
    for (const [turn, write] of writes.entries()) {
      await expect.poll(() => held.length).toBe(1);
      // Three round trips later the next write has still not been sent.
      for (let i = 0; i < 3; i++) await ruleGroups.get(1);
      expect(verbs().filter((verb) => verb !== 'get')).toEqual(['create', 'edit', 'del', 'del'].slice(0, turn + 1));
      held.shift()?.();
      outcomes.push(await write);
    }
    expect(outcomes).toEqual(['done', 'refused', 'done', 'done']);
  });
});
