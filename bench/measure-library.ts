/** Search over 10,000 names, and what the rebuild of its index does to those who are waiting. */
import { buildIndex, type SearchIndex } from '../src/tags/search/search.ts';
import { dice, largeLibrary, slipped } from '../test/tags/names.ts';
import { type Row, row } from './figures.ts';
import { SHORT } from './lookups.ts';
import type { Extent } from './run.ts';
import type { Stage } from './stage.ts';

const QUERIES = 1_000;

export async function measureSearch(extent: Extent): Promise<Row[]> {
  const library = largeLibrary();
  const index = await buildIndex(library);
  const names = library.groups
    .flatMap((group) => group.tags.map((tag) => tag.name))
    .filter((name) => [...name].length > 1);
  const alphabet = [...new Set(names.join(''))];
  const roll = dice(11);
  const chosen = Array.from({ length: QUERIES }, () => names[roll(names.length)] as string);
  const parts = chosen.map((name) => [...name].slice(0, 2).join(''));
  // The words of the library in letters, typed whole and by initials.
  const letters = chosen.map((_, i) => LETTERS[i % LETTERS.length] as string);
  const slips = chosen.map((name) => slipped(name, roll, alphabet));

  const search = (query: string) => index.search(query, { limit: 500 });
  const suggest = (query: string) => index.nearest(query, 'tag', { limit: 3 });
  const rounds = Array.from({ length: extent.rounds + 1 }, () => ({
    part: mean(parts, search),
    letters: mean(letters, search),
    suggestion: mean(slips, suggest),
  })).slice(1);
  const right = slips.filter((slip, i) => isSuggested(index, slip, chosen[i] as string)).length;
  return [
    row(
      'search, part of a name',
      'ms',
      rounds.map((round) => round.part),
      { bound: 'most', must: 0.1, goal: 0.02 },
    ),
    row(
      'search, pinyin',
      'ms',
      rounds.map((round) => round.letters),
      { bound: 'most', must: 0.4, goal: 0.1 },
    ),
    row(
      'suggestion for a name with a typo',
      'ms',
      rounds.map((round) => round.suggestion),
      { bound: 'most', must: 0.5, goal: 0.2 },
    ),
    row('— the right name among the first 3', '%', [(right / QUERIES) * 100], { bound: 'least', goal: 95 }),
  ];
}

const LETTERS =
  'khdq dq xhs xiaohongshu shanghai hd huadong mendian zhuanjieshao gaojiazhi chengjiao xsdh lk vip dysp'.split(' ');

/** ms each. */
function mean(queries: readonly string[], ask: (query: string) => unknown): number {
  const started = performance.now();
  for (const query of queries) ask(query);
  return (performance.now() - started) / queries.length;
}

function isSuggested(index: SearchIndex, slip: string, name: string): boolean {
  return index.nearest(slip, 'tag', { limit: 3 }).some(({ tag }) => tag.name === name);
}

/** Every name is changed by hand: the library is read and its index built anew while members go on asking. */
export async function measureRebuild(stage: Stage, extent: Extent): Promise<Row[]> {
  const nodeArgs = ['--import', new URL('./watch.js', import.meta.url).href];
  const { bot, sandbox, stop } = await stage.bot({ tags: extent.tags, nodeArgs });
  const steady = {
    lines: SHORT.map(({ text }) => ({ text, expect: '老客' })),
    connections: 64,
    members: 64,
    rate: 200,
    count: extent.paced,
  };
  await stage.load(bot, steady);
  const blocked: number[] = [];
  const slowest: number[] = [];
  for (let i = 0; i < Math.max(3, extent.rounds); i++) {
    await sandbox.ask('rename all');
    await bot.ask('reset');
    const { latency } = await stage.load(bot, { ...steady, changedFirst: true });
    blocked.push(await bot.ask<number>('longest'));
    slowest.push(latency.max);
  }
  await stop();
  return [
    row('library of 10,000 tags read and indexed anew: longest blocking', 'ms', blocked, {
      bound: 'most',
      must: 20,
      goal: 10,
    }),
    row('— slowest answer meanwhile', 'ms', slowest, { bound: 'most', must: 50, goal: 20 }),
  ];
}
