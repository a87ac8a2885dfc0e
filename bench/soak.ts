/**
 * `npm run soak [-- --minutes N]` (20): the real program under everything at once for a while (lookups, repeats, writes with
 * plans and undo, cards, exports, edits in the console, strangers' junk) with 10,000 tags, while the platform is in trouble
 * now and then. Fails when memory does not stay where it is after the warm-up, when a line of the log has no reason, or when
 * an answer is wrong. Stops by itself, talks to this machine only.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startSandbox } from '../src/sandbox/server.ts';
import { NO_FAULTS } from '../src/sandbox/trouble.ts';
import { asEnvironment, CALLBACK_PATH, newCredentials } from './corp.ts';
import { Sealer } from './load/sealed.ts';
import { start } from './process.ts';
import * as members from './soak/members.ts';
import { type Kind, Tally } from './soak/tally.ts';
import { Trouble } from './soak/trouble.ts';
import { isOfStrangers, isUnexplained, type Line, type Memory, median, memory, type Sample } from './soak/verdict.ts';
import { ownFlags } from './stage.ts';

export interface SoakFigures {
  readonly minutes: number;
  readonly kinds: ReadonlyMap<string, Kind>;
  /** In words, the first few. */
  readonly wrong: readonly string[];
  /** How often the platform was in which trouble. */
  readonly trouble: ReadonlyMap<string, number>;
  readonly junk: number;
  /** Warnings and errors of the log by message and code. */
  readonly complaints: ReadonlyMap<string, number>;
  readonly unexplained: readonly string[];
  readonly memory: Memory;
  readonly rss: readonly Sample[];
  /** The 99th percentile of how late the event loop was, ms, one for each scrape of the metric. */
  readonly lagP99: readonly number[];
  /** Seconds of CPU, all threads. */
  readonly cpu: number;
  readonly exitCode: number | null;
}

const ROOT = process.cwd();
/** With what the members bring and add, 10,000: the most a corp may have. */
const TAGS = 9_960;
const CROWD = 170;
const LOOKUPS_PER_SECOND = 12;
const SAMPLE_MS = 5_000;
const JUNK_EVERY_MS = 20_000;
const JUNK_PIECES = 64;
/** As far as memory may be from its level. */
const MOST_DRIFT = 0.1;

/** Needs `dist/`. */
export async function soak(minutes: number): Promise<SoakFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'wecom-soak-'));
  const credentials = newCredentials();
  const sandbox = await startSandbox({ ...credentials, others: CROWD });
  sandbox.reset({ tags: TAGS });
  members.furnish(sandbox);
  const logFile = join(folder, 'log.txt');
  const out = openSync(logFile, 'w');
  const program = join(ROOT, 'dist/cli.js');
  const bot = await start({
    name: 'bot',
    script: program,
    args: ['serve'],
    nodeArgs: ownFlags(program),
    out,
    env: {
      ...asEnvironment(credentials),
      WECOM_API_BASE_URL: sandbox.url,
      DATABASE_URL: `file:${join(folder, 'bot.db')}`,
      BOT_ADMINS: [...members.WRITERS, members.CARD_MEMBER].join(','),
      DEFAULT_STRATEGY_ID: String(members.LIBRARY),
      REPLY_FORMAT: 'plain',
      CONFIG_FILE: '',
    },
  });
  closeSync(out);
  try {
    sandbox.setCallbackUrl(`http://127.0.0.1:${bot.port}${CALLBACK_PATH}`);
    await sandbox.say(members.CARD_MEMBER, '帮助');
    const operatorPort = logged(logFile).find(({ msg }) => msg === 'listening')?.operatorPort;
    const lengthMs = minutes * 60_000;
    const began = Date.now();
    const over = () => Date.now() - began >= lengthMs;
    const tally = new Tally();
    const trouble = new Trouble(sandbox, Math.random);
    const around = { sandbox, sealer: new Sealer(credentials), port: bot.port, tally, trouble, over };
    const rss: Sample[] = [];
    const lagP99: number[] = [];
    let junk = 0;

    async function watch(): Promise<void> {
      await scrape(operatorPort);
      while (!over()) {
        await pause(Math.min(SAMPLE_MS, lengthMs / 4));
        rss.push({ at: Date.now() - began, rss: bot.figures().rss });
        lagP99.push((await scrape(operatorPort)) * 1_000);
        // A record of every call would slow the simulation down.
        sandbox.clearCalls();
      }
    }
    async function strangers(): Promise<void> {
      while (!over()) {
        const stranger = fork(join(ROOT, 'bench/junk.mjs'), [String(bot.port), String(JUNK_PIECES)], { execArgv: [] });
        await once(stranger, 'exit');
        junk += JUNK_PIECES;
        const until = Date.now() + JUNK_EVERY_MS;
        while (Date.now() < until && !over()) await pause(200);
      }
    }
    await Promise.all([
      watch(),
      strangers(),
      trouble.go(over),
      members.lookUp(around, LOOKUPS_PER_SECOND),
      ...members.WRITERS.map((writer) => members.write(around, writer)),
      members.pressCards(around),
      members.editInConsole(around),
      members.exportAll(around),
    ]);
    const { cpu } = bot.figures();
    sandbox.setFaults(NO_FAULTS);
    await members.takeLeave(around);
    const stillOwed = Number(/^wecom_bot_answers_owed (\S+)$/m.exec(await metricsAt(operatorPort))?.[1]);
    const exitCode = await bot.stop();
    const complaints = logged(logFile).filter(({ level }) => level === 'warn' || level === 'error');
    const troubled = (at: number) => trouble.explains(at, at);
    return {
      minutes,
      kinds: tally.kinds,
      wrong: [
        ...tally.wrong,
        ...(stillOwed === 0 ? [] : [`${stillOwed} members were never given their answer`]),
        ...sandbox.violations.map((violation) => JSON.stringify(violation)),
      ],
      trouble: counted(trouble.stretches.map(({ what }) => what)),
      junk,
      complaints: counted(
        complaints.map((line) =>
          isOfStrangers(line) ? 'of the junk' : [line.level, line.msg, line.code ?? ''].join(' ').trim(),
        ),
      ),
      unexplained: complaints.filter((line) => isUnexplained(line, troubled)).map((line) => JSON.stringify(line)),
      memory: memory(rss, lengthMs),
      rss,
      lagP99,
      cpu,
      exitCode,
    };
  } finally {
    await bot.stop();
    await sandbox.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function logged(file: string): (Line & { readonly operatorPort?: number })[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Line);
}

