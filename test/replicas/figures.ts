/**
 * `REPLICAS_FIGURES=1 npx vitest run`: what several processes on one database bring and cost. Throughput of lookups and
 * writes with one, two and three processes, the time until another replica takes over, and how long a write made on one is
 * unknown on another. Figures of one machine, which also runs the platform, the database and the load.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { CREDENTIALS, environment, words } from '../chat.ts';
import { type Program, start } from '../program.ts';
import { startPostgres } from '../store/server.ts';
import { Spreader } from './spreader.ts';

const MEMBERS = ['wangzong', 'zhangsan', 'lisi', 'chenjie', 'wangwu'] as const;
const LOOKUPS = 300;
const WRITES = 100;

test('figures of replicas', { timeout: 300_000 }, async () => {
  const server = await startPostgres();
  if (!server) throw new Error('no PostgreSQL here');
  const sandbox = await startSandbox({ ...CREDENTIALS, retryDelayMs: 900 });
  const spreader = await Spreader.open();
  sandbox.setCallbackUrl(`${spreader.url}/wecom/callback`);
  const folder = mkdtempSync(join(tmpdir(), 'wecom-figures-'));
  const running: Program[] = [];
  const up = async (databaseUrl: string) => {
    const program = start(['serve'], {
      cwd: folder,
      env: { ...environment(sandbox.url, databaseUrl), BOT_ADMINS: MEMBERS.join(), REPLY_FORMAT: 'plain' },
    });
    running.push(program);
    const { port } = await program.logs('listening');
    spreader.targets = [...spreader.targets, `http://127.0.0.1:${port}`];
    return program;
  };
  const stopAll = async () => {
    for (const program of running.splice(0)) {
      program.kill('SIGTERM');
      await program.ended;
    }
    spreader.targets = [];
  };
  let named = 0;
  try {
    for (const [kind, count] of [
      ['SQLite', 1],
      ['PostgreSQL', 1],
      ['PostgreSQL', 2],
      ['PostgreSQL', 3],
    ] as const) {
      const url = kind === 'SQLite' ? `file:${join(folder, 'bot.db')}` : await server.createDatabase();
      for (let i = 0; i < count; i++) await up(url);
      for (const member of MEMBERS) for (let i = 0; i < 2 * count; i++) await sandbox.say(member, '抖音');
      const lookups = await perSecond(LOOKUPS, (member) => sandbox.say(member, '抖音'));
      const writes = await perSecond(WRITES, (member) => sandbox.say(member, `标签 添加 数${named++} 到 地区`));
      console.info(
        `${kind} × ${count}: ${lookups.rate} look-ups/s (median ${lookups.median} ms), ${writes.rate} writes/s (median ${writes.median} ms)`,
      );
      if (count === 3) {
        console.info(`a write is seen by the others: ${JSON.stringify(await freshness(sandbox, spreader))} ms`);
        console.info(`taken over after ${await takeover(sandbox, spreader, running)} ms`);
      }
      await stopAll();
    }
  } finally {
    await stopAll();
    await spreader.close();
    await sandbox.stop();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

async function perSecond(count: number, say: (member: string) => Promise<unknown>) {
  const took: number[] = [];
  const began = performance.now();
  await Promise.all(
    MEMBERS.map(async (member) => {
      for (let i = 0; i < count / MEMBERS.length; i++) {
        const at = performance.now();
        await say(member);
        took.push(performance.now() - at);
      }
    }),
  );
  return { rate: Math.round((count * 1_000) / (performance.now() - began)), median: Math.round(median(took)) };
}

/** From the answer to a write on one replica to the answer of another that knows of it. */
async function freshness(sandbox: Sandbox, spreader: Spreader) {
  const delays: number[] = [];
  for (let i = 0; i < 20; i++) {
    spreader.next = i % 3;
    await sandbox.say('wangzong', `标签 添加 新鲜${i} 到 地区`);
    const at = performance.now();
    spreader.next = (i + 1) % 3;
    await sandbox.say('lisi', `新鲜${i}`);
    const answer = sandbox
      .chat('lisi')
      .filter(({ from }) => from === 'bot')
      .at(-1);
    if (!answer || !words(answer).includes(`「新鲜${i}」在标签组`)) throw new Error(`not seen: 新鲜${i}`);
    delays.push(performance.now() - at);
  }
  return { median: Math.round(median(delays)), max: Math.round(Math.max(...delays)) };
}

/** A replica acknowledges, dies, and the member waits for a word. */
async function takeover(sandbox: Sandbox, spreader: Spreader, running: readonly Program[]): Promise<number> {
  sandbox.setFaults({ slow: { on: true, ms: 9_000, path: 'add_strategy_tag' } });
  spreader.next = 0;
  const sent = await sandbox.say('chenjie', '标签 添加 接管 到 地区');
  running[0]?.kill('SIGKILL');
  const at = performance.now();
  sandbox.setFaults({ slow: { on: false, ms: 0 } });
  await sandbox.nextFromBot('chenjie', sent.id, 30_000);
  return Math.round(performance.now() - at);
}

function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
