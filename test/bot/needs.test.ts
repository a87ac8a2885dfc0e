/** Right × rule groups: what each order needs, and who has it. */

import { describe, expect, test } from 'vitest';
import { lacking, needsOfOrder, needsOfSteps } from '../../src/bot/needs.ts';
import { rightsOf } from '../../src/bot/rights.ts';
import { commandRow } from '../../src/command/table/grammar.ts';
import type { Order } from '../../src/resolve/order.ts';
import { Library } from '../../src/tags/library.ts';
import { ruleGroup, tagGroup } from '../tags/names.ts';

const library = new Library(
  [
    { ...ruleGroup(1, '华东大区'), admins: ['zhangsan'], privilege: { manage_customer_tag: true } },
    { ...ruleGroup(2, '华南大区'), admins: ['lisi'], privilege: { manage_customer_tag: true } },
  ],
  [tagGroup('a', '客户分级', ['VIP'], 1), tagGroup('b', '行业', ['餐饮'], 2)],
  0,
);
const east = { id: 'a', name: '客户分级', libraryId: 1 };
const south = { id: 'b', name: '行业', libraryId: 2 };
const tagIn = (group: typeof east) => {
  const tag = library.group(group.id)?.tags[0];
  return { id: tag?.id ?? '', name: tag?.name ?? '', group };
};
const vip = tagIn(east);
const food = tagIn(south);
const rule = { id: 2, name: '华南大区' };

const ORDERS: readonly (readonly [order: Order, where: readonly (number | 'somewhere')[]])[] = [
  [{ command: 'tag.add', tags: ['钻石'], target: { kind: 'existing', group: south } }, [2]],
  [{ command: 'tag.add', tags: ['钻石'], target: { kind: 'new', name: '新组', libraryId: 2 } }, [2]],
  [{ command: 'tag.delete', targets: [vip, food], absent: [] }, [1, 2]],
  [{ command: 'tag.rename', target: food, to: '美食' }, [2]],
  [{ command: 'tag.order', target: vip, order: 1 }, [1]],
  [{ command: 'tag.top', target: vip }, [1]],
  [{ command: 'tag.list', libraryId: 1, group: south }, [1, 2]],
  [{ command: 'tag.find', query: 'VIP', group: undefined }, ['somewhere']],
  [{ command: 'tag.find', query: 'VIP', group: east }, [1]],
  [{ command: 'tag.move', targets: [vip], group: south }, [1, 2]],
  [{ command: 'group.create', name: '新组', libraryId: 2, tags: ['一'] }, [2]],
  [{ command: 'group.delete', targets: [east, south], absent: [] }, [1, 2]],
  [{ command: 'group.rename', target: south, to: '别的' }, [2]],
  [{ command: 'group.order', target: south, order: 1 }, [2]],
  [{ command: 'group.top', target: south }, [2]],
  [{ command: 'group.list', libraryId: 2 }, [2]],
  [{ command: 'rule.switch', target: rule }, [2]],
  [{ command: 'rule.show', target: rule }, [2]],
  [{ command: 'rule.rename', target: rule, to: '南部' }, [2]],
  [{ command: 'rule.delete', target: rule }, [2]],
  [{ command: 'rule.admins', target: rule, add: ['lisi'], remove: [] }, [2]],
  [{ command: 'rule.range', target: rule, add: ['销售部'], remove: [] }, [2]],
  [{ command: 'rule.create', name: '北部', parent: undefined, admins: [], range: [] }, ['somewhere']],
  [
    {
      command: 'import',
      libraryId: 1,
      groups: [{ target: { kind: 'existing', group: south }, tags: ['钻石'] }],
      withDeletes: false,
    },
    [1, 2],
  ],
  [{ command: 'export', form: 'file' }, ['somewhere']],
  [{ command: 'stats' }, ['somewhere']],
  [{ command: 'doctor' }, ['somewhere']],
];

describe('an order needs the right of its row in every rule group it is about', () => {
  test.each(ORDERS)('%j', (order, where) => {
    const needs = needsOfOrder(order, library);
    expect(needs.map((need) => need.where)).toEqual(where);
    for (const { right } of needs) expect(right).toBe(commandRow(order.command).right);
  });
});

test('a right in one rule group is none in the other, and the first that is missing is named', () => {
  const zhangsan = rightsOf('zhangsan', library, { botAdmins: [], readAccess: 'admins', roles: [] });
  const wangzong = rightsOf('wangzong', library, { botAdmins: ['wangzong'], readAccess: 'admins', roles: [] });
  const both = needsOfOrder({ command: 'tag.delete', targets: [vip, food], absent: [] }, library);
  expect(lacking(zhangsan, both)).toMatchObject({ right: 'edit', where: 2 });
  expect(lacking(wangzong, both)).toBeUndefined();
  expect(lacking(zhangsan, needsOfOrder({ command: 'export', form: 'file' }, library))).toBeUndefined();
  expect(lacking(zhangsan, needsOfOrder({ command: 'doctor' }, library))).toBeDefined();
});

test('a plan needs what its steps do, where they do it', () => {
  const group = { ...south, order: 1 };
  expect(
    needsOfSteps([
      { do: 'deleteTags', group, tags: [], takesGroup: false },
      { do: 'orderGroup', id: 'a', libraryId: 1, name: '客户分级', from: 1, to: 2 },
      { do: 'editRule', id: 2, name: '华南大区' },
      { do: 'deleteRule', id: 2, name: '华南大区', groups: 0, tags: 0 },
      { do: 'createRule', name: '北部', parentId: 0, admins: [], range: [] },
    ]),
  ).toMatchObject([
    { right: 'edit', where: 2 },
    { right: 'edit', where: 1 },
    { right: 'admin', where: 2 },
    { right: 'bot-admin' },
    { right: 'bot-admin' },
  ]);
});
