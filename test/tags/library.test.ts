import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Library } from '../../src/tags/library.ts';
import { byPosition, type RuleGroup, type TagGroup } from '../../src/tags/tag.ts';

const ruleGroup = (id: number, name = `规则组${id}`): RuleGroup => ({
  id,
  parentId: 0,
  name,
  createTime: 0,
  admins: [],
  privilege: {},
});
const tagGroup = (id: string, name: string, tags: readonly string[], more: Partial<TagGroup> = {}): TagGroup => ({
  id,
  name,
  order: 0,
  createTime: 0,
  libraryId: 1,
  tags: tags.map((tag) => ({ id: `${id}/${tag}`, name: tag, order: 0, createTime: 0 })),
  ...more,
});

const GRADES = tagGroup('g1', '客户分级', ['VIP', '普通']);
const SOUTH_GRADES = tagGroup('g2', '客户分级', ['ＶＩＰ', '__proto__'], { libraryId: 2 });
const LIBRARY = new Library([ruleGroup(2), ruleGroup(1, '华东大区')], [SOUTH_GRADES, GRADES], 7);

test('groups and rule groups stand in one order, whatever order they came in', () => {
  expect(LIBRARY.ruleGroups.map(({ id }) => id)).toEqual([1, 2]);
  expect(LIBRARY.groups.map(({ id }) => id)).toEqual(['g1', 'g2']);
  expect(LIBRARY).toMatchObject({ tagCount: 4, readAt: 7 });
});

test('larger order first, then older first', () => {
  const groups = [
    tagGroup('a', 'A', ['x'], { order: 1, createTime: 5 }),
    tagGroup('b', 'B', ['x'], { order: 1, createTime: 4 }),
    tagGroup('c', 'C', ['x'], { order: 2, createTime: 9 }),
  ];
  expect([...groups].sort(byPosition).map(({ id }) => id)).toEqual(['c', 'b', 'a']);
  expect(new Library([], groups, 0).groupsOf(1).map(({ id }) => id)).toEqual(['c', 'b', 'a']);
});

describe('names', () => {
  test.each([
    ['VIP', ['g1/VIP', 'g2/ＶＩＰ']],
    [' v i p ', ['g1/VIP', 'g2/ＶＩＰ']],
    ['「VIP」', ['g1/VIP', 'g2/ＶＩＰ']],
    ['__proto__', ['g2/__proto__']],
    ['constructor', []],
    ['hasOwnProperty', []],
    ['', []],
  ])('tags called %j', (name, ids) => {
    expect(LIBRARY.tagsNamed(name).map(({ tag }) => tag.id)).toEqual(ids);
  });

  test('groups and rule groups by their folded name', () => {
    expect(LIBRARY.groupsNamed('客戶 分級').map(({ id }) => id)).toEqual(['g1', 'g2']);
    expect(LIBRARY.groupsNamed('toString')).toEqual([]);
    expect(LIBRARY.ruleGroupsNamed('華東大區').map(({ id }) => id)).toEqual([1]);
  });

  test('a rule group whose name is not known has a stand-in', () => {
    expect(LIBRARY.libraryName(1)).toBe('华东大区');
    expect(LIBRARY.libraryName(9)).toContain('9');
  });
});

test('by id: a tag with its group, and nothing for what is not there', () => {
  expect(LIBRARY.tag('g1/VIP')).toMatchObject({ tag: { name: 'VIP' }, group: { id: 'g1' } });
  expect(LIBRARY.group('g2')).toBe(SOUTH_GRADES);
  for (const id of ['', 'constructor', '__proto__', 'g9']) {
    expect(LIBRARY.tag(id)).toBeUndefined();
    expect(LIBRARY.group(id)).toBeUndefined();
  }
  expect(LIBRARY.groupsOf(3)).toEqual([]);
});

describe('with', () => {
  test('leaves the library before it as it was', () => {
    const changed = LIBRARY.with({ groups: [tagGroup('g1', '等级', ['金'])], removed: ['g2'], readAt: 8 });
    expect(changed.groups.map(({ name }) => name)).toEqual(['等级']);
    expect(changed.tag('g1/VIP')).toBeUndefined();
    expect(changed.tagsNamed('VIP')).toEqual([]);
    expect(LIBRARY.groups.map(({ name }) => name)).toEqual(['客户分级', '客户分级']);
    expect(LIBRARY.tag('g1/VIP')).toBeDefined();
    expect([LIBRARY.readAt, changed.readAt]).toEqual([7, 8]);
  });

  test('a changed group keeps its place among those that stand equally high', () => {
    const equals = ['a', 'b', 'c'].map((id) => tagGroup(id, id, ['金']));
    const library = new Library([], equals, 7).with({ groups: [tagGroup('a', 'a', ['金', '银'])] });
    expect(library.groups.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(library.tagsNamed('银')).toHaveLength(1);
    expect(library.libraryIds).toEqual(new Set(['corp', 1]));
  });

  test('any row of changes gives what a library made of the result would be', () => {
    const name = fc.constantFrom('VIP', 'vip', 'Ｖ ＩＰ', '普通', '__proto__', 'constructor');
    const group = fc
      .record({
        id: fc.integer({ min: 0, max: 90 }).map(String),
        name,
        order: fc.nat(2),
        createTime: fc.nat(2),
        libraryId: fc.constantFrom(1, 2),
        tags: fc.uniqueArray(name, { maxLength: 3 }),
      })
      .map(({ id, name: called, tags, ...rest }) => tagGroup(id, called, tags, rest));
    const change = fc.record({
      groups: fc.uniqueArray(group, { selector: ({ id }) => id, maxLength: 6 }),
      removed: fc.array(fc.integer({ min: 0, max: 90 }).map(String), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 25 }), (changes) => {
        let library = LIBRARY;
        const model = new Map(LIBRARY.groups.map((each) => [each.id, each]));
        for (const { groups, removed } of changes) {
          const only = removed.filter((id) => !groups.some((each) => each.id === id));
          library = library.with({ groups, removed: only });
          for (const id of only) model.delete(id);
          for (const each of groups) model.set(each.id, each);
        }
        const made = new Library(LIBRARY.ruleGroups, [...model.values()], 7);
        expect(library.tagCount).toBe(made.tagCount);
        const key = ({ libraryId, order, createTime }: TagGroup) => [libraryId, order, createTime].join();
        expect(library.groups.map(key)).toEqual(made.groups.map(key));
        for (let id = 0; id < 91; id++) expect(library.group(String(id))).toBe(made.group(String(id)));
        for (const each of ['VIP', '普通', '__proto__', 'constructor']) {
          const ids = (of: Library) =>
            of
              .tagsNamed(each)
              .map(({ tag }) => tag.id)
              .sort();
          expect(ids(library)).toEqual(ids(made));
          expect(
            library
              .groupsNamed(each)
              .map(({ id }) => id)
              .sort(),
          ).toEqual(
            made
              .groupsNamed(each)
              .map(({ id }) => id)
              .sort(),
          );
        }
        for (const each of library.groups)
          for (const tag of each.tags) expect(library.tag(tag.id)).toEqual(made.tag(tag.id));
      }),
      { numRuns: 60 },
    );
  });
});
