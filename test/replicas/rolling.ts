/**
 * `npm run test:replicas`: an update while members write. Three real processes on one database behind a balancer that
 * learns late; one after the other is told to stop, ends by itself, and is started anew. Nobody notices: every message is
 * carried out and answered once, in the member's order.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { CREDENTIALS, environment, words } from '../chat.ts';
import { type Program, start } from '../program.ts';
import { startPostgres } from '../store/server.ts';
import { Spreader } from './spreader.ts';

const REPLICAS = 3;
/** Between two stops. */
const WRITES = 20;
const MEMBERS = ['wangzong', 'zhangsan', 'lisi', 'chenjie', 'wangwu'] as const;

interface Write {
  readonly member: string;
  readonly name: string;
}

test('a rolling restart under load: nothing is lost, nothing is told twice', { timeout: 180_000 }, async () => {
  const server = await startPostgres();
  if (!server) throw new Error('no PostgreSQL here');
  const sandbox = await startSandbox({ ...CREDENTIALS, retryDelayMs: 900 });
  sandbox.corp.library.put(1, '添加组', ['留着']);
  const spreader = await Spreader.open();
  sandbox.setCallbackUrl(`${spreader.url}/wecom/callback`);
  const folder = mkdtempSync(join(tmpdir(), 'wecom-rolling-'));
  const env = {
    ...environment(sandbox.url, await server.createDatabase()),
    BOT_ADMINS: MEMBERS.join(),
    REPLY_FORMAT: 'plain',
  };
  const running: Program[] = [];
  const urls = new Map<Program, string>();
  const up = async () => {
    const program = start(['serve'], { cwd: folder, env });
    running.push(program);
    const { port } = await program.logs('listening');
    urls.set(program, `http://127.0.0.1:${port}`);
    spreader.targets = [...spreader.targets, `http://127.0.0.1:${port}`];
  };

  try {
    for (let i = 0; i < REPLICAS; i++) await up();
    // Long enough for something to be on its way at any moment.
    sandbox.setFaults({ slow: { on: true, ms: 60, path: '_strategy_tag' } });
    let rolled = false;
    const written: Write[] = [];
    const talking = Promise.all(MEMBERS.map((member) => talk(sandbox, spreader, member, written, () => rolled)));
    const stops: { code: number | null; ms: number }[] = [];
    for (const old of running.splice(0)) {
      const before = written.length;
      await expect.poll(() => written.length, { timeout: 30_000 }).toBeGreaterThan(before + WRITES);
      const began = performance.now();
      old.kill('SIGTERM');
      // The balancer notices a moment later.
      await pause(200);
      spreader.targets = spreader.targets.filter((url) => url !== urls.get(old));
      const { code } = await old.ended;
      stops.push({ code, ms: Math.round(performance.now() - began) });
      await up();
    }
    rolled = true;
    await talking;

    console.info(
      `rolling restart: ${written.length} writes, stopped within ${stops.map(({ ms }) => ms).join(', ')} ms`,
    );
    for (const { code, ms } of stops) {
      expect(code).toBe(0);
      expect(ms).toBeLessThan(10_000);
    }
    const tags = sandbox.corp.library.groupsOf(1).find(({ name }) => name === '添加组')?.tags ?? [];
    expect(tags.map(({ name }) => name).sort()).toEqual([...written.map(({ name }) => name), '留着'].sort());
    for (const member of MEMBERS) {
      const names = written.filter((each) => each.member === member).map(({ name }) => name);
      await expect.poll(() => told(sandbox, member), { timeout: 20_000 }).toEqual(names);
      expect(carriedOut(sandbox, member)).toEqual(names);
    }
    expect(sandbox.violations).toEqual([]);
  } finally {
    for (const program of running) {
      program.kill('SIGTERM');
      await program.ended;
    }
    await spreader.close();
    await sandbox.stop();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** One message after the other, to one replica after the other. */
async function talk(
  sandbox: Sandbox,
  spreader: Spreader,
  member: string,
  written: Write[],
  isOver: () => boolean,
): Promise<void> {
  for (let i = 0; !isOver(); i++) {
    const name = `${member}${String(i).padStart(4, '0')}号`;
    spreader.next = written.length;
    const sent = await sandbox.say(member, `标签 添加 ${name} 到 添加组`);
    expect(sent.delivered.state).toBe('delivered');
    written.push({ member, name });
  }
}

/** The member's names in the order in which their additions were told, as often as they were. */
function told(sandbox: Sandbox, member: string): string[] {
  return sandbox
    .chat(member)
    .filter(({ from }) => from === 'bot')
    .map(words)
    .filter((text) => text.includes('已添加'))
    .flatMap((text) => text.match(new RegExp(`${member}\\d+号`, 'g')) ?? []);
}

function carriedOut(sandbox: Sandbox, member: string): string[] {
  return sandbox.calls
    .filter(({ path }) => path.endsWith('/add_strategy_tag'))
    .flatMap(({ body }) => JSON.stringify(body).match(new RegExp(`${member}\\d+号`, 'g')) ?? []);
}
