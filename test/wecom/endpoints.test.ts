/**
 * The tag calls and the two reads of rule groups against the sandbox, over HTTP: what they find, what they change, and
 * with which errcode they are refused. What goes over the wire exactly is in tags.test.ts and strategies.test.ts.
 */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Log } from '../../src/log.ts';
import type { Faults } from '../../src/sandbox/protocol.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { MAX_ORDER, type TagFilter, type TagGroup } from '../../src/tags/tag.ts';
import { createWecom, type Wecom } from '../../src/wecom/wecom.ts';

const IDENTITY = { corpId: 'ww5d2f8c1a9b7e4630', agentId: 1000007, secret: 'a-secret-of-the-app' };
const CALLBACK = { token: 'CallbackToken1', encodingAesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG' };
const EAST = 1;
const SOUTH = 2;
const CHILD = 3;
const HANDMADE = 4;
const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

let sandbox: Sandbox;
let wecom: Wecom;
beforeEach(async () => {
  sandbox = await startSandbox({ ...IDENTITY, ...CALLBACK });
  wecom = createWecom({
    ...IDENTITY,
    baseUrl: sandbox.url,
    log: silent,
    metrics: { apiCall: () => undefined },
    now: Date.now,
    sleep: async () => undefined,
  });
});
afterEach(async () => {
  wecom.close();
  await sandbox.stop();
});

function group(name: string, strategyId = EAST) {
  const found = sandbox.corp.library.groupsOf(strategyId).find((each) => each.name === name);
  if (!found) throw new Error(`no group ${name}`);
  return found;
}
function tagId(name: string, within = '客户分级', strategyId = EAST): string {
  const found = group(within, strategyId).tags.find((tag) => tag.name === name);
  if (!found) throw new Error(`no tag ${name}`);
  return found.id;
}
const named = (groups: readonly TagGroup[]) =>
  Object.fromEntries(groups.map((each) => [`${each.libraryId} ${each.name}`, each.tags.map((tag) => tag.name)]));
const refusedWith = (errcode: number) => ({ name: 'BotError', code: `wecom.${errcode}`, errcode });

const GRADES = ['普通', '重点', '老客'];
const SOURCES = ['抖音', '小红书', '门店', '转介绍'];

describe('get_strategy_tag_list', () => {
  test.each<[what: string, filter: () => TagFilter, found: Record<string, string[]>]>([
    [
      'everything the app may see',
      () => ({ of: 'rule-groups' }),
      {
        '1 客户分级': GRADES,
        '1 渠道来源': SOURCES,
        '1 地区': ['上海', '杭州', '苏州'],
        '1 到访记录': ['到访一次', '到访两次'],
        '2 客户分级': ['意向', '成交'],
        '2 行业': ['餐饮', '教育'],
      },
    ],
    ['one rule group', () => ({ of: SOUTH }), { '2 客户分级': ['意向', '成交'], '2 行业': ['餐饮', '教育'] }],
    ['a rule group without tags', () => ({ of: CHILD }), {}],
    ['one group', () => ({ of: 'rule-groups', groupIds: [group('客户分级').id] }), { '1 客户分级': GRADES }],
    [
      'groups of several rule groups',
      () => ({ of: 'rule-groups', groupIds: [group('行业', SOUTH).id, group('渠道来源').id] }),
      { '1 渠道来源': SOURCES, '2 行业': ['餐饮', '教育'] },
    ],
    [
      'tags, with their groups and without their siblings',
      () => ({ of: 'rule-groups', tagIds: [tagId('老客'), tagId('普通'), tagId('教育', '行业', SOUTH)] }),
      { '1 客户分级': ['普通', '老客'], '2 行业': ['教育'] },
    ],
    [
      'groups beat tags',
      () => ({ of: 'rule-groups', groupIds: [group('渠道来源').id], tagIds: [tagId('普通')] }),
      { '1 渠道来源': SOURCES },
    ],
    ['a group within its rule group', () => ({ of: EAST, groupIds: [group('客户分级').id] }), { '1 客户分级': GRADES }],
    ['a tag within its rule group', () => ({ of: EAST, tagIds: [tagId('重点')] }), { '1 客户分级': ['重点'] }],
    ['no ids are nothing', () => ({ of: 'rule-groups', groupIds: [] }), {}],
  ])('%s', async (_, filter, found) => {
    expect(named(await wecom.tags.list(filter()))).toEqual(found);
  });

  test('a group comes with its id, order and age, as shown', async () => {
    const [grades] = await wecom.tags.list({ of: 'rule-groups', groupIds: [group('客户分级').id] });
    expect(grades).toMatchObject({ id: group('客户分级').id, order: 4, libraryId: EAST });
    expect(grades?.createTime).toBeGreaterThan(1_600_000_000);
    expect(grades?.tags.map((tag) => tag.order)).toEqual([3, 2, 1]);
  });

  const unknown: [string, () => TagFilter][] = [
    ['an unknown group', () => ({ of: 'rule-groups', groupIds: ['etUnknown'] })],
    ['an unknown tag', () => ({ of: 'rule-groups', tagIds: ['etUnknown'] })],
    ['a group asked for as a tag', () => ({ of: 'rule-groups', tagIds: [group('客户分级').id] })],
    ['a group of a rule group made by hand', () => ({ of: 'rule-groups', groupIds: [group('售后类型', HANDMADE).id] })],
    ['a group of another rule group', () => ({ of: SOUTH, groupIds: [group('渠道来源').id] })],
  ];
  test.each(unknown)('%s is refused', async (_, filter) => {
    await expect(wecom.tags.list(filter())).rejects.toMatchObject(refusedWith(40068));
  });
  test.each(unknown)('%s is left out, where the platform does so', async (_, filter) => {
    sandbox.setVariants({ unknownIds: 'omit' });
    expect(await wecom.tags.list(filter())).toEqual([]);
  });

  test.each([60030, 40058, 40068] as const)('a rule group that the app may not see is refused: %i', async (errcode) => {
    sandbox.setVariants({ foreignStrategy: errcode });
    for (const strategyId of [HANDMADE, 99])
      await expect(wecom.tags.list({ of: strategyId })).rejects.toMatchObject(refusedWith(errcode));
  });
});

describe.each(['all', 'onlyNew', 'refuse'] as const)('add_strategy_tag, variant %s', (addExisting) => {
  beforeEach(() => {
    sandbox.setVariants({ addExisting });
  });

  test('by id, by name, and into a new group', async () => {
    const byId = await wecom.tags.add({
      libraryId: EAST,
      target: { groupId: group('客户分级').id },
      tags: [{ name: 'VIP' }, { name: 'SVIP' }],
    });
    expect(byId).toMatchObject({
      groupId: group('客户分级').id,
      tags: [
        { id: tagId('VIP'), name: 'VIP', order: 0 },
        { id: tagId('SVIP'), name: 'SVIP', order: 0 },
      ],
    });
    const byName = await wecom.tags.add({
      libraryId: SOUTH,
      target: { groupName: '客户分级' },
      tags: [{ name: 'VIP' }],
    });
    expect(byName.groupId).toBe(group('客户分级', SOUTH).id);
    const made = await wecom.tags.add({
      libraryId: SOUTH,
      target: { groupName: '渠道来源', order: 9 },
      tags: [{ name: '展会', order: MAX_ORDER }, { name: '官网' }],
    });
    expect(made.groupId).toBe(group('渠道来源', SOUTH).id);
    expect(made.tags.map((tag) => tag.name)).toEqual(['展会', '官网']);
    expect(group('渠道来源', SOUTH)).toMatchObject({ order: 9, tags: [{ order: MAX_ORDER }, { order: 0 }] });
  });

  test('the order of a group that exists is not touched', async () => {
    const target = { groupName: '客户分级', order: 77 };
    await wecom.tags.add({ libraryId: EAST, target, tags: [{ name: 'VIP' }] });
    expect(group('客户分级').order).toBe(4);
  });

  test('a name twice in one request is one tag', async () => {
    const target = { groupId: group('客户分级').id };
    const { tags } = await wecom.tags.add({ libraryId: EAST, target, tags: [{ name: 'VIP' }, { name: 'VIP' }] });
    expect(tags.map((tag) => tag.name)).toEqual(['VIP']);
  });

  test('names that exist', async () => {
    const request = {
      libraryId: EAST,
      target: { groupId: group('客户分级').id },
      tags: [{ name: '普通' }, { name: 'VIP' }],
    };
    if (addExisting === 'refuse') {
      await expect(wecom.tags.add(request)).rejects.toMatchObject(refusedWith(40071));
      expect(group('客户分级').tags.map((tag) => tag.name)).toEqual(GRADES);
      return;
    }
    const { tags } = await wecom.tags.add(request);
    expect(tags.map((tag) => tag.name).sort()).toEqual(addExisting === 'all' ? ['VIP', '普通'] : ['VIP']);
    expect(group('客户分级').tags.map((tag) => tag.name)).toEqual([...GRADES, 'VIP']);
  });
});

describe('what add_strategy_tag refuses, changing nothing', () => {
  const tags = [{ name: 'VIP' }];
  test.each<[what: string, request: () => Parameters<Wecom['tags']['add']>[0], errcode: number]>([
    ['an unknown group', () => ({ libraryId: EAST, target: { groupId: 'etUnknown' }, tags }), 40068],
    [
      'a group of another rule group',
      () => ({ libraryId: EAST, target: { groupId: group('行业', SOUTH).id }, tags }),
      40068,
    ],
    ['a tag for a group', () => ({ libraryId: EAST, target: { groupId: tagId('普通') }, tags }), 40068],
    ['no tags', () => ({ libraryId: EAST, target: { groupName: 'X' }, tags: [] }), 40058],
    ['no group name', () => ({ libraryId: EAST, target: { groupName: '' }, tags }), 40058],
    [
      'a tag name of 31 characters',
      () => ({ libraryId: EAST, target: { groupName: 'X' }, tags: [{ name: '😀'.repeat(31) }] }),
      40072,
    ],
    ['a blank tag name', () => ({ libraryId: EAST, target: { groupName: 'X' }, tags: [{ name: ' ' }] }), 40072],
    ['a group name of 31 characters', () => ({ libraryId: EAST, target: { groupName: '组'.repeat(31) }, tags }), 40072],
    [
      'an order of 2^32',
      () => ({ libraryId: EAST, target: { groupName: 'X' }, tags: [{ name: 'VIP', order: MAX_ORDER + 1 }] }),
      40058,
    ],
    ['a negative order', () => ({ libraryId: EAST, target: { groupName: 'X', order: -1 }, tags }), 40058],
    ['a child rule group', () => ({ libraryId: CHILD, target: { groupName: 'X' }, tags }), 60030],
    ['a rule group made by hand', () => ({ libraryId: HANDMADE, target: { groupName: 'X' }, tags }), 60030],
  ])('%s', async (_, request, errcode) => {
    const before = JSON.stringify(sandbox.corp.ruleGroups());
    await expect(wecom.tags.add(request())).rejects.toMatchObject(refusedWith(errcode));
    expect(JSON.stringify(sandbox.corp.ruleGroups())).toBe(before);
  });

  test('more than ten thousand tags', async () => {
    sandbox.reset({ tags: 10_000 });
    const request = { libraryId: EAST, target: { groupName: '客户分级' }, tags };
    await expect(wecom.tags.add(request)).rejects.toMatchObject(refusedWith(40126));
  });

  test('names of 30 characters of four bytes, and names that look like code, are taken', async () => {
    const names = [
      '😀'.repeat(30),
      '__proto__',
      'constructor',
      '<b>',
      "'; DROP TABLE x; --",
      ']]>',
      '"\\',
      '{}',
      'null',
    ];
    const target = { groupName: 'hasOwnProperty' };
    const { tags: made } = await wecom.tags.add({ libraryId: EAST, target, tags: names.map((name) => ({ name })) });
    expect(made.map((tag) => tag.name).sort()).toEqual([...names].sort());
    const [read] = await wecom.tags.list({ of: 'rule-groups', groupIds: [group('hasOwnProperty').id] });
    expect(read?.tags.map((tag) => tag.name).sort()).toEqual([...names].sort());
  });
});

describe('edit_strategy_tag', () => {
  test.each<[what: string, change: { name?: string; order?: number }, tag: object]>([
    ['the name', { name: '一般' }, { name: '一般', order: 3 }],
    ['the order', { order: 0 }, { name: '普通', order: 0 }],
    ['both', { name: '一般', order: MAX_ORDER }, { name: '一般', order: MAX_ORDER }],
    ['the name it has', { name: '普通' }, { name: '普通', order: 3 }],
  ])('a tag: %s', async (_, change, tag) => {
    await wecom.tags.edit({ libraryId: 1, id: tagId('普通'), ...change });
    expect(group('客户分级').tags[0]).toMatchObject(tag);
    expect(group('客户分级').tags.slice(1)).toMatchObject([
      { name: '重点', order: 2 },
      { name: '老客', order: 1 },
    ]);
  });

  test.each<[what: string, change: { name?: string; order?: number }, group: object]>([
    ['the name', { name: '等级' }, { name: '等级', order: 4 }],
    ['the order', { order: 0 }, { name: '客户分级', order: 0 }],
    ['both', { name: '等级', order: 9 }, { name: '等级', order: 9 }],
    ['a name that a group of another rule group has', { name: '行业' }, { name: '行业', order: 4 }],
  ])('a group: %s', async (_, change, expected) => {
    const { id } = group('客户分级');
    await wecom.tags.edit({ libraryId: 1, id, ...change });
    expect(sandbox.corp.library.find(id)?.group).toMatchObject({ ...expected, tags: GRADES.map((name) => ({ name })) });
  });

  test.each<[what: string, request: () => Parameters<Wecom['tags']['edit']>[0], errcode: number]>([
    ['the name of a sibling tag', () => ({ libraryId: EAST, id: tagId('普通'), name: '重点' }), 40071],
    ['the name of a sibling group', () => ({ libraryId: EAST, id: group('客户分级').id, name: '地区' }), 40071],
    ['a name of 31 characters', () => ({ libraryId: EAST, id: tagId('普通'), name: '名'.repeat(31) }), 40072],
    ['a blank name', () => ({ libraryId: EAST, id: tagId('普通'), name: ' ' }), 40072],
    ['an empty name', () => ({ libraryId: EAST, id: tagId('普通'), name: '' }), 40058],
    ['an order of 2^32', () => ({ libraryId: EAST, id: tagId('普通'), order: MAX_ORDER + 1 }), 40058],
    ['an unknown id', () => ({ libraryId: EAST, id: 'etUnknown', name: 'X' }), 40068],
    [
      'a tag of a rule group made by hand',
      () => ({ libraryId: EAST, id: tagId('退货', '售后类型', HANDMADE), name: 'X' }),
      40068,
    ],
  ])('%s is refused and changes nothing', async (_, request, errcode) => {
    const before = JSON.stringify(sandbox.corp.ruleGroups());
    await expect(wecom.tags.edit(request())).rejects.toMatchObject(refusedWith(errcode));
    expect(JSON.stringify(sandbox.corp.ruleGroups())).toBe(before);
  });
});

describe('del_strategy_tag', () => {
  test('tags of several groups; a group without tags vanishes', async () => {
    await wecom.tags.delete({
      libraryId: 1,
      tagIds: [tagId('普通'), tagId('到访一次', '到访记录'), tagId('到访两次', '到访记录')],
    });
    expect(named(await wecom.tags.list({ of: EAST }))).toEqual({
      '1 客户分级': ['重点', '老客'],
      '1 渠道来源': SOURCES,
      '1 地区': ['上海', '杭州', '苏州'],
    });
  });

  test('groups, and groups with tags', async () => {
    await wecom.tags.delete({ libraryId: 1, groupIds: [group('客户分级').id, group('地区').id] });
    await wecom.tags.delete({ libraryId: 1, groupIds: [group('到访记录').id], tagIds: [tagId('抖音', '渠道来源')] });
    expect(named(await wecom.tags.list({ of: EAST }))).toEqual({ '1 渠道来源': SOURCES.slice(1) });
  });

  test.each<[what: string, request: () => Parameters<Wecom['tags']['delete']>[0]]>([
    ['one unknown tag', () => ({ libraryId: EAST, tagIds: [tagId('普通'), 'etUnknown'] })],
    ['one unknown group', () => ({ libraryId: EAST, tagIds: [tagId('普通')], groupIds: ['etUnknown'] })],
    ['a group for a tag', () => ({ libraryId: EAST, tagIds: [group('客户分级').id] })],
    ['a tag for a group', () => ({ libraryId: EAST, groupIds: [tagId('普通')] })],
    ['a group of a rule group made by hand', () => ({ libraryId: EAST, groupIds: [group('售后类型', HANDMADE).id] })],
  ])('%s refuses the whole call', async (_, request) => {
    const before = JSON.stringify(sandbox.corp.ruleGroups());
    await expect(wecom.tags.delete(request())).rejects.toMatchObject(refusedWith(40068));
    expect(JSON.stringify(sandbox.corp.ruleGroups())).toBe(before);
  });
});

describe('customer_strategy', () => {
  test('list: only what the app created', async () => {
    expect(await wecom.ruleGroups.list()).toEqual([EAST, SOUTH, CHILD]);
  });

  test('get: name, parent, admins and the right to manage tags', async () => {
    expect(await wecom.ruleGroups.get(EAST)).toMatchObject({
      id: EAST,
      parentId: 0,
      name: '华东大区',
      admins: ['zhangsan'],
      privilege: { manage_customer_tag: true },
    });
    expect(await wecom.ruleGroups.get(CHILD)).toMatchObject({
      parentId: EAST,
      privilege: { manage_customer_tag: false },
    });
  });

  test.each([60030, 40058, 40068] as const)('get: what the app did not create is refused: %i', async (errcode) => {
    sandbox.setVariants({ foreignStrategy: errcode });
    await expect(wecom.ruleGroups.get(HANDMADE)).rejects.toMatchObject(refusedWith(errcode));
  });
});

describe('an unpleasant platform', () => {
  const write = () => wecom.tags.edit({ libraryId: 1, id: tagId('普通'), name: '一般' });
  const read = () => wecom.tags.list({ of: SOUTH });

  test.each<[what: string, faults: Partial<Faults>, ofRead: object, ofWrite: object]>([
    [
      'HTTP 502',
      { badGateway: { on: true } },
      { code: 'api.gateway', kind: 'busy' },
      { code: 'api.unknown-outcome', kind: 'unknown-outcome' },
    ],
    [
      'a connection that breaks',
      { brokenBefore: { on: true } },
      { code: 'api.broken' },
      { code: 'api.unknown-outcome' },
    ],
    [
      'an answer without its array',
      { wrongShape: { on: true, path: 'get_strategy_tag_list' } },
      { code: 'api.wrong-shape' },
      {},
    ],
    ['busy', { busy: { on: true } }, { errcode: -1, kind: 'busy' }, { errcode: -1, kind: 'busy' }],
    ['too many calls', { rateLimited: { on: true } }, { errcode: 45009, kind: 'busy' }, { errcode: 45009 }],
    ['no right', { errcode: { on: true, code: 48002 } }, { errcode: 48002, kind: 'setup' }, { errcode: 48002 }],
    ['an untrusted address', { untrustedIp: { on: true } }, { errcode: 60020, kind: 'setup' }, { errcode: 60020 }],
    ['a wrong secret', { wrongSecret: { on: true } }, { errcode: 40001, kind: 'setup' }, { errcode: 40001 }],
  ])('%s: told as it is, and the next call works', async (_, faults, ofRead, ofWrite) => {
    if (!faults.wrongSecret) await wecom.token.get();
    sandbox.setFaults(faults);
    await expect(read()).rejects.toMatchObject(ofRead);
    if (Object.keys(ofWrite).length > 0) await expect(write()).rejects.toMatchObject(ofWrite);
    expect(group('客户分级').tags[0]?.name).toBe('普通');
    if (faults.wrongSecret) return;
    const off = Object.fromEntries(Object.keys(faults).map((name) => [name, { on: false }]));
    sandbox.setFaults(off);
    expect(await read()).toHaveLength(2);
    await write();
    expect(group('客户分级').tags[0]?.name).toBe('一般');
  });

  test('a passing trouble is not seen: busy twice, an expired token', async () => {
    sandbox.setFaults({ busy: { on: true, times: 2 } });
    await write();
    sandbox.setFaults({ expiredToken: { on: true } });
    expect(await read()).toHaveLength(2);
  });

  test('a write whose answer is lost is carried out once', async () => {
    sandbox.setFaults({ brokenAfter: { on: true, times: 1, path: 'add_strategy_tag' } });
    const add = wecom.tags.add({ libraryId: EAST, target: { groupName: '地区' }, tags: [{ name: '北京' }] });
    await expect(add).rejects.toMatchObject({ code: 'api.unknown-outcome' });
    expect(sandbox.calls.filter((call) => call.path.endsWith('add_strategy_tag'))).toHaveLength(1);
    expect(group('地区').tags.map((tag) => tag.name)).toContain('北京');
  });
});
