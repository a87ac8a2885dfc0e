/** Lookups: throughput, CPU, latency and memory beside the floor and the hello-world, in alternating rounds. */
import type { Extent } from './extent.ts';
import { type Row, row } from './figures.ts';
import type { Line } from './load/job.ts';
import type { Child } from './process.ts';
import type { BotOnStage, Measured, Stage } from './stage.ts';

/** Floor and hello-world say this to everything. */
export const HELLO: readonly Line[] = [{ text: 'VIP', expect: 'hello' }];

/** Answered in a line. */
export const SHORT: readonly Line[] = [{ text: '标签 查 老客', expect: '客户分级' }];

export const TO_HELLO = '— to the hello-world';

/** In the sandbox `VIP` is in a tenth of all names, the worst a bare word can be. */
const LOOKUPS: Readonly<Record<string, readonly Line[]>> = {
  VIP: [{ text: 'VIP', expect: 'VIP专享' }],
  '标签 查 X': [
    { text: '标签 查 小红书', expect: '小红书' },
    { text: '标签 查 报价中·618', expect: '报价中·618' },
    { text: '标签 查 老客', expect: '客户分级' },
    { text: '标签 查 上海客户来源', expect: '上海客户来源' },
  ],
  '标签 列表 组': [
    { text: '标签 列表 上海客户来源', expect: '抖音·一月' },
    { text: '标签 列表 渠道来源', expect: '小红书' },
  ],
};
const NEW = 'each text new';
const PORTION = 10_000;

interface Contestant {
  readonly name: string;
  readonly server: Child;
  readonly lines: readonly Line[];
}

/** `programs`: the build to measure, and perhaps one to compare it with. */
export async function measureLookups(stage: Stage, extent: Extent, programs: readonly string[]): Promise<Row[]> {
  const bystanders = { floor: await stage.floor(), hello: await stage.hello() };
  const bots: BotOnStage[] = [];
  for (const program of programs)
    bots.push(await stage.bot(program, { tags: extent.tags, ruleGroups: extent.ruleGroups }));
  const kinds = { ...LOOKUPS, [NEW]: everyName((await bots[0]?.sandbox.report())?.names ?? []) };
  const contestants: Contestant[] = [
    ...Object.entries(bystanders).map(([name, server]) => ({ name, server, lines: HELLO })),
    ...Object.entries(kinds).flatMap(([kind, lines]) =>
      bots.map(({ bot }, i) => ({ name: nameOf(kind, i), server: bot, lines })),
    ),
  ];
  const job = { connections: 64, members: 64 };
  for (const { server, lines } of contestants) await stage.load(server, { ...job, lines, count: extent.warmUp });
  const idle = bots.map(({ bot }) => bot.figures().rss);

  const rounds = new Map<string, Measured[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < extent.rounds; round++) {
    for (const { name, server, lines } of round % 2 === 0 ? contestants : contestants.toReversed()) {
      const from = name.startsWith(NEW) ? round * extent.count : 0;
      rounds.get(name)?.push(await stage.load(server, { ...job, lines, count: extent.count, from }));
    }
  }
  const rows = tell(rounds, Object.keys(kinds), programs.length > 1);

  const lines = Object.values(LOOKUPS).flat();
  for (const { bot } of bots) {
    // In portions: after a thousand requests the bot ends a connection.
    for (let sent = 0; sent < extent.memory; sent += PORTION)
      await stage.load(bot, { connections: 64, members: 640, lines, count: PORTION });
  }
  const busy = bots.map(({ bot }) => bot.figures().rss);
  rows.push(
    row('memory (RSS) with 10,000 tags, warmed up', 'MB', idle.slice(0, 1)),
    row(`— after ${extent.memory} messages`, 'MB', busy.slice(0, 1), { bound: 'most', must: 120 }),
  );
  for (const of of [...bots, ...Object.values(bystanders)]) await of.stop();
  return rows;
}

function tell(rounds: ReadonlyMap<string, readonly Measured[]>, kinds: readonly string[], isPaired: boolean): Row[] {
  const of = (name: string, figure: (measured: Measured) => number) => (rounds.get(name) ?? []).map(figure);
  const ratio = (name: string, to: string, figure: (measured: Measured) => number) => {
    const base = of(to, figure);
    return of(name, figure).map((value, i) => value / (base[i] ?? Number.NaN));
  };
  const perSecond = ({ perSecond }: Measured) => perSecond;
  const cpu = ({ cpu }: Measured) => cpu;
  const p99 = ({ latency }: Measured) => latency.p99;
  const rows = ['floor', 'hello'].flatMap((name) => [
    row(`${name}, at 64 connections`, '/s', of(name, perSecond)),
    row('— CPU each', 'µs', of(name, cpu)),
  ]);
  for (const kind of kinds) {
    // Not among the targets: those speak of lookups as members repeat them.
    const target = <T>(limits: T): T | undefined => (kind === NEW ? undefined : limits);
    rows.push(
      row(`lookup ${kind}`, '/s', of(kind, perSecond)),
      row('— to the floor', '×', ratio(kind, 'floor', perSecond), target({ bound: 'least', must: 0.57 })),
      row(TO_HELLO, '×', ratio(kind, 'hello', perSecond), target({ bound: 'least', must: 1.5 })),
      row('— CPU each', 'µs', of(kind, cpu)),
      row('— p99', 'ms', of(kind, p99)),
    );
    if (isPaired) rows.push(row('— CPU to the other build', '×', ratio(kind, nameOf(kind, 1), cpu)));
  }
  return rows;
}

/** The other build's contestant has a name of its own. */
function nameOf(kind: string, build: number): string {
  return build === 0 ? kind : `${kind} (other build)`;
}

/** The library has a few hundred names only: said in several ways, they are more texts than the bot keeps answers to. */
const WAYS = ['标签 查', '查', '标签 查找', '查标签'];

/** Each has to be worked out. */
function everyName(names: readonly string[]): Line[] {
  const distinct = [...new Set(names)];
  return WAYS.flatMap((way) => distinct.map((name) => ({ text: `${way} ${name}`, expect: name })));
}
