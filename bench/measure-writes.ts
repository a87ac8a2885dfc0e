/** Writes: 64 members who rename a tag each, on 64 rule groups, journalled; and the same without a store. */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Row, row, spread } from './figures.ts';
import { HELLO } from './lookups.ts';
import type { Bystanders } from './measure-lookups.ts';
import type { Child } from './process.ts';
import type { Extent } from './run.ts';
import type { SandboxAnswer } from './servers/sandbox.ts';
import type { BotOnStage, Stage } from './stage.ts';

const WRITERS = 64;
/** Each member renames one tag and renames it back. */
export const THERE_AND_BACK = [
  { text: '标签 改名 甲 为 新甲', expect: '新甲' },
  { text: '标签 改名 新甲 为 甲', expect: '新甲' },
];

export async function measureWrites(stage: Stage, extent: Extent, { floor }: Bystanders): Promise<Row[]> {
  const kept = await stage.bot({ tags: extent.tags, writers: WRITERS });
  const unkept = await stage.bot({ tags: extent.tags, writers: WRITERS, withoutStore: true });
  const write = ({ bot }: BotOnStage, connections: number, each: number) =>
    stage.load(bot, {
      lines: THERE_AND_BACK,
      perConnection: true,
      connections,
      members: WRITERS,
      count: connections * each,
    });
  for (const of of [kept, unkept]) await write(of, WRITERS, extent.warmWrites);

  const client = await stage.client(kept.sandbox);
  await client.ask(extent.calls);
  const figures = {
    client: [] as number[],
    toFloor: [] as number[],
    withStore: [] as number[],
    added: [] as number[],
    cpu: [] as number[],
    own: [] as number[],
    ownToFloor: [] as number[],
    calls: [] as number[],
    fdatasync: [] as number[],
  };
  for (let i = 0; i < extent.rounds / 2; i++) {
    const good = await stage.load(floor, { lines: HELLO, connections: 64, members: 64, count: extent.count });
    await kept.sandbox.ask<SandboxAnswer>('report');
    const journalled = await write(kept, WRITERS, extent.writes);
    const { calls } = await kept.sandbox.ask<SandboxAnswer>('report');
    const bare = await write(unkept, WRITERS, extent.writes);
    figures.toFloor.push(journalled.perSecond / good.perSecond);
    figures.withStore.push(journalled.perSecond / bare.perSecond);
    figures.cpu.push(journalled.cpu);
    figures.calls.push(calls / journalled.count);
    const perCall = await clientCost(client, extent.calls);
    figures.client.push(perCall);
    const own = journalled.cpu - (calls / journalled.count) * perCall;
    figures.own.push(own);
    figures.ownToFloor.push(own / good.cpu);
    // Between the two, because a disk shared with others changes by the second.
    const one = await write(kept, 1, extent.alone / 10);
    const fdatasync = spread(await fdatasyncs(stage.directory)).median;
    const oneBare = await write(unkept, 1, extent.alone / 10);
    figures.fdatasync.push(fdatasync);
    figures.added.push((one.latency.p50 - oneBare.latency.p50) / fdatasync);
  }
  for (const of of [client, kept, unkept]) await of.stop();
  return [
    row('write, 64 members on 64 rule groups: throughput to the floor', '×', figures.toFloor, {
      bound: 'least',
      goal: 0.04,
    }),
    row('— CPU each', 'µs', figures.cpu),
    row('— API calls each', '', figures.calls, { bound: 'most', must: 3 }),
    row("— the HTTP client's CPU per call", 'µs', figures.client),
    row('— own CPU, without the client', 'µs', figures.own, { bound: 'most', must: 400 }),
    row("— own CPU to the floor's", '×', figures.ownToFloor),
    row('journal and messages in the path: throughput at 64, to the same without', '×', figures.withStore, {
      bound: 'least',
      goal: 0.8,
    }),
    row('— p50 added at 1 member, in fdatasyncs of this disk', '×', figures.added, { bound: 'most', must: 2.5 }),
    row('— one fdatasync', 'ms', figures.fdatasync),
  ];
}

/** µs of CPU per call of the product's HTTP client. */
async function clientCost(client: Child, calls: number): Promise<number> {
  const before = client.figures().cpu;
  await client.ask(calls);
  return ((client.figures().cpu - before) / calls) * 1e6;
}

/** ms for each of so many appended pages, paced like the writes of one member: back to back they cost a third. */
async function fdatasyncs(directory: string): Promise<number[]> {
  const file = openSync(join(directory, 'fdatasync'), 'w');
  const page = Buffer.alloc(4096, 1);
  const took: number[] = [];
  for (let i = 0; i < 40; i++) {
    await pause(4);
    writeSync(file, page);
    const started = performance.now();
    fdatasyncSync(file);
    took.push(performance.now() - started);
  }
  closeSync(file);
  return took;
}
