/** What a replica reads anew when it learns that another has changed something. */

import { expect, test } from 'vitest';
import { createCatchUp, EVERYTHING } from '../../src/tags/catch-up.ts';

function catalog() {
  const reads: string[] = [];
  let refuse = false;
  const read = async (what: string): Promise<never> => {
    reads.push(what);
    if (refuse) throw new Error('no network');
    return undefined as never;
  };
  return {
    reads,
    troubles: [] as unknown[],
    refuse: (on: boolean) => {
      refuse = on;
    },
    forgetRuleGroups: () => {},
    fresh: () => read('all'),
    refreshGroupsIn: (libraryId: number | 'corp') => read(String(libraryId)),
  };
}

function pair() {
  const library = catalog();
  return { library, catchUp: createCatchUp(library, (error) => library.troubles.push(error)) };
}

const versions = (...entries: [string, number][]) => new Map(entries);

test('a newer version is read once, by whoever asks first', async () => {
  const { library, catchUp } = pair();
  await catchUp.to(versions());
  expect(library.reads).toEqual([]);
  await Promise.all([catchUp.to(versions(['1', 3])), catchUp.to(versions(['1', 3], ['corp', 1]))]);
  expect(library.reads).toEqual(['1', 'corp']);
  await catchUp.to(versions(['1', 3], ['corp', 1]));
  expect(library.reads).toHaveLength(2);
});

test('many libraries, or a change of the rule groups, are read as a whole', async () => {
  const { library, catchUp } = pair();
  await catchUp.to(versions(['1', 1], ['2', 1], ['3', 1], ['4', 1]));
  await catchUp.to(versions(['1', 1], [EVERYTHING, 1]));
  expect(library.reads).toEqual(['all', 'all']);
});

test('our own change is not read again, but what came between is', async () => {
  const { library, catchUp } = pair();
  catchUp.madeByUs(versions(['1', 1]));
  await catchUp.to(versions(['1', 1]));
  expect(library.reads).toEqual([]);
  catchUp.madeByUs(versions(['1', 3]));
  await catchUp.to(versions(['1', 3]));
  expect(library.reads).toEqual(['1']);
});

test('what cannot be read is reported, and tried again', async () => {
  const { library, catchUp } = pair();
  library.refuse(true);
  await catchUp.to(versions(['1', 1]));
  expect(library.troubles).toHaveLength(1);
  library.refuse(false);
  await catchUp.to(versions(['1', 1]));
  expect(library.reads).toEqual(['1', '1']);
});
