/** Several corps in one process: lookups of many against lookups of one, and what each of them costs in memory. */
import type { Extent } from './extent.ts';
import { type Row, row } from './figures.ts';
import type { Line } from './load/job.ts';
import type { Measured, Stage } from './stage.ts';

const TAGS = 100;
/** Of all corps together: as many sessions in the one process as in the other. */
const MEMBERS = 600;
/** Together the answers to these are in every library of that size. */
const LINES: readonly Line[] = [
  { text: '标签 查 老客', expect: '客户分级' },
  { text: 'xhs', expect: '小红书' },
  { text: '标签 列表 地区', expect: '杭州' },
];

export async function measureCorps(
  stage: Stage,
  { corps, count, rounds, warmUp }: Extent,
  program: string,
): Promise<Row[]> {
  const one = await stage.bot(program, { tags: TAGS, corps: 1 });
  const many = await stage.bot(program, { tags: TAGS, corps });
  const job = { lines: LINES, connections: 64, members: MEMBERS };
  const contestants = [
    { of: one, corps: 1 },
    { of: many, corps },
  ];
  for (const { of, corps } of contestants) await stage.load(of.bot, { ...job, corps, count: warmUp });

  const measured: Measured[][] = contestants.map(() => []);
  for (let round = 0; round < rounds; round++) {
    const turn = [...contestants.entries()];
    for (const [i, { of, corps }] of round % 2 === 0 ? turn : turn.toReversed())
      measured[i]?.push(await stage.load(of.bot, { ...job, corps, count }));
  }
  const memory = (many.bot.figures().rss - one.bot.figures().rss) / (corps - 1);
  for (const { of } of contestants) await of.stop();
  const [ones = [], manys = []] = measured;
  const to = (figure: (measured: Measured) => number): number[] =>
    manys.map((each, i) => figure(each) / (ones[i] ? figure(ones[i]) : Number.NaN));
  return [
    row(
      `${corps} corps of ${TAGS} tags: lookups to those of one`,
      '×',
      to(({ perSecond }) => perSecond),
      {
        bound: 'least',
        must: 0.8,
      },
    ),
    row(
      '— CPU to that of one',
      '×',
      to(({ cpu }) => cpu),
    ),
    row('— memory of each', 'MB', [memory]),
  ];
}
