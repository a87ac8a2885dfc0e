import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TagApi } from '../../src/tags/tag.ts';
import { createTagApi } from '../../src/wecom/tags.ts';
import { type Bench, breakOff, connectTo, ok, type Platform, refusal, startPlatform } from './platform.ts';

let platform: Platform;
let bench: Bench;
let tags: TagApi;
beforeEach(async () => {
  platform = await startPlatform();
  bench = connectTo(platform.url);
  tags = createTagApi(bench.client, {
    sleep: async (ms) => {
      bench.clock.time += ms;
    },
  });
});
afterEach(async () => {
  bench.close();
  await platform.close();
});

const PREFIX = 'externalcontact/';
const lastBody = (): unknown => JSON.parse(platform.calls.at(-1)?.text ?? '');
const lastPath = (): string | undefined => platform.calls.at(-1)?.path.replace(PREFIX, '');

describe('list', () => {
  test.each([
    [{}, {}],
    [{ of: 3 }, { strategy_id: 3 }],
    [{ tagIds: ['t1', 't2'] }, { tag_id: ['t1', 't2'] }],
    [{ groupIds: ['g1'] }, { group_id: ['g1'] }],
    [
      { of: 3, tagIds: ['t1'], groupIds: ['g1'] },
      { strategy_id: 3, group_id: ['g1'] },
    ],
  ])('filter %j is sent as %j', async (filter, body) => {
    platform.says({ ...ok, tag_group: [] });
    expect(await tags.list({ of: 'rule-groups', ...filter })).toEqual([]);
    expect(lastPath()).toBe('get_strategy_tag_list');
    expect(lastBody()).toEqual(body);
  });

  test.each([{ tagIds: [] }, { groupIds: [] }, { of: 1, groupIds: [] }])(
    'an empty id list finds nothing and calls nothing: on the wire it would mean everything %#',
    async (filter) => {
      expect(await tags.list({ of: 'rule-groups', ...filter })).toEqual([]);
      expect(platform.calls).toHaveLength(0);
    },
  );

  test('groups and tags come in the order in which they are shown', async () => {
    const tag = (id: string, order: unknown, time: unknown = 5) => ({ id, name: `n-${id}`, order, create_time: time });
    platform.says({
      ...ok,
      tag_group: [
        { group_id: 'g1', group_name: '一', create_time: 9, order: 1, strategy_id: 7, tag: [tag('a', 1), tag('b', 9)] },
        {
          group_id: 'g2',
          group_name: '二',
          create_time: 9,
          order: 4294967295,
          strategy_id: 7,
          tag: [tag('c', 1, 8), tag('d', 1, 7)],
        },
      ],
    });
    const groups = await tags.list({ of: 'rule-groups' });
    expect(groups.map((group) => [group.id, group.tags.map((t) => t.id)])).toEqual([
      ['g2', ['d', 'c']],
      ['g1', ['b', 'a']],
    ]);
    expect(groups[1]).toMatchObject({ name: '一', order: 1, libraryId: 7, createTime: 9 });
    expect(groups[1]?.tags[0]).toEqual({ id: 'b', name: 'n-b', order: 9, createTime: 5 });
  });

  test('numbers as text, missing fields and a missing tag array are taken', async () => {
    platform.says({
      ...ok,
      tag_group: [
        {
          group_id: 'g1',
          group_name: '一',
          order: '12',
          create_time: '1557838797',
          strategy_id: '3',
          tag: [{ id: 't', name: 'T' }],
        },
        { group_id: 'g2', group_name: '二', tag: null },
        { group_id: 'g3', group_name: '三', tag: [{ id: 'x', name: 'X', deleted: true }] },
        { group_id: 'g4', group_name: '四', deleted: true, tag: [{ id: 'y', name: 'Y' }] },
        { group_id: 'g5', group_name: '五', deleted: false },
      ],
    });
    expect(await tags.list({ of: 8 })).toEqual([
      {
        id: 'g1',
        name: '一',
        order: 12,
        createTime: 1557838797,
        libraryId: 3,
        tags: [{ id: 't', name: 'T', order: 0, createTime: 0 }],
      },
      { id: 'g2', name: '二', order: 0, createTime: 0, libraryId: 8, tags: [] },
      { id: 'g5', name: '五', order: 0, createTime: 0, libraryId: 8, tags: [] },
    ]);
  });

  test.each([
    {},
    { ...ok, tag_group: {} },
    { ...ok, tag_group: [1] },
    { ...ok, tag_group: [{ group_name: 'no id' }] },
    { ...ok, tag_group: [{ group_id: 'g', tag: {} }] },
    { ...ok, tag_group: [{ group_id: 'g', tag: [{ name: 'no id' }] }] },
  ])('an answer without what it must have is never an empty library %#', async (answer) => {
    platform.says(answer);
    await expect(tags.list({ of: 'rule-groups' })).rejects.toMatchObject({ code: 'api.wrong-shape' });
  });

  test.each([ok, { ...ok, tag_group: null }, { ...ok, tag_group: [] }])(
    'a success without groups is an empty library %#',
    async (answer) => {
      platform.says(answer);
      expect(await tags.list({ of: 'rule-groups' })).toEqual([]);
    },
  );

  test('names that look like code come through as they are', async () => {
    const names = ['__proto__', '<b>x</b>', "'; DROP TABLE", ']]>', '😀👨‍👩‍👧', 'a"b\\c'];
    platform.says({
      ...ok,
      tag_group: names.map((name, i) => ({ group_id: `g${i}`, group_name: name, order: 99 - i })),
    });
    expect((await tags.list({ of: 'rule-groups' })).map((group) => group.name)).toEqual(names);
  });
});

