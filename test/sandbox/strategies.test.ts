import { expect, test } from 'vitest';
import { type Box, startBox } from './box.ts';

const at = (call: string): string => `externalcontact/customer_strategy/${call}`;
const sales = { type: 2, partyid: 2 };
const draft = {
  strategy_name: '华北大区',
  admin_list: ['zhangsan', 'LISI'],
  range: [sales, { type: 1, userid: 'chenjie' }],
};

const strategyOf = async (box: Box, strategy_id: unknown) =>
  (await box.call(at('get'), { strategy_id })).strategy as {
    readonly parent_id: number;
    readonly strategy_name: string;
    readonly admin_list: readonly string[];
    readonly privilege: Readonly<Record<string, boolean>>;
  };

test('list pages over the own rule groups; the one made by hand is not among them', async () => {
  const box = await startBox();
  expect(await box.call(at('list'), {})).toEqual({
    errcode: 0,
    errmsg: 'ok',
    strategy: [1, 2, 3].map((strategy_id) => ({ strategy_id })),
  });
  const first = await box.call(at('list'), { limit: 2 });
  expect(first.strategy).toEqual([{ strategy_id: 1 }, { strategy_id: 2 }]);
  const rest = await box.call(at('list'), { limit: 2, cursor: first.next_cursor });
  expect(rest.strategy).toEqual([{ strategy_id: 3 }]);
  expect(rest).not.toHaveProperty('next_cursor');
  expect(await box.errcode(at('list'), { cursor: 'nonsense' })).toBe(50100);
  expect(await box.errcode(at('list'), { limit: 1001 })).toBe(40058);
  expect(await box.errcode(at('get'), { strategy_id: 4 })).toBe(60030);
});

test('create, get and get_range agree; base rights stay on', async () => {
  const box = await startBox();
  const privilege = { view_customer_list: false, manage_customer_tag: true };
  const { strategy_id } = await box.call(at('create'), { ...draft, privilege });
  expect(await strategyOf(box, strategy_id)).toMatchObject({
    parent_id: 0,
    strategy_name: '华北大区',
    admin_list: ['zhangsan', 'lisi'],
    privilege: { view_customer_list: true, manage_customer_tag: true, share_customer: false },
  });
  expect((await box.call(at('get_range'), { strategy_id })).range).toEqual(draft.range);
  expect((await box.call(at('get_range'), { strategy_id, limit: 1 })).next_cursor).toEqual(expect.any(String));
});

test.each([
  ['no name', { strategy_name: undefined }, 40058],
  ['no admins', { admin_list: undefined }, 40058],
  ['a super admin', { admin_list: ['wangzong'] }, 40058],
  ['an unknown admin', { admin_list: ['nobody'] }, 60111],
  ['an admin who cannot see the app', { admin_list: ['sunqi'] }, 60011],
  ['21 admins', { admin_list: Array.from({ length: 21 }, () => 'lisi') }, 40058],
  ['no range', { range: [] }, 40058],
  [
    '101 nodes',
    { range: Array.from({ length: 101 }, (_, i) => (i === 0 ? sales : { type: 1, userid: 'lisi' })) },
    40058,
  ],
  ['a department outside the visible range', { range: [{ type: 2, partyid: 4 }] }, 60030],
  ['a member outside the visible range', { range: [{ type: 1, userid: 'sunqi' }] }, 60030],
  ['an unknown department', { range: [{ type: 2, partyid: 77 }] }, 60003],
  ['a node without type', { range: [{ userid: 'lisi' }] }, 40058],
  ['a parent of nobody', { parent_id: 99 }, 60030],
  ['a right as text', { privilege: { manage_customer_tag: 'true' } }, 40035],
])('create with %s is refused and creates nothing', async (_, change, errcode) => {
  const box = await startBox();
  expect(await box.errcode(at('create'), { ...draft, ...change })).toBe(errcode);
  expect((await box.call(at('list'), {})).strategy).toHaveLength(3);
});

test('an edit names at most a hundred nodes, added and removed together', async () => {
  const box = await startBox();
  const nodes = (count: number) => Array.from({ length: count }, () => ({ type: 1, userid: 'chenjie' }));
  expect(await box.errcode(at('edit'), { strategy_id: 1, range_add: nodes(50), range_del: nodes(51) })).toBe(40058);
  expect(await box.errcode(at('edit'), { strategy_id: 1, range_add: nodes(50), range_del: nodes(50) })).toBe(0);
});

test('a child stays within its parent, five levels deep at most', async () => {
  const box = await startBox();
  const child = (parent_id: unknown, more: object = {}) =>
    box.call(at('create'), { parent_id, strategy_name: '下级', admin_list: ['lisi'], range: [sales], ...more });
  expect((await child(2, { range: [{ type: 2, partyid: 3 }] })).errcode).toBe(40058);
  expect((await child(2, { range: [{ type: 1, userid: 'wangwu' }] })).errcode).toBe(0);
  expect((await child(2, { privilege: { rapid_reply: true } })).errcode).toBe(40058);
  let parent: unknown = 2;
  for (let level = 2; level <= 5; level++) parent = (await child(parent)).strategy_id;
  expect((await child(parent)).errcode).toBe(40058);
  expect(
    await box.errcode(at('edit'), { strategy_id: 2, range_add: [{ type: 2, partyid: 3 }], range_del: [sales] }),
  ).toBe(40058);
});

test('edit overwrites admins and rights, and moves ranges by deltas', async () => {
  const box = await startBox();
  const before = await strategyOf(box, 2);
  expect(await box.errcode(at('edit'), { strategy_id: 2 })).toBe(40058);
  expect(await box.errcode(at('edit'), { strategy_id: 2, strategy_name: '华南' })).toBe(0);
  expect((await strategyOf(box, 2)).privilege).toEqual(before.privilege);
  const change = {
    admin_list: ['wangwu'],
    privilege: { rapid_reply: true },
    range_add: [{ type: 1, userid: 'chenjie' }],
    range_del: [sales],
  };
  expect(await box.errcode(at('edit'), { strategy_id: 2, ...change })).toBe(0);
  expect(await strategyOf(box, 2)).toMatchObject({
    strategy_name: '华南',
    admin_list: ['wangwu'],
    privilege: { rapid_reply: true, manage_customer_tag: false, contact_me: true },
  });
  expect((await box.call(at('get_range'), { strategy_id: 2 })).range).toEqual([{ type: 1, userid: 'chenjie' }]);
});

test('of two creates at once the second is told to wait; one after the other both succeed', async () => {
  const box = await startBox();
  await box.getToken();
  // The first one is still at work when the second comes, however busy the machine is.
  box.setFaults({ slow: { on: true, ms: 500, path: 'create' } });
  const both = await Promise.all([box.errcode(at('create'), draft), box.errcode(at('create'), draft)]);
  box.setFaults({ slow: { on: false, ms: 0 } });
  expect(both.sort()).toEqual([0, 45035]);
  expect(await box.errcode(at('create'), draft)).toBe(0);
  expect(await box.errcode(at('edit'), { strategy_id: 1, strategy_name: '华东' })).toBe(0);
});

test('del takes the rule group, those below it, and their tags', async () => {
  const box = await startBox();
  expect(await box.errcode(at('del'), { strategy_id: 1 })).toBe(0);
  expect((await box.call(at('list'), {})).strategy).toEqual([{ strategy_id: 2 }]);
  expect((await box.call('externalcontact/get_strategy_tag_list', {})).tag_group).toHaveLength(2);
});
