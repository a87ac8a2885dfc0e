import { beforeEach, describe, expect, test } from 'vitest';
import { BotError } from '../../src/errors.ts';
import type { TagChange } from '../../src/message.ts';
import { type Catalog, type CatalogTrouble, createCatalog, type Snapshot } from '../../src/tags/catalog.ts';
import type { TagGroup } from '../../src/tags/tag.ts';
import { largeLibrary, ruleGroup, tagGroup } from './names.ts';
import { Platform } from './platform.ts';

const MINUTE = 60_000;
const hint: TagChange = { change: 'update', id: 'et1', tagType: 'tag', strategyId: undefined };

const keys = (...ids: string[]) => ids.map((id) => ({ id, libraryId: 1 }));

let platform: Platform;
let time: number;
let troubles: CatalogTrouble[];
let settle: (() => void)[];
let catalog: Catalog;

beforeEach(() => {
  platform = new Platform();
  platform.ruleGroups = [ruleGroup(1, '华东'), ruleGroup(2, '华南')];
  platform.groups = [tagGroup('a', '客户分级', ['VIP', 'SVIP'], 1), tagGroup('b', '来源', ['抖音'], 2)];
  time = Date.UTC(2026, 0, 1);
  troubles = [];
  settle = [];
  catalog = createCatalog({
    tags: platform.tags,
    ruleGroups: platform.rules,
    now: () => time,
    report: (trouble) => troubles.push(trouble),
    sleep: () => new Promise<void>((resolve) => settle.push(resolve)),
  });
});

const rename = (id: string, name: string) => {
  platform.groups = platform.groups.map((group) => (group.id === id ? { ...group, name } : group));
};
const namesIn = ({ library }: Snapshot) => library.groups.map((group) => group.name);
const found = ({ index }: Snapshot, query: string) =>
  index.search(query).map((hit) => (hit.kind === 'tag' ? hit.tag.name : hit.group.name));
/** Lets everything run that does not wait for the platform. */
const idle = async () => {
  for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve));
};
const wholeReads = () => platform.calls.filter((call) => call === 'list').length;

describe('current', () => {
  test('reads everything at the first call, and once for all who ask', async () => {
    const [one, two] = await Promise.all([catalog.current(), catalog.current()]);
    expect(one).toBe(two);
    expect(platform.calls.sort()).toEqual(['corp', 'list', 'rule:1', 'rule:2', 'rules']);
    expect(namesIn(one)).toEqual(['客户分级', '来源']);
    expect(one.library.ruleGroup(2)?.name).toBe('华南');
    expect(one.library.readAt).toBe(time);
    expect(found(one, 'vip')).toEqual(['VIP', 'SVIP']);
    await catalog.current();
    expect(platform.calls).toHaveLength(5);
  });

  test('serves what is known while it reads anew behind the scenes', async () => {
    const first = await catalog.current();
    rename('a', '等级');
    time += 6 * MINUTE;
    platform.hold();
    expect(await catalog.current()).toBe(first);
    expect(await catalog.current()).toBe(first);
    await idle();
    expect(wholeReads()).toBe(2);
    while (platform.waiting > 0) {
      platform.release();
      await idle();
    }
    const second = await catalog.current();
    expect(namesIn(second)).toEqual(['等级', '来源']);
    expect(found(second, '客户分级')).toEqual([]);
    expect(found(second, 'dengji')).toEqual(['等级']);
    expect(found(first, '客户分级')).toEqual(['客户分级']);
  });

  test('waits for a read rather than serve what is ten minutes old, and tells when it fails', async () => {
    await catalog.current();
    rename('a', '等级');
    time += 10 * MINUTE;
    const [one, other] = await Promise.all([catalog.current(), catalog.current()]);
    expect(namesIn(one)).toEqual(['等级', '来源']);
    expect(other).toBe(one);
    expect(wholeReads()).toBe(2);
    time += 3 * 24 * 60 * MINUTE;
    platform.refusals.set('list', 45009);
    await expect(catalog.current()).rejects.toMatchObject({ errcode: 45009 });
    await expect(catalog.current()).rejects.toMatchObject({ errcode: 45009 });
    expect(wholeReads()).toBe(3);
  });

  test('keeps what is known when a read behind the scenes fails, says so, and does not hammer', async () => {
    const first = await catalog.current();
    platform.refusals.set('list', 45009);
    time += 6 * MINUTE;
    expect(await catalog.current()).toBe(first);
    await idle();
    expect(troubles).toEqual(['refresh-failed']);
    for (let i = 0; i < 5; i++) await catalog.current();
    await idle();
    expect(wholeReads()).toBe(2);
    time += 11_000;
    await catalog.current();
    await idle();
    expect(wholeReads()).toBe(3);
  });

  test('a failed first read is told to everyone for a second, then tried again', async () => {
    platform.refusals.set('list', 45009);
    await expect(catalog.current()).rejects.toMatchObject({ errcode: 45009 });
    await expect(catalog.current()).rejects.toBeInstanceOf(BotError);
    expect(wholeReads()).toBe(1);
    expect(catalog.peek()).toBeUndefined();
    platform.refusals.clear();
    time += 1_001;
    expect(namesIn(await catalog.current())).toEqual(['客户分级', '来源']);
  });

  test('after a write that could not be read back the next call waits for a read', async () => {
    await catalog.current();
    rename('a', '等级');
    catalog.outdated();
    const [one, other] = await Promise.all([catalog.current(), catalog.current()]);
    expect(namesIn(one)).toEqual(['等级', '来源']);
    expect(other).toBe(one);
    expect(wholeReads()).toBe(2);
    expect(await catalog.current()).toBe(one);
    expect(wholeReads()).toBe(2);
  });

  test('when even that read fails, what is known is served and it is tried again later', async () => {
    const first = await catalog.current();
    rename('a', '等级');
    catalog.outdated();
    platform.refusals.set('list', 45009);
    expect(await catalog.current()).toBe(first);
    expect(troubles).toEqual(['refresh-failed']);
    platform.refusals.clear();
    expect(await catalog.current()).toBe(first);
    time += 10_001;
    await catalog.current();
    await idle();
    expect(namesIn(await catalog.current())).toEqual(['等级', '来源']);
  });
});

