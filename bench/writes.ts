/** Writes: 64 members who rename a tag each, on 64 rule groups, journalled. */
import type { Extent } from './extent.ts';
import { type Row, row } from './figures.ts';
import { HELLO } from './lookups.ts';
import type { BotOnStage, Measured, Stage } from './stage.ts';

const WRITERS = 64;
/** Each member renames one tag and renames it back. */
const THERE_AND_BACK = [
  { text: '标签 改名 甲 为 新甲', expect: '新甲' },
  { text: '标签 改名 新甲 为 甲', expect: '新甲' },
];

/** `programs`: the build to measure, and perhaps one to compare it with. */
export async function measureWrites(stage: Stage, extent: Extent, programs: readonly string[]): Promise<Row[]> {
  const floor = await stage.floor();
  const bots: BotOnStage[] = [];
  for (const program of programs) bots.push(await stage.bot(program, { tags: extent.tags, writers: WRITERS }));
  const write = ({ bot }: BotOnStage, connections: number, each: number) =>
    stage.load(bot, {
      lines: THERE_AND_BACK,
      perConnection: true,
      connections,
      members: WRITERS,
      count: connections * each,
    });
  for (const bot of bots) await write(bot, WRITERS, extent.warmWrites);

  const measured: Measured[][] = bots.map(() => []);
  const toFloor: number[] = [];
  const calls: number[] = [];
  const alone: number[] = [];
  for (let round = 0; round < extent.rounds; round++) {
    const base = await stage.load(floor, { lines: HELLO, connections: 64, members: 64, count: extent.count });
    for (const [i, bot] of bots.entries()) {
      await bot.sandbox.report();
      const made = await write(bot, WRITERS, extent.writes);
      measured[i]?.push(made);
      if (i > 0) continue;
      calls.push((await bot.sandbox.report()).calls / made.count);
      toFloor.push(made.perSecond / base.perSecond);
      alone.push((await write(bot, 1, 20)).latency.p50);
    }
  }
  for (const of of [...bots, floor]) await of.stop();
  const [cpu = [], other] = measured.map((all) => all.map((one) => one.cpu));
  return [
    row('write, 64 members on 64 rule groups: throughput to the floor', '×', toFloor),
    row('— CPU each', 'µs', cpu),
    row('— API calls each, by members with a right of their own', '', calls, { bound: 'most', must: 3 }),
    row('— p50 of one member alone', 'ms', alone),
    ...(other
      ? [
          row(
            '— CPU to the other build',
            '×',
            cpu.map((value, i) => value / (other[i] ?? Number.NaN)),
          ),
        ]
      : []),
  ];
}
