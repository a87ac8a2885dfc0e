/** The process as a whole: how fast it starts, how much memory it holds, how it grows with the library and the members. */
import { get } from 'node:http';
import { type Row, row } from './figures.ts';
import { HELLO, LOOKUPS, SHORT } from './lookups.ts';
import type { Bystanders } from './measure-lookups.ts';
import { THERE_AND_BACK } from './measure-writes.ts';
import { type Child, freePort, start, untilOpen } from './process.ts';
import type { Extent } from './run.ts';
import type { BotOnStage, Stage } from './stage.ts';

export async function measureStart(stage: Stage, extent: Extent, program: string): Promise<Row[]> {
  const sandbox = await stage.sandbox(extent.tags);
  const took = {
    floor: [] as number[],
    hello: [] as number[],
    bot: [] as number[],
    ratio: [] as number[],
    page: [] as number[],
  };
  for (let i = 0; i < Math.max(3, extent.rounds); i++) {
    const floor = await firstAnswer(stage, () => stage.floor(), HELLO);
    const hello = await firstAnswer(stage, () => stage.hello(), HELLO);
    const bot = await firstAnswer(stage, () => stage.program(sandbox), SHORT);
    took.floor.push(floor);
    took.hello.push(hello / floor);
    took.bot.push(bot);
    took.ratio.push(bot / floor);
    took.page.push(await firstPage(program));
  }
  await sandbox.stop();
  return [
    row('cold start to the first answer: floor', 'ms', took.floor),
    row('— hello-world, to the floor', '×', took.hello),
    row('— the bot, a lookup in 10,000 tags that it has yet to read', 'ms', took.bot),
    row('— to the floor', '×', took.ratio, { bound: 'most', must: 2.5, goal: 2 }),
    row('the sandbox page is there', 'ms', took.page, { bound: 'most', goal: 2_000 }),
  ];
}

async function firstAnswer(stage: Stage, begin: () => Promise<Child>, lines: typeof HELLO): Promise<number> {
  const server = await begin();
  await stage.load(server, { lines, connections: 1, members: 1, count: 1 });
  const took = performance.now() - server.startedAt;
  await server.stop();
  return took;
}

/** ms from the start of `sandbox` to the chat page. */
async function firstPage(program: string): Promise<number> {
  const port = await freePort();
  const child = await start({
    name: 'sandbox page',
    script: program,
    args: ['sandbox', '--port', String(port)],
    listens: false,
  });
  await untilOpen(port);
  await new Promise<void>((resolve, reject) => {
    get({ port, host: '127.0.0.1' }, (response) => response.resume().on('end', resolve)).on('error', reject);
  });
  const took = performance.now() - child.startedAt;
  await child.stop();
  return took;
}

/** Memory with the library read, and after many messages; beside it what Node alone needs more once it is busy. */
export async function measureMemory(stage: Stage, extent: Extent): Promise<Row[]> {
  const floor = await stage.floor();
  const before = await afterOne(stage, floor, HELLO);
  await stage.load(floor, { lines: HELLO, connections: 64, members: 640, count: Math.min(extent.memory, 50_000) });
  const floorMore = (floor.figures().rss / before - 1) * 100;
  await floor.stop();

  const { bot, stop } = await stage.bot({ tags: extent.tags });
  const idle = await afterOne(stage, bot, SHORT);
  const lines = Object.values(LOOKUPS).flat();
  const portion = 10_000;
  for (let sent = 0; sent < extent.memory; sent += portion) {
    await stage.load(bot, { lines, connections: 64, members: 640, count: portion });
  }
  const after = bot.figures().rss;
  await stop();
  return [
    row('memory (RSS) with 10,000 tags, idle', 'MB', [idle], { bound: 'most', must: 110, goal: 80 }),
    row(`— after ${extent.memory} messages`, 'MB', [after]),
    row('— more by', '%', [(after / idle - 1) * 100], { bound: 'most', must: 15, goal: 5 }),
    row('— the floor, more by', '%', [floorMore]),
  ];
}

async function afterOne(stage: Stage, server: Child, lines: typeof HELLO): Promise<number> {
  await stage.load(server, { lines, connections: 1, members: 1, count: 1 });
  return server.figures().rss;
}

/** CPU per lookup by the size of the library and by the number of members. */
export async function measureGrowth(stage: Stage, extent: Extent, { floor }: Bystanders): Promise<Row[]> {
  const rows: Row[] = [];
  for (const tags of [100, 1_000, 10_000]) {
    const on = await stage.bot({ tags });
    rows.push(await ratioOf(`lookup, ${tags} tags, 64 members: CPU to the floor`, stage, extent, floor, on, 64));
    if (tags === 10_000) {
      for (const members of [640, 6_400]) {
        rows.push(
          await ratioOf(
            `lookup, ${tags} tags, ${members} members: CPU to the floor`,
            stage,
            extent,
            floor,
            on,
            members,
          ),
        );
      }
    }
    await on.stop();
    const writing = await stage.bot({ tags, writers: 64 });
    const renames = { lines: THERE_AND_BACK, perConnection: true, connections: 64, members: 64 };
    const costs: number[] = [];
    for (let i = 0; i <= extent.rounds / 2; i++) {
      const each = i === 0 ? extent.warmWrites / 2 : extent.writes;
      const { cpu } = await stage.load(writing.bot, { ...renames, count: 64 * each });
      if (i > 0) costs.push(cpu);
    }
    rows.push(row(`write, ${tags} tags: CPU`, 'µs', costs));
    await writing.stop();
  }
  return rows;
}

async function ratioOf(
  what: string,
  stage: Stage,
  extent: Extent,
  floor: Child,
  { bot }: BotOnStage,
  members: number,
): Promise<Row> {
  const ratios: number[] = [];
  for (let i = 0; i <= extent.rounds / 2; i++) {
    const at64 = { connections: 64, count: extent.count };
    const good = await stage.load(floor, { ...at64, lines: HELLO, members: 64 });
    const { cpu } = await stage.load(bot, { ...at64, lines: SHORT, members });
    if (i > 0) ratios.push(cpu / good.cpu);
  }
  return row(what, '×', ratios);
}