describe('rule groups', () => {
  test('one whose details are withheld has a stand-in, and the rest is there', async () => {
    platform.refusals.set('rule:2', 60030);
    const { library } = await catalog.current();
    expect(library.ruleGroup(2)).toMatchObject({ name: '规则组 2', admins: [] });
    expect(library.ruleGroup(1)?.name).toBe('华东');
    expect(troubles).toEqual(['rule-group-unreadable']);
  });

  test('one that is deleted between being listed and being read is left out', async () => {
    platform.refusals.set('rule:2', 40058);
    const { library } = await catalog.current();
    expect(library.ruleGroups.map(({ id }) => id)).toEqual([1]);
    expect(troubles).toEqual([]);
  });

  test('are not asked for again within a minute, and are after it', async () => {
    await catalog.current();
    await catalog.fresh();
    expect(platform.calls.filter((call) => call.startsWith('rule:'))).toHaveLength(2);
    platform.ruleGroups = [ruleGroup(1, '华东一部'), ruleGroup(2, '华南')];
    time += MINUTE + 1;
    expect((await catalog.fresh()).library.ruleGroup(1)?.name).toBe('华东一部');
  });

  test('at most five are asked for at a time', async () => {
    platform.ruleGroups = Array.from({ length: 40 }, (_, i) => ruleGroup(i + 1));
    platform.hold();
    const reading = catalog.current();
    let most = 0;
    await idle();
    while (platform.waiting > 0) {
      most = Math.max(most, platform.waiting);
      platform.release();
      platform.hold();
      await idle();
    }
    platform.release();
    expect((await reading).library.ruleGroups).toHaveLength(40);
    expect(most).toBe(5);
  });

  test('groups of a rule group that is not listed are kept', async () => {
    platform.groups.push(tagGroup('c', '别处', ['x'], 9));
    const { library } = await catalog.current();
    expect(library.groupsOf(9)).toHaveLength(1);
    expect(library.libraryName(9)).toBe('规则组 9');
  });
});

