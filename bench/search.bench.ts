/** Search and paging over 10,000 tags: `npx vitest bench --run bench/search.bench.ts`. */

import { pinyin } from 'pinyin-pro';
import { bench, describe } from 'vitest';
import { paginate } from '../src/reply/render.ts';
import { line, name } from '../src/reply/reply.ts';
import { Library } from '../src/tags/library.ts';
import { buildIndex } from '../src/tags/search/search.ts';
import { dice, largeLibrary, slipped } from '../test/tags/names.ts';

const library = largeLibrary();
const index = await buildIndex(library);
const names = library.groups.flatMap((group) => group.tags.map((tag) => tag.name)).filter((of) => [...of].length > 1);
const alphabet = [...new Set(names.join(''))];
const roll = dice(5);
const some = (make: (of: string) => string) =>
  Array.from({ length: 500 }, () => make(names[roll(names.length)] as string));
const queries = {
  whole: some((of) => of),
  part: some((of) => of.slice(roll(of.length - 1)).slice(0, 3)),
  initials: some((of) => pinyin(of, { pattern: 'first', toneType: 'none', type: 'array' }).join('')),
  pinyin: some((of) => pinyin(of, { toneType: 'none', type: 'array' }).join('')),
  slip: some((of) => slipped(of, roll, alphabet)),
};

let turn = 0;
const next = (of: readonly string[]) => of[turn++ % of.length] as string;

describe('search', () => {
  for (const [kind, of] of Object.entries(queries)) bench(kind, () => void index.search(next(of)));
});

describe('nearest', () => {
  bench('slip', () => void index.nearest(next(queries.slip), 'tag'));
});

describe('after a change of one group', () => {
  const group = library.groups[0];
  const changed = () => library.with({ groups: group ? [{ ...group, tags: group.tags.slice(1) }] : [] });
  bench('library', () => void changed());
  bench('library and first search', () => void index.for(changed()).search('vip'));
});

describe('whole', () => {
  bench('library', () => void new Library(library.ruleGroups, library.groups, 0));
  bench('index', async () => void (await buildIndex(library)));
});

describe('pages of 10,000 lines', () => {
  const lines = names.map((of, i) => line`${i + 1}. ${name(of)}`);
  bench('markdown', () => void paginate({ tone: 'info', title: line`全部`, lines }, 'markdown', 3));
  bench('text', () => void paginate({ tone: 'info', title: line`全部`, lines }, 'text', 3));
});
