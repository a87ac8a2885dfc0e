/**
 * `npm run bench:flood [-- COUNT]`: junk of every kind from a stranger (bad signatures, 64 KB of broken JSON and XML,
 * bodies that break off, half-open connections, slow headers and bodies) while members go on sending. What their messages
 * took, how far the memory went, and how long the log became.
 */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startSandbox } from '../src/sandbox/server.ts';
import { newCredentials } from './corp.ts';

export interface FloodFigures {
  readonly junk: number;
  /** Duration of the flood. */
  readonly seconds: number;
  /** How the junk was answered: by status, `held` (never finished by the sender), `cut` (broken off), `closed`. */
  readonly answers: Readonly<Record<string, number>>;
  /** Of the members' messages, in ms from sending to the answer, during the flood and in the quiet before. */
  readonly messages: number;
  readonly unanswered: number;
  readonly quiet: Quantiles;
  readonly flooded: Quantiles;
  /** CPU of the bot for one piece of junk, in ms, the members' messages taken off at their price in the quiet. */
  readonly cpuPerJunk: number;
  /** Highest resident set before and after, in MB. */
  readonly rssQuiet: number;
  readonly rssFlooded: number;
  /** Of the junk alone. */
  readonly logLines: number;
  readonly logBytes: number;
  /** After the flood: ended on SIGTERM with this code. */
  readonly exitCode: number | null;
}

interface Quantiles {
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
}

const MEMBERS = ['wangzong', 'zhangsan', 'lisi', 'chenjie', 'wangwu'] as const;
const SENTENCES = ['VIP', '标签 列表', '标签 添加 洪水{n} 到 客户分级', '客户分级', '标签 查 老客'] as const;
const PAUSE_MS = 40;
const WARM_UP_MESSAGES = 50;
const QUIET_MESSAGES = 200;
/** Of /proc/<pid>/stat. */
const TICKS_PER_SECOND = 100;
const ROOT = process.cwd();

/** Needs `dist/`. @param junk how many pieces */
export async function flood(junk: number): Promise<FloodFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'wecom-flood-'));
  const credentials = newCredentials();
  const sandbox = await startSandbox(credentials);
  const logFile = join(folder, 'log.txt');
  const log = openSync(logFile, 'w');
  const bot = spawn(join(ROOT, 'dist/cli.js'), ['serve'], {
    cwd: folder,
    stdio: ['ignore', log, 'inherit'],
    env: {
      PATH: process.env.PATH ?? '',
      WECOM_CORP_ID: credentials.corpId,
      WECOM_AGENT_ID: String(credentials.agentId),
      WECOM_SECRET: credentials.secret,
      WECOM_TOKEN: credentials.token,
      WECOM_ENCODING_AES_KEY: credentials.encodingAesKey,
      WECOM_API_BASE_URL: sandbox.url,
      DATABASE_URL: `file:${join(folder, 'bot.db')}`,
      BOT_ADMINS: MEMBERS.join(','),
      DEFAULT_STRATEGY_ID: '1',
      REPLY_FORMAT: 'plain',
      HOST: '127.0.0.1',
      PORT: '0',
      OPERATOR_PORT: '0',
    },
  });
  closeSync(log);
  const ended = once(bot, 'exit');
  try {
    const port = await listening(logFile);
    sandbox.setCallbackUrl(`http://127.0.0.1:${port}/wecom/callback`);
    const highest = (): number =>
      Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${bot.pid}/status`, 'utf8'))?.[1]) / 1024;

    let sent = 0;
    let unanswered = 0;
    async function say(times: number[]): Promise<void> {
      const n = sent++;
      const member = MEMBERS[n % MEMBERS.length] ?? 'wangzong';
      const text = (SENTENCES[n % SENTENCES.length] ?? '').replace('{n}', String(n));
      const began = performance.now();
      // Short answers in plain text are passive replies; what took longer than the window was pushed.
      const { id, delivered, reply } = await sandbox.say(member, text);
      times.push(performance.now() - began);
      if (delivered.state !== 'delivered') unanswered++;
      else if (reply === undefined) await sandbox.nextFromBot(member, id).catch(() => unanswered++);
    }
    async function talk(until: () => boolean): Promise<number[]> {
      const times: number[] = [];
      const under: Promise<void>[] = [];
      while (!until()) {
        under.push(say(times));
        await pause(PAUSE_MS);
      }
      await Promise.all(under);
      return times;
    }

    const cpu = (): number => {
      const fields = readFileSync(`/proc/${bot.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
    };

    await talk(() => sent >= WARM_UP_MESSAGES);
    const cpuBefore = cpu();
    const quiet = await talk(() => sent >= WARM_UP_MESSAGES + QUIET_MESSAGES);
    const rssQuiet = highest();
    const cpuQuiet = cpu();

    const stranger = fork(join(ROOT, 'bench/junk.mjs'), [String(port), String(junk)], { execArgv: [] });
    let result: { answers: Record<string, number>; seconds: number } | undefined;
    let over = false;
    stranger.once('message', (message) => {
      result = message as typeof result;
    });
    stranger.once('exit', () => {
      over = true;
    });
    const flooded = await talk(() => over);
    if (result === undefined) throw new Error('the junk ended early');
    const rssFlooded = highest();
    const pricePerMessage = (cpuQuiet - cpuBefore) / quiet.length;
    const cpuPerJunk = (cpu() - cpuQuiet - pricePerMessage * flooded.length) / junk;
    bot.kill('SIGTERM');
    const [exitCode] = (await ended) as [number | null];
    // What members do has its own lines, the more of them the longer the flood takes.
    const lines = readFileSync(logFile, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !/"msg":"(?:change carried out|answered)"/.test(line));
    return {
      junk,
      ...result,
      messages: sent,
      unanswered,
      quiet: quantiles(quiet),
      flooded: quantiles(flooded),
      cpuPerJunk: Number(cpuPerJunk.toFixed(3)),
      rssQuiet,
      rssFlooded,
      logLines: lines.length,
      logBytes: lines.join('\n').length,
      exitCode,
    };
  } finally {
    bot.kill('SIGKILL');
    await ended;
    await sandbox.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function listening(logFile: string): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const found = /"port":(\d+).*"msg":"listening"/.exec(readFileSync(logFile, 'utf8'));
    if (found !== null) return Number(found[1]);
    await pause(50);
  }
  throw new Error('the bot does not listen');
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function quantiles(times: readonly number[]): Quantiles {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN);
  return { p50: at(0.5), p99: at(0.99), most: at(1) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const count = Number(process.argv[2] ?? 100_000);
  process.stdout.write(`${JSON.stringify(await flood(count), null, 2)}\n`);
  process.exit();
}