describe('fresh', () => {
  test('joins no read that is already under way, but shares the next one', async () => {
    await catalog.current();
    platform.hold();
    const first = catalog.fresh();
    await idle();
    rename('a', '等级');
    const second = catalog.fresh();
    const third = catalog.fresh();
    await idle();
    expect(wholeReads()).toBe(2);
    platform.release();
    expect(namesIn(await first)).toEqual(['客户分级', '来源']);
    expect(namesIn(await second)).toEqual(['等级', '来源']);
    expect(await third).toBe(await second);
    expect(wholeReads()).toBe(3);
  });

  test('after a failed read the next one is still made', async () => {
    await catalog.current();
    platform.hold();
    const first = catalog.fresh();
    await idle();
    platform.refusals.set('rules', 45009);
    const second = catalog.fresh();
    platform.release();
    await first;
    await expect(second).rejects.toMatchObject({ errcode: 45009 });
    platform.refusals.clear();
    expect(namesIn(await catalog.fresh())).toEqual(['客户分级', '来源']);
  });

  test('keeps the groups that have not changed, so that the index can keep them too', async () => {
    const before = (await catalog.current()).library;
    platform.groups = structuredClone(platform.groups);
    rename('b', '渠道');
    const after = (await catalog.fresh()).library;
    expect(after.group('a')).toBe(before.group('a'));
    expect(after.group('b')?.name).toBe('渠道');
  });
});

describe('refreshGroups', () => {
  test('reads those groups only, and puts them in place', async () => {
    await catalog.current();
    platform.calls.length = 0;
    rename('a', '等级');
    rename('b', '渠道');
    const snapshot = await catalog.refreshGroups(keys('a'));
    expect(platform.calls).toEqual(['list:a']);
    expect(namesIn(snapshot)).toEqual(['等级', '来源']);
    expect(catalog.peek()).toBe(snapshot);
    expect(found(snapshot, '等级')).toEqual(['等级']);
  });

  test('takes in a group that is new', async () => {
    await catalog.current();
    platform.groups.push(tagGroup('c', '新组', ['金卡'], 1));
    const snapshot = await catalog.refreshGroups(keys('c'));
    expect(found(snapshot, 'jinka')).toEqual(['金卡']);
    expect(snapshot.library.tagCount).toBe(4);
  });

  test.each(['refused', 'omitted'] as const)(
    'a group that has vanished is gone (unknown ids are %s)',
    async (unknownIds) => {
      platform.unknownIds = unknownIds;
      await catalog.current();
      platform.groups = platform.groups.filter((group) => group.id !== 'a');
      rename('b', '渠道');
      const { library } = await catalog.refreshGroups(keys('a', 'b'));
      expect(library.group('a')).toBeUndefined();
      expect(library.tagsNamed('vip')).toEqual([]);
      expect(library.group('b')?.name).toBe('渠道');
    },
  );

  test('without a first read everything is read', async () => {
    expect(namesIn(await catalog.refreshGroups(keys('a')))).toEqual(['客户分级', '来源']);
    expect(platform.calls).toContain('list');
  });

  test('nothing asked for reads nothing', async () => {
    const first = await catalog.current();
    platform.calls.length = 0;
    expect(await catalog.refreshGroups([])).toBe(first);
    expect(platform.calls).toEqual([]);
  });

  test('any other refusal is thrown and changes nothing', async () => {
    const first = await catalog.current();
    platform.refusals.set('list:', 45009);
    await expect(catalog.refreshGroups(keys('a'))).rejects.toMatchObject({ errcode: 45009 });
    expect(catalog.peek()).toBe(first);
  });

  test('is not undone by a whole read that started before it', async () => {
    await catalog.current();
    platform.hold();
    const whole = catalog.fresh();
    await idle();
    const waiting = platform.waiting;
    rename('a', '等级');
    platform.groups.push(tagGroup('c', '新组', ['金卡'], 1));
    platform.groups = platform.groups.filter((group) => group.id !== 'b');
    const some = catalog.refreshGroups(keys('a', 'c', 'b'));
    await idle();
    while (platform.waiting > waiting) {
      platform.release(platform.waiting - waiting);
      await idle();
    }
    expect(new Set(namesIn(await some))).toEqual(new Set(['等级', '新组']));
    platform.release();
    expect(new Set(namesIn(await whole))).toEqual(new Set(['等级', '新组']));
  });

  test('an earlier read of the same group that takes longer does not win', async () => {
    await catalog.current();
    platform.hold();
    const early = catalog.refreshGroups(keys('a'));
    rename('a', '等级');
    const late = catalog.refreshGroups(keys('a'));
    platform.release(1);
    expect(namesIn(await late)).toEqual(['等级', '来源']);
    platform.release();
    expect(namesIn(await early)).toEqual(['等级', '来源']);
  });
});

