/**
 * The benchmark: `npm run bench`, under five minutes; `npm run bench -- --quick`, under one.
 *
 *   --program path   the built cli.js to measure; default dist/cli.js
 *   --only name      one part: lookups, guards, writes, search, rebuild, start, memory, growth
 *
 * Prints a Markdown table and leaves it with the same as JSON in bench/results/. With --quick it ends in failure when a
 * lookup is slower than the hello-world by the median, and is so again when measured once more; any wrong answer fails
 * any run. No other figure does: absolute times are the machine's.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { markdown, type Row } from './figures.ts';
import { measureRebuild, measureSearch } from './measure-library.ts';
import { measureGuards, measureLookups } from './measure-lookups.ts';
import { measureGrowth, measureMemory, measureStart } from './measure-process.ts';
import { measureWrites } from './measure-writes.ts';
import { compiled } from './process.ts';
import { Stage } from './stage.ts';

/** How much is measured; numbers of messages unless said otherwise. */
export interface Extent {
  readonly tags: number;
  /** Of lookups; writes and growth, which take longer, have half as many. */
  readonly rounds: number;
  readonly connections: readonly number[];
  /** Per round and contestant; few, so that what disturbs the machine disturbs all of a round. */
  readonly count: number;
  readonly warmUp: number;
  /** At one connection. */
  readonly alone: number;
  /** At 200 a second. */
  readonly paced: number;
  /** Writes of each of 64 members; even, so that names are in the end what they were. */
  readonly writes: number;
  /** Before the first round, until the code is compiled; even as well. */
  readonly warmWrites: number;
  /** API calls of the client alone. */
  readonly calls: number;
  /** Until memory is looked at again. */
  readonly memory: number;
}

const FULL: Extent = {
  tags: 10_000,
  rounds: 9,
  connections: [64, 16],
  count: 1_500,
  warmUp: 6_000,
  alone: 1_000,
  paced: 400,
  writes: 10,
  warmWrites: 60,
  calls: 1_500,
  memory: 200_000,
};
const QUICK: Extent = {
  tags: 10_000,
  rounds: 5,
  connections: [64],
  count: 800,
  warmUp: 3_000,
  alone: 200,
  paced: 100,
  writes: 2,
  warmWrites: 10,
  calls: 500,
  memory: 10_000,
};

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    program: { type: 'string', default: compiled('../../../dist/cli.js') },
    only: { type: 'string' },
  },
});
const extent = options.quick ? QUICK : FULL;
const began = performance.now();
const stage = await Stage.open(options.program);
const bystanders = { floor: await stage.floor(), hello: await stage.hello() };

const parts: Readonly<Record<string, () => Promise<Row[]>>> = {
  lookups: () => onStage((on) => measureLookups(stage, extent, bystanders, on)),
  guards: () => onStage((on) => measureGuards(stage, extent, bystanders, on)),
  writes: () => measureWrites(stage, extent, bystanders),
  search: () => measureSearch(extent),
  rebuild: () => measureRebuild(stage, extent),
  start: () => measureStart(stage, extent, options.program),
  memory: () => measureMemory(stage, extent),
  ...(options.quick ? {} : { growth: () => measureGrowth(stage, extent, bystanders) }),
};

async function onStage<T>(measure: (on: Awaited<ReturnType<Stage['bot']>>) => Promise<T>): Promise<T> {
  const on = await stage.bot({ tags: extent.tags });
  try {
    return await measure(on);
  } finally {
    await on.stop();
  }
}

const rows: Row[] = [];
for (const [name, measure] of Object.entries(parts)) {
  if (options.only !== undefined && options.only !== name) continue;
  const started = performance.now();
  const measured = await measure();
  process.stderr.write(`${name}: ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
  rows.push(...measured);
}

/** Throughput of each lookup to the hello-world of the same rounds. */
const toHello = (measured: readonly Row[]): number[] =>
  measured.filter(({ what }) => what.includes('to the hello-world')).map(({ value }) => value.median);
let ratios = toHello(rows);
if (options.quick && ratios.some((ratio) => ratio < 1)) {
  process.stderr.write('a lookup is below the hello-world: lookups are measured once more\n');
  const again = toHello((await parts.lookups?.()) ?? []);
  ratios = ratios.map((ratio, i) => Math.max(ratio, again[i] ?? 0));
}
const below = ratios.filter((ratio) => ratio < 1).length;
await Promise.all(Object.values(bystanders).map((server) => server.stop()));
await stage.close();

const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`;
const table = `${machine}; ${extent.rounds} rounds, ${((performance.now() - began) / 1000).toFixed(0)} s${options.quick ? ', --quick' : ''}\n\n${markdown(rows)}\n`;
const results = compiled('../../results');
mkdirSync(results, { recursive: true });
writeFileSync(`${results}/latest.md`, table);
writeFileSync(
  `${results}/latest.json`,
  `${JSON.stringify({ machine, extent, at: new Date().toISOString(), wrong: stage.wrong, rows }, undefined, 1)}\n`,
);
process.stdout.write(`\n${table}`);

if (stage.wrong.length > 0) process.stderr.write(`wrong answers:\n${stage.wrong.join('\n')}\n`);
if (below > 0) process.stderr.write(`lookups below the hello-world: ${below}\n`);
process.exit(stage.wrong.length > 0 || (options.quick && below > 0) ? 1 : 0);
