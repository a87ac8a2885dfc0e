/** Every command can name its library, wherever that is natural, and means then what it means there without the name. */
import { expect, test } from 'vitest';
import type { CommandId } from '../../src/command/reading.ts';
import { commands } from '../../src/command/table/grammar.ts';
import type { Understanding } from '../../src/resolve/order.ts';
import { understood, type View } from '../../src/resolve/resolve.ts';
import { Library } from '../../src/tags/library.ts';
import { buildIndex } from '../../src/tags/search/search.ts';
import type { LibraryId, TagGroup } from '../../src/tags/tag.ts';
import { placed, ROWS } from './both-libraries.ts';

const GROUPS = { 客户分级: ['普通', '重点'], 地区: ['上海', '苏州'] };

function groupsOf(libraryId: LibraryId): TagGroup[] {
  return Object.entries(GROUPS).map(([name, tags], at) => ({
    id: `${libraryId}-g${at}`,
    name,
    order: 10 - at,
    createTime: 0,
    libraryId,
    tags: tags.map((tag, i) => ({ id: `${libraryId}-t${at}-${i}`, name: tag, order: 10 - i, createTime: 0 })),
  }));
}

const east = { id: 1, parentId: 0, name: '华东大区', createTime: 0, admins: [], privilege: {} };
const south = { ...east, id: 2, name: '华南大区' };
const library = new Library([east, south], (['corp', 1, 2] as const).flatMap(groupsOf), 0);
const index = await buildIndex(library);

function inLibrary(libraryId: LibraryId): View {
  return { library, libraryId, readable: library.libraryIds, search: index };
}

/** Every library that an understanding speaks of. */
function librariesIn(understanding: Understanding): Set<LibraryId> {
  const ids = new Set<LibraryId>();
  JSON.stringify(understanding, (key, value: unknown) => {
    if (key === 'libraryId') ids.add(value as LibraryId);
    return value;
  });
  return ids;
}

/** Without the places: what is meant, whichever library it is meant for. */
function meant(understanding: Understanding): string {
  return JSON.stringify(understanding, (key, value: unknown) =>
    key === 'libraryId' || key === 'id' || key === 'text' ? undefined : value,
  );
}

const NAMED: readonly (readonly [said: string, id: LibraryId, chosen: LibraryId])[] = [
  ['企业标签', 'corp', 1],
  ['企业标签库', 'corp', 2],
  ['华东', 1, 'corp'],
  ['华东大区', 1, 2],
  ['规则组 华东', 1, 'corp'],
  ['规则组华东大区', 1, 'corp'],
];

test('every command of the table has a row', () => {
  expect(Object.keys(ROWS).sort()).toEqual(commands.map(({ id }) => id).sort());
});

const ABOUT_A_LIBRARY = Object.entries(ROWS).flatMap(([id, row]) =>
  typeof row === 'string' ? [] : [[id as CommandId, row] as const],
);

test.each(ABOUT_A_LIBRARY)('%s is understood of the library that is named', (command, row) => {
  for (const [said, id, chosen] of NAMED) {
    for (const [at, text] of placed(said, row).entries()) {
      const bare = row.says[Math.floor(at / (placed(said, row).length / row.says.length))] ?? '';
      const alone = understood(row.below === undefined ? bare : `${bare}\n${row.below}`, inLibrary(id));
      const named = understood(text, inLibrary(chosen));
      expect(named, text).toMatchObject({ kind: 'one', order: { command } });
      expect([...librariesIn(named)], text).toEqual([id]);
      expect(meant(named), text).toBe(meant(alone));
    }
  }
});