test('refreshRuleGroup reads the settings of one rule group, and nothing else', async () => {
  await catalog.current();
  platform.calls.length = 0;
  platform.ruleGroups = [{ ...ruleGroup(1, '华东一部'), admins: ['wangwu'] }, ruleGroup(2, '改了')];
  platform.groups = [tagGroup('c', '新组', ['金卡'], 1), tagGroup('b', '改了', ['抖音'], 2)];
  const { library } = await catalog.refreshRuleGroup(1);
  expect(platform.calls).toEqual(['rule:1']);
  expect(library.ruleGroup(1)?.admins).toEqual(['wangwu']);
  expect(library.ruleGroup(2)?.name).toBe('华南');
  expect(library.groups.map((group) => group.name)).toEqual(['客户分级', '来源']);
  platform.ruleGroups = [ruleGroup(2, '改了')];
  expect((await catalog.refreshRuleGroup(1)).library.ruleGroup(1)).toBeUndefined();
  platform.ruleGroups = [{ ...ruleGroup(1, '华东一部'), admins: ['wangwu'] }, ruleGroup(2, '改了')];
  expect((await catalog.fresh()).library.ruleGroup(1)?.admins).toEqual(['wangwu']);
});

describe('changed', () => {
  test('a hundred hints are one read', async () => {
    await catalog.current();
    rename('a', '等级');
    for (let i = 0; i < 100; i++) catalog.changed(hint);
    expect(wholeReads()).toBe(1);
    expect(settle).toHaveLength(1);
    settle[0]?.();
    await idle();
    expect(wholeReads()).toBe(2);
    expect(namesIn(await catalog.current())).toEqual(['等级', '来源']);
  });

  test('one that comes during a read causes one more', async () => {
    await catalog.current();
    platform.hold();
    catalog.changed(hint);
    settle[0]?.();
    await idle();
    rename('a', '等级');
    for (let i = 0; i < 10; i++) catalog.changed(hint);
    expect(settle).toHaveLength(2);
    settle[1]?.();
    await idle();
    expect(wholeReads()).toBe(2);
    platform.release();
    await idle();
    expect(wholeReads()).toBe(3);
    expect(namesIn(await catalog.current())).toEqual(['等级', '来源']);
  });

  const VIP = { change: 'update', id: 'vip', tagType: 'tag', strategyId: undefined } as const;
  test.each<[what: string, hint: TagChange, families: string[]]>([
    ['a corp tag that is known', VIP, ['corp']],
    ['its group, shuffled', { ...VIP, change: 'shuffle', id: 'corp', tagType: undefined }, ['corp']],
    ['a tag of a rule group that is known', { ...VIP, id: 'a-0' }, ['list']],
    ['a rule group that is named', { ...VIP, change: 'shuffle', id: '', strategyId: 1 }, ['list']],
    ['something new, which may be in either', { ...VIP, change: 'create', id: 'new' }, ['corp', 'list']],
    ['the order of groups, nobody says whose', { ...VIP, change: 'shuffle', id: '' }, ['corp', 'list']],
  ])('%s: reads what it may be about', async (_, change, families) => {
    const corp = tagGroup('corp', '会员等级', [], 1);
    platform.groups.push({
      ...corp,
      libraryId: 'corp',
      tags: [{ id: 'vip', name: 'VIP', order: 1, createTime: 1 }],
    });
    await catalog.current();
    platform.calls.length = 0;
    catalog.changed(change);
    settle[0]?.();
    await idle();
    expect(platform.calls.filter((call) => call === 'corp' || call === 'list').sort()).toEqual(families);
    expect(catalog.peek()?.library.groups).toHaveLength(3);
  });

  test('before the first read there is nothing to refresh', async () => {
    catalog.changed(hint);
    expect(settle).toEqual([]);
    expect(platform.calls).toEqual([]);
  });
});

