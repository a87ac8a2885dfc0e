/** Search over 10,000 names, and what the rebuild of its index does to those who are waiting. */
import { buildIndex } from '../src/tags/search/search.ts';
import { dice, largeLibrary, slipped } from '../test/tags/names.ts';
import type { Extent } from './extent.ts';
import { type Row, row } from './figures.ts';
import { SHORT } from './lookups.ts';
import type { Stage } from './stage.ts';

const QUERIES = 1_000;
/** The words of the library in letters, typed whole and by initials. */
const LETTERS =
  'khdq dq xhs xiaohongshu shanghai hd huadong mendian zhuanjieshao gaojiazhi chengjiao xsdh lk vip dysp'.split(' ');

export async function measureSearch(extent: Extent): Promise<Row[]> {
  const library = largeLibrary(extent.tags, extent.ruleGroups);
  const index = await buildIndex(library);
  const names = library.groups
    .flatMap((group) => group.tags.map((tag) => tag.name))
    .filter((name) => [...name].length > 1);
  const alphabet = [...new Set(names.join(''))];
  const roll = dice(11);
  const chosen = Array.from({ length: QUERIES }, () => names[roll(names.length)] as string);
  const slips = chosen.map((name) => slipped(name, roll, alphabet));
  const kinds: readonly (readonly [
    what: string,
    must: number,
    queries: readonly string[],
    ask: (query: string) => unknown,
  ])[] = [
    ['search, part of a name', 0.1, chosen.map((name) => [...name].slice(0, 2).join('')), search],
    ['search, pinyin', 0.4, chosen.map((_, i) => LETTERS[i % LETTERS.length] as string), search],
    ['suggestion for a name with a typo', 0.5, slips, (query) => index.nearest(query, 'tag', { limit: 3 })],
  ];
  function search(query: string) {
    return index.search(query, { limit: 500 });
  }
  const rows = kinds.map(([what, must, queries, ask]) => {
    const rounds = Array.from({ length: extent.rounds + 1 }, () => mean(queries, ask)).slice(1);
    return row(what, 'ms', rounds, { bound: 'most', must });
  });
  const right = slips.filter((slip, i) =>
    index.nearest(slip, 'tag', { limit: 3 }).some(({ tag }) => tag.name === chosen[i]),
  );
  return [
    ...rows,
    row('— the right name among the first 3', '%', [(right.length / QUERIES) * 100], { bound: 'least', must: 95 }),
  ];
}

/** ms each. */
function mean(queries: readonly string[], ask: (query: string) => unknown): number {
  const started = performance.now();
  for (const query of queries) ask(query);
  return (performance.now() - started) / queries.length;
}

/** Every name is changed by hand: the library is read and its index built anew while members go on asking. */
export async function measureRebuild(stage: Stage, extent: Extent, program: string): Promise<Row[]> {
  const nodeArgs = ['--import', new URL('./watch.js', import.meta.url).href];
  const { bot, sandbox, stop } = await stage.bot(program, {
    tags: extent.tags,
    ruleGroups: extent.ruleGroups,
    nodeArgs,
  });
  const lines = SHORT.map(({ text }) => ({ text, expect: '老客' }));
  const steady = { lines, connections: 64, members: 64, rate: 200, count: extent.paced };
  await stage.load(bot, steady);
  const blocked: number[] = [];
  const slowest: number[] = [];
  for (let round = 0; round < extent.rounds; round++) {
    await sandbox.renameAll();
    await bot.ask('reset');
    const { latency } = await stage.load(bot, { ...steady, changedFirst: extent.ruleGroups > 0 ? 'corp' : 1 });
    blocked.push(await bot.ask<number>('longest'));
    slowest.push(latency.max);
  }
  await stop();
  return [
    row('10,000 tags read and indexed anew: longest blocking', 'ms', blocked, { bound: 'most', must: 20 }),
    row('— slowest answer meanwhile', 'ms', slowest, { bound: 'most', must: 50 }),
  ];
}
