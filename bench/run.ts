/**
 * The benchmark: `npm run bench`, a few minutes; `npm run bench -- --quick`, under one.
 *
 *   --program path   the built cli.js to measure; default dist/cli.js
 *   --against path   another build, which takes its turn in the same rounds: what a change costs or brings
 *   --only name      one part: lookups, corps, writes, search, rebuild
 *   --both           the tags in 企业标签, beside 20 rule groups with groups of equal names: lookups, search, rebuild
 *
 * Prints a Markdown table, which says of each target whether it is met. With --quick it ends in failure when a lookup has
 * become slower than it is today (GUARD), which is below its target; any wrong answer fails any run. No other figure does:
 * absolute times are the machine's.
 */
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { measureCorps } from './corps.ts';
import { BOTH, FULL, QUICK } from './extent.ts';
import { markdown, type Row } from './figures.ts';
import { measureLookups, TO_HELLO } from './lookups.ts';
import { compiled } from './process.ts';
import { measureRebuild, measureSearch } from './search.ts';
import { Stage } from './stage.ts';
import { measureWrites } from './writes.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    program: { type: 'string', default: compiled('../../../dist/cli.js') },
    against: { type: 'string' },
    only: { type: 'string' },
    both: { type: 'boolean', default: false },
  },
});
/** Of the hello-world's throughput, by the median; 1.23 to 1.34 on the day it was set. It may only ever be raised. */
const GUARD = 0.75;

const size = options.quick ? QUICK : FULL;
const extent = options.both ? { ...size, ...BOTH } : size;
const programs = [options.program, ...(options.against === undefined ? [] : [options.against])];
const began = performance.now();
const stage = await Stage.open();

const parts: Readonly<Record<string, () => Promise<Row[]>>> = {
  lookups: () => measureLookups(stage, extent, programs),
  corps: () => measureCorps(stage, extent, options.program),
  writes: () => measureWrites(stage, extent, programs),
  search: () => measureSearch(extent),
  rebuild: () => measureRebuild(stage, extent, options.program),
};
const wanted = options.only === undefined ? extent.parts : [options.only];
const rows: Row[] = [];
for (const [name, measure] of Object.entries(parts)) {
  if (wanted.includes(name)) rows.push(...(await measure()));
}
await stage.close();

const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`;
const took = ((performance.now() - began) / 1000).toFixed(0);
process.stdout.write(`\n${machine}; ${extent.rounds} rounds, ${took} s\n\n${markdown(rows)}\n`);

const slow = rows.filter(({ what, value, target }) => what === TO_HELLO && target && value.median < GUARD).length;
if (stage.wrong.length > 0) process.stderr.write(`wrong answers:\n${stage.wrong.join('\n')}\n`);
if (slow > 0) process.stderr.write(`lookups below ${GUARD} of the hello-world: ${slow}\n`);
process.exit(stage.wrong.length > 0 || (options.quick && slow > 0) ? 1 : 0);