describe('two families of libraries', () => {
  beforeEach(() => {
    platform.groups.push({ ...tagGroup('c', '客户分级', ['老客'], 1), libraryId: 'corp' });
  });

  test('are one snapshot, 企业标签 first', async () => {
    const { library, index } = await catalog.current();
    expect(library.groups.map((group) => [group.libraryId, group.name])).toEqual([
      ['corp', '客户分级'],
      [1, '客户分级'],
      [2, '来源'],
    ]);
    expect(library.groupsOf('corp')).toHaveLength(1);
    expect([...library.libraryIds]).toEqual(['corp', 1, 2]);
    expect([library.libraryName('corp'), library.libraryName(2)]).toEqual(['企业标签', '华南']);
    expect(index.search('客户分级', { libraryFirst: 1 }).map((hit) => hit.group.libraryId)).toEqual([1, 'corp']);
    expect(index.search('客户分级', { libraryIds: new Set(['corp']) })).toHaveLength(1);
  });

  test.each<[call: string, unread: string, left: string[]]>([
    ['corp', 'corp', ['客户分级', '来源']],
    ['rules', 'rule-groups', ['客户分级']],
    ['list', 'rule-groups', ['客户分级']],
  ])('%s refused for want of a right hides nothing of the other', async (call, unread, left) => {
    await catalog.current();
    platform.refusals.set(call, 48002);
    const { library } = await catalog.fresh();
    expect(library.groups.map((group) => group.name)).toEqual(left);
    expect([...library.unread].map(([family, error]) => [family, error.errcode])).toEqual([[unread, 48002]]);
    expect(troubles).toEqual(['family-unread']);
    const needed = unread as 'corp' | 'rule-groups';
    await expect(catalog.fresh(needed)).rejects.toMatchObject({ errcode: 48002 });
    platform.refusals.clear();
    const again = (await catalog.fresh(needed)).library;
    expect([again.unread.size, again.groups.length, again.ruleGroups.length]).toEqual([0, 3, 2]);
  });

  test.each(['corp', 'list', 'rules'])('%s failing for a moment is a failure of the whole', async (call) => {
    const first = await catalog.current();
    platform.refusals.set(call, 45009);
    await expect(catalog.fresh()).rejects.toMatchObject({ errcode: 45009 });
    expect(catalog.peek()).toBe(first);
  });

  test('no right to either is told', async () => {
    for (const call of ['corp', 'list']) platform.refusals.set(call, 48002);
    await expect(catalog.current()).rejects.toMatchObject({ errcode: 48002 });
  });

  test('groups of both are read anew, each by its own call', async () => {
    await catalog.current();
    platform.calls.length = 0;
    rename('c', '等级');
    await catalog.refreshGroups([
      { id: 'a', libraryId: 1 },
      { id: 'c', libraryId: 'corp' },
    ]);
    expect(platform.calls.sort()).toEqual(['corp:c', 'list:a']);
    await catalog.refreshGroupsIn('corp');
    expect(platform.calls.at(-1)).toBe('corp');
    expect(catalog.peek()?.library.group('c')?.name).toBe('等级');
  });
});

test('answers that make no sense do no harm', async () => {
  const twice = tagGroup('a', '客户分级', ['VIP'], 1);
  const { tags: _, ...withoutTags } = tagGroup('c', '没有标签', [], 1);
  platform.groups = [
    { ...twice, tags: [...twice.tags, ...twice.tags] },
    { ...twice, name: '又来' },
    withoutTags as TagGroup,
    tagGroup('d', '', ['', '\ud800', '\u202e'], 0),
    { ...tagGroup('e', '借来', []), tags: twice.tags },
  ];
  platform.ruleGroups = [ruleGroup(1), ruleGroup(1)];
  const { library, index } = await catalog.current();
  expect(library.tagsNamed('vip')).toHaveLength(1);
  expect(library.group('a')?.tags).toHaveLength(1);
  expect(library.group('c')?.tags).toEqual([]);
  expect(library.ruleGroups).toHaveLength(1);
  expect(index.search('vip')).toHaveLength(1);
  expect(namesIn(await catalog.refreshGroups(keys('c', 'd')))).toEqual(namesIn(await catalog.current()));
});

test('with 10,000 tags a change of most groups or of a few leaves library and index in step', async () => {
  const large = largeLibrary();
  platform.groups = [...large.groups];
  await catalog.current();
  platform.groups = platform.groups.map((group, i) => (i % 2 === 0 ? { ...group, name: `改${i}` } : group));
  expect(found(await catalog.fresh(), '改0')).toEqual(['改0']);
  for (let i = 1; i < 60; i += 2) {
    rename(`g${i}`, `又改${i}`);
    const snapshot = await catalog.refreshGroups(keys(`g${i}`));
    expect(found(snapshot, `又改${i}`)[0]).toBe(`又改${i}`);
  }
  expect(settle).toHaveLength(1);
  settle.pop()?.();
  await idle();
  const { library, index } = catalog.peek() as Snapshot;
  expect(index.library).toBe(library);
  expect(found({ library, index }, '又改1')[0]).toBe('又改1');
});