/** Seconds, since the last time this was asked. */
async function scrape(port: number | undefined): Promise<number> {
  return Number(/^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(await metricsAt(port))?.[1]);
}

async function metricsAt(port: number | undefined): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
}

function counted(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** Why the soak has failed; empty when it has not. */
export function failures({ wrong, unexplained, memory: { drift }, exitCode }: SoakFigures): string[] {
  return [
    ...wrong.map((each) => `wrong: ${each}`),
    ...unexplained.map((line) => `unexplained: ${line}`),
    ...(Math.abs(drift) > MOST_DRIFT ? [`memory is not flat: ${percent(drift)}`] : []),
    ...(exitCode === 0 ? [] : [`ended with ${exitCode}`]),
  ];
}

function percent(share: number): string {
  return `${share >= 0 ? '+' : ''}${(share * 100).toFixed(1)} %`;
}

function table(figures: SoakFigures): string {
  const { kinds, trouble, junk, complaints, memory: level, rss, lagP99, cpu, minutes } = figures;
  const rows: (readonly [what: string, value: string])[] = [...kinds].map(([kind, { asked, refused, owed, wrong }]) => [
    kind,
    `${asked} answers checked, ${refused} told of trouble, ${owed} given with the next message, ${wrong} wrong`,
  ]);
  const list = (counts: ReadonlyMap<string, number>) =>
    [...counts].map(([what, times]) => `${what} ${times}`).join(', ');
  rows.push(
    ['pieces of junk', String(junk)],
    ['trouble of the platform', list(trouble)],
    ['warnings and errors', `${list(complaints)}; unexplained: ${figures.unexplained.length}`],
    [
      'memory (RSS) after the warm-up',
      `${level.level.toFixed(0)} MB, farthest ${percent(level.drift)} (must be within ±10 %)`,
    ],
    [
      '— lowest and highest sample of all',
      `${Math.min(...rss.map((s) => s.rss)).toFixed(0)}–${Math.max(...rss.map((s) => s.rss)).toFixed(0)} MB`,
    ],
    [
      'event loop late, p99 of each scrape',
      `median ${median(lagP99).toFixed(1)} ms, worst ${Math.max(...lagP99).toFixed(1)} ms`,
    ],
    ['CPU', `${cpu.toFixed(0)} s (${((cpu / (minutes * 60)) * 100).toFixed(0)} % of a core)`],
  );
  return ['| what | |', '|---|---|', ...rows.map((cells) => `| ${cells.join(' | ')} |`)].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { minutes: { type: 'string', default: '20' } } });
  const minutes = Number(values.minutes);
  if (!(minutes > 0 && minutes <= 600)) throw new Error('--minutes: from 0 to 600');
  const loadBefore = loadavg()[0] ?? 0;
  const figures = await soak(minutes);
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`;
  const load = `load ${loadBefore.toFixed(1)} before, ${(loadavg()[0] ?? 0).toFixed(1)} at the end`;
  process.stdout.write(`\n${machine}; ${minutes} min; ${load}\n\n${table(figures)}\n`);
  const failed = failures(figures);
  if (failed.length > 0) process.stderr.write(`${failed.join('\n')}\n`);
  process.exit(failed.length > 0 ? 1 : 0);
}
