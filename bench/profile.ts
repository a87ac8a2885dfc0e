/**
 * Where a lookup spends its time: `node --cpu-prof` of the program under load, summed up by function.
 *
 *   npm run bench:profile -- [text to look up …]
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { LOOKUPS } from './lookups.ts';
import { THERE_AND_BACK } from './measure-writes.ts';
import { compiled } from './process.ts';
import { Stage } from './stage.ts';

/** The parts of a .cpuprofile that are read here. */
interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: CallFrame;
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface Share {
  readonly where: string;
  /** Of the time that was not idle. */
  readonly share: number;
}

/** Time by what `label` makes of the stack (innermost first); undefined leaves the sample out. */
function shares(profile: CpuProfile, label: (stack: readonly CallFrame[]) => string | undefined): Share[] {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(
    profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)),
  );
  const labels = new Map<number, string | undefined>();
  const labelOf = (id: number): string | undefined => {
    if (labels.has(id)) return labels.get(id);
    const stack: CallFrame[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const node = nodes.get(at);
      if (node) stack.push(node.callFrame);
    }
    const found = stack[0]?.functionName === '(idle)' ? undefined : label(stack);
    labels.set(id, found);
    return found;
  };
  const spent = new Map<string, number>();
  let busy = 0;
  for (const [i, id] of profile.samples.entries()) {
    const where = labelOf(id);
    if (where === undefined) continue;
    const time = profile.timeDeltas[i] ?? 0;
    busy += time;
    spent.set(where, (spent.get(where) ?? 0) + time);
  }
  return [...spent].map(([where, time]) => ({ where, share: time / busy })).sort((a, b) => b.share - a.share);
}

function fileOf({ url }: CallFrame): string {
  return url.replace(/^.*\/(node_modules|dist)\//, '').replace(/^file:\/\//, '');
}

/** Self time of each function. */
function byFunction([frame]: readonly CallFrame[]): string | undefined {
  if (frame === undefined) return undefined;
  const file = fileOf(frame);
  return `${frame.functionName || '(anonymous)'}${file === '' ? '' : ` ${file}:${frame.lineNumber + 1}`}`;
}

/** The file of the program or of a package that was at work, with what Node did on its behalf. */
function byFile(stack: readonly CallFrame[]): string {
  const ours = stack.find(({ url }) => url.startsWith('file:') || url.includes('/node_modules/'));
  return ours ? fileOf(ours) : `Node itself: ${stack.at(-2)?.functionName ?? ''} ${stack.length === 2 ? '' : '…'}`;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    program: { type: 'string', default: compiled('../../../dist/cli.js') },
    count: { type: 'string', default: '20000' },
    tags: { type: 'string', default: '10000' },
    top: { type: 'string', default: '20' },
    /** Profile renames by 64 members instead. */
    writes: { type: 'boolean', default: false },
  },
});
const lines =
  positionals.length > 0 ? positionals.map((text) => ({ text, expect: '' })) : Object.values(LOOKUPS).flat();
const directory = mkdtempSync(join(tmpdir(), 'wecom-profile-'));
const stage = await Stage.open(values.program);
const nodeArgs = ['--cpu-prof', '--cpu-prof-interval=200', `--cpu-prof-dir=${directory}`];
const { bot, stop } = await stage.bot({ tags: Number(values.tags), nodeArgs, writers: values.writes ? 64 : 0 });
const measured = await stage.load(bot, {
  lines: values.writes ? THERE_AND_BACK : lines,
  perConnection: values.writes,
  connections: 64,
  members: 64,
  count: Number(values.count),
});
await stop();
await stage.close();

const [file] = readdirSync(directory);
const profile: CpuProfile = JSON.parse(readFileSync(join(directory, file ?? ''), 'utf8'));
rmSync(directory, { recursive: true });
console.log(`${measured.count} messages, ${measured.cpu.toFixed(0)} µs of CPU each (profiled)\n`);
for (const [title, label] of [
  ['function', byFunction],
  ['file, with what Node does for it', byFile],
] as const) {
  console.log(`| self time | ${title} |\n|---:|---|`);
  for (const { where, share } of shares(profile, label).slice(0, Number(values.top))) {
    console.log(`| ${(share * 100).toFixed(1)} % | ${where} |`);
  }
  console.log('');
}
process.exit();