describe('add', () => {
  const made = { ...ok, tag_group: { group_id: 'g1', group_name: '一', tag: [{ id: 't1', name: 'VIP', order: 0 }] } };

  test('into a group by id', async () => {
    platform.says(made);
    const added = await tags.add({ libraryId: 1, target: { groupId: 'g1' }, tags: [{ name: 'VIP' }] });
    expect(lastPath()).toBe('add_strategy_tag');
    expect(lastBody()).toEqual({ strategy_id: 1, group_id: 'g1', tag: [{ name: 'VIP' }] });
    expect(added).toEqual({ groupId: 'g1', tags: [{ id: 't1', name: 'VIP', order: 0, createTime: 0 }] });
  });

  test('into a group by name, with orders', async () => {
    platform.says(made);
    await tags.add({
      libraryId: 1,
      target: { groupName: '一', order: 0 },
      tags: [{ name: 'VIP', order: 4294967295 }],
    });
    expect(lastBody()).toEqual({
      strategy_id: 1,
      group_name: '一',
      order: 0,
      tag: [{ name: 'VIP', order: 4294967295 }],
    });
    await tags.add({ libraryId: 1, target: { groupName: '一' }, tags: [{ name: 'VIP' }] });
    expect(lastBody()).toEqual({ strategy_id: 1, group_name: '一', tag: [{ name: 'VIP' }] });
  });

  test('only what is new may be in the answer, also nothing at all', async () => {
    platform.says({ ...ok, tag_group: { group_id: 'g1' } });
    const added = await tags.add({ libraryId: 1, target: { groupId: 'g1' }, tags: [{ name: 'VIP' }] });
    expect(added).toEqual({ groupId: 'g1', tags: [] });
  });

  test('40068 without an id in the request is tried once more; with one it is the truth', async () => {
    platform.says(refusal(40068), made);
    await tags.add({ libraryId: 1, target: { groupName: '一' }, tags: [{ name: 'VIP' }] });
    expect(platform.calls).toHaveLength(2);
    platform.says(refusal(40068));
    const byName = tags.add({ libraryId: 1, target: { groupName: '一' }, tags: [{ name: 'VIP' }] });
    await expect(byName).rejects.toMatchObject({ errcode: 40068 });
    expect(platform.calls).toHaveLength(4);
    const byId = tags.add({ libraryId: 1, target: { groupId: 'g1' }, tags: [{ name: 'VIP' }] });
    await expect(byId).rejects.toMatchObject({ errcode: 40068 });
    expect(platform.calls).toHaveLength(5);
  });

  test.each([ok, { ...ok, tag_group: [] }, breakOff])(
    'without a readable answer its outcome is unknown %#',
    async (answer) => {
      platform.says(answer, made);
      const add = tags.add({ libraryId: 1, target: { groupName: '一' }, tags: [{ name: 'VIP' }] });
      await expect(add).rejects.toMatchObject({ code: 'api.unknown-outcome' });
      expect(platform.calls).toHaveLength(1);
    },
  );
});

