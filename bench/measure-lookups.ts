/** Lookups: throughput, CPU and latency beside the floor and the hello-world, in alternating rounds. */
import { type Row, row } from './figures.ts';
import type { Line } from './load/job.ts';
import { HELLO, LOOKUPS, neverKept, SHORT } from './lookups.ts';
import type { Child } from './process.ts';
import type { Extent } from './run.ts';
import type { SandboxAnswer } from './servers/sandbox.ts';
import type { BotOnStage, Measured, Stage } from './stage.ts';

interface Contestant {
  readonly name: string;
  readonly server: Child;
  readonly lines: readonly Line[];
}

export interface Bystanders {
  readonly floor: Child;
  readonly hello: Child;
}

const NEW = 'each text new';

export async function measureLookups(
  stage: Stage,
  extent: Extent,
  { floor, hello }: Bystanders,
  { bot, sandbox }: BotOnStage,
): Promise<Row[]> {
  const unkept = neverKept(await sandbox.ask<SandboxAnswer>('report'));
  const lookups = Object.entries({ ...LOOKUPS, [NEW]: unkept }).map(([name, lines]) => ({ name, server: bot, lines }));
  const contestants: Contestant[] = [
    { name: 'floor', server: floor, lines: HELLO },
    { name: 'hello', server: hello, lines: HELLO },
    ...lookups,
  ];
  for (const { server, lines } of contestants) {
    await stage.load(server, { lines, connections: 64, members: 64, count: extent.warmUp });
  }
  const rows: Row[] = [];
  for (const connections of extent.connections) {
    const rounds: Map<string, Measured>[] = [];
    for (let i = 0; i < extent.rounds; i++) {
      const round = new Map<string, Measured>();
      for (const { name, server, lines } of contestants) {
        round.set(name, await stage.load(server, { lines, connections, members: 64, count: extent.count }));
      }
      rounds.push(round);
    }
    rows.push(
      ...tell(
        rounds,
        lookups.map(({ name }) => name),
        connections,
      ),
    );
  }
  rows.push(...(await latencies(stage, extent, floor, bot)));
  return rows;
}

function tell(
  rounds: readonly ReadonlyMap<string, Measured>[],
  lookups: readonly string[],
  connections: number,
): Row[] {
  const of = (name: string, figure: (measured: Measured) => number): number[] =>
    rounds.map((round) => figure(round.get(name) as Measured));
  const ratio = (name: string, to: string, figure: (measured: Measured) => number): number[] => {
    const base = of(to, figure);
    return of(name, figure).map((value, i) => value / (base[i] as number));
  };
  const at = `at ${connections} connections`;
  const perSecond = ({ perSecond }: Measured) => perSecond;
  const rows = ['floor', 'hello'].map((name) => row(`${name}, ${at}`, '/s', of(name, perSecond)));
  for (const name of lookups) {
    // Not in the table of targets: those speak of lookups as members repeat them.
    const judged = name !== NEW;
    const target = <T>(limits: T): T | undefined => (judged ? limits : undefined);
    rows.push(row(`lookup ${name}, ${at}`, '/s', of(name, perSecond)));
    rows.push(
      row(
        `— to the hello-world`,
        '×',
        ratio(name, 'hello', perSecond),
        target({ bound: 'least', must: 1.25, goal: 1.6 }),
      ),
    );
    rows.push(row(`— to the floor`, '×', ratio(name, 'floor', perSecond), target({ bound: 'least', goal: 0.6 })));
    if (connections !== 64) continue;
    const cpu = ({ cpu }: Measured) => cpu;
    rows.push(row(`— CPU each`, 'µs', of(name, cpu)));
    rows.push(
      row(`— CPU to the floor`, '×', ratio(name, 'floor', cpu), target({ bound: 'most', must: 2.4, goal: 1.8 })),
    );
    rows.push(
      row(
        `— p99 to the floor`,
        '×',
        ratio(name, 'floor', ({ latency }) => latency.p99),
        target({ bound: 'most', must: 2.5, goal: 1.5 }),
      ),
    );
  }
  if (connections === 64)
    rows.push(
      row(
        'floor, CPU each',
        'µs',
        of('floor', ({ cpu }) => cpu),
      ),
      row(
        'hello, CPU each',
        'µs',
        of('hello', ({ cpu }) => cpu),
      ),
    );
  return rows;
}

async function latencies(stage: Stage, extent: Extent, floor: Child, bot: Child): Promise<Row[]> {
  const alone: number[] = [];
  const paced: number[] = [];
  for (let i = 0; i < extent.rounds; i++) {
    const one = { connections: 1, members: 1, count: extent.alone };
    const low = await stage.load(floor, { ...one, lines: HELLO });
    const high = await stage.load(bot, { ...one, lines: SHORT });
    alone.push(high.latency.p50 / low.latency.p50);
    const steady = { connections: 64, members: 64, rate: 200, count: extent.paced };
    const lowPaced = await stage.load(floor, { ...steady, lines: HELLO });
    const highPaced = await stage.load(bot, { ...steady, lines: SHORT });
    paced.push(highPaced.latency.p99 - lowPaced.latency.p99);
  }
  return [
    row('p50 at 1 connection, to the floor', '×', alone, { bound: 'most', must: 2, goal: 1.5 }),
    row('p99 at 200 messages/s, above the floor', 'ms', paced, { bound: 'most', must: 3, goal: 1 }),
  ];
}

/** Repeats of answered messages, and messages with a wrong signature. */
export async function measureGuards(
  stage: Stage,
  extent: Extent,
  { floor }: Bystanders,
  { bot }: BotOnStage,
): Promise<Row[]> {
  const repeats: number[] = [];
  const forged: number[] = [];
  // The round before the first warms up.
  for (let i = -1; i < extent.rounds; i++) {
    const at64 = { connections: 64, members: 64, count: i === -1 ? extent.warmUp : extent.count };
    const good = await stage.load(floor, { ...at64, lines: HELLO });
    const repeated = await stage.load(bot, { ...at64, lines: SHORT, distinct: Math.max(64, extent.count / 16) });
    const bad = await stage.load(bot, { ...at64, lines: SHORT, forged: true });
    if (i === -1) continue;
    repeats.push(repeated.perSecond / good.perSecond);
    forged.push(bad.cpu / good.cpu);
  }
  return [
    row('repeats of an answered message, to the floor', '×', repeats, { bound: 'least', must: 0.6, goal: 0.75 }),
    row("forged signature, CPU to the floor's good message", '×', forged, { bound: 'most', must: 1 }),
  ];
}