describe('edit and delete', () => {
  test.each([
    [
      { id: 't1', name: '新' },
      { id: 't1', name: '新' },
    ],
    [
      { id: 't1', order: 0 },
      { id: 't1', order: 0 },
    ],
    [
      { id: 'g1', name: '新', order: 7 },
      { id: 'g1', name: '新', order: 7 },
    ],
  ])('edit %j sends %j and no more', async (request, body) => {
    await tags.edit({ libraryId: 1, ...request });
    expect(lastPath()).toBe('edit_strategy_tag');
    expect(lastBody()).toEqual(body);
  });

  test.each([
    [{ tagIds: ['t1', 't2'] }, { tag_id: ['t1', 't2'] }],
    [{ groupIds: ['g1'], tagIds: [] }, { group_id: ['g1'] }],
    [
      { tagIds: ['t1'], groupIds: ['g1'] },
      { tag_id: ['t1'], group_id: ['g1'] },
    ],
  ])('delete %j sends %j and no more', async (request, body) => {
    await tags.delete({ libraryId: 1, ...request });
    expect(lastPath()).toBe('del_strategy_tag');
    expect(lastBody()).toEqual(body);
  });

  test('nothing to do is a mistake of ours, and no call', async () => {
    await expect(tags.edit({ libraryId: 1, id: 't1' })).rejects.toMatchObject({ kind: 'bug' });
    await expect(tags.delete({ libraryId: 1, tagIds: [], groupIds: [] })).rejects.toMatchObject({ kind: 'bug' });
    expect(platform.calls).toHaveLength(0);
  });
});

describe('corp tags go by their own calls, and no rule group is named', () => {
  const made = { ...ok, tag_group: { group_id: 'g1', group_name: '一', tag: [{ id: 't1', name: 'VIP', order: 0 }] } };

  test.each<[name: string, call: () => Promise<unknown>, body: object]>([
    ['get_corp_tag_list', () => tags.list({ of: 'corp' }), {}],
    ['get_corp_tag_list', () => tags.list({ of: 'corp', groupIds: ['g1'] }), { group_id: ['g1'] }],
    ['get_corp_tag_list', () => tags.list({ of: 'corp', tagIds: ['t1'] }), { tag_id: ['t1'] }],
    [
      'add_corp_tag',
      () => tags.add({ libraryId: 'corp', target: { groupId: 'g1' }, tags: [{ name: 'VIP' }] }),
      { group_id: 'g1', tag: [{ name: 'VIP' }] },
    ],
    [
      'add_corp_tag',
      () => tags.add({ libraryId: 'corp', target: { groupName: '一', order: 2 }, tags: [{ name: 'VIP', order: 0 }] }),
      { group_name: '一', order: 2, tag: [{ name: 'VIP', order: 0 }] },
    ],
    ['edit_corp_tag', () => tags.edit({ libraryId: 'corp', id: 't1', name: '新' }), { id: 't1', name: '新' }],
    ['edit_corp_tag', () => tags.edit({ libraryId: 'corp', id: 't1', order: 0 }), { id: 't1', order: 0 }],
    ['del_corp_tag', () => tags.delete({ libraryId: 'corp', tagIds: ['t1'] }), { tag_id: ['t1'] }],
    ['del_corp_tag', () => tags.delete({ libraryId: 'corp', groupIds: ['g1'] }), { group_id: ['g1'] }],
  ])('%s %#', async (name, call, body) => {
    platform.says(name === 'get_corp_tag_list' ? { ...ok, tag_group: [] } : made);
    await call();
    expect(lastPath()).toBe(name);
    expect(lastBody()).toEqual(body);
  });

  test('what is deleted is left out, tags as well as groups, whether or not they are flagged as such', async () => {
    const tag = (id: string, deleted?: boolean) => ({ id, name: id, ...(deleted === undefined ? {} : { deleted }) });
    platform.says({
      ...ok,
      tag_group: [
        { group_id: 'g1', group_name: '一', deleted: false, tag: [tag('a', false), tag('b', true), tag('c')] },
        { group_id: 'g2', group_name: '二', deleted: true, tag: [tag('d', true)] },
        { group_id: 'g3', group_name: '三', tag: [tag('e', true)] },
      ],
    });
    const groups = await tags.list({ of: 'corp', groupIds: ['g1', 'g2', 'g3'] });
    expect(groups.map((group) => [group.id, group.libraryId, group.tags.map(({ id }) => id)])).toEqual([
      ['g1', 'corp', ['a', 'c']],
    ]);
  });
});
