/** The real program with a standard output that takes nothing, or takes it slowly: it serves, and it ends when told. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from './port.ts';
import { CREDENTIALS, ENTRY, NOWHERE } from './program.ts';

let folder: string;
let child: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wecom-stdout-'));
});
afterEach(async () => {
  if (child !== undefined && child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
});

/** `serve` under a shell that connects its standard output; nobody reads a pipe. */
async function serve(shell: string, more: Record<string, string> = {}) {
  const [port, operatorPort] = [await freePort(), await freePort()];
  const env = {
    ...CREDENTIALS,
    PATH: process.env.PATH ?? '',
    WECOM_API_BASE_URL: NOWHERE,
    DATABASE_URL: `file:${join(folder, 'bot.db')}`,
    HOST: '127.0.0.1',
    PORT: String(port),
    OPERATOR_PORT: String(operatorPort),
    ...more,
  };
  const started = spawn('bash', ['-c', shell, process.execPath, ENTRY, 'serve'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child = started;
  let lines = 0;
  let err = '';
  started.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const up = async () => (await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined))?.status;
  await expect.poll(up, { timeout: 10_000 }).toBe(200);
  return {
    up,
    /** Every time on another path below the callback's, with an address of its own: one line each. */
    causeLine: async () => {
      await fetch(`http://127.0.0.1:${port}/?msg_signature=${'0'.repeat(40)}`, {
        headers: { 'X-Forwarded-For': `10.0.0.${lines++}` },
      });
    },
    err: () => err,
    metrics: async () => (await fetch(`http://127.0.0.1:${operatorPort}/metrics`)).text(),
    terminate: async () => {
      const ended = once(started, 'exit');
      started.kill('SIGTERM');
      return (await ended)[0] as number | null;
    },
  };
}

const dropped = (metrics: string) => Number(/^wecom_bot_log_lines_dropped_total (\d+)$/m.exec(metrics)?.[1]);

describe.runIf(existsSync('/dev/full'))('a disk that is full', () => {
  test.each([
    ['ENOSPC', 'exec "$0" "$@" > /dev/full'],
    ['EFBIG', 'ulimit -f 0; exec "$0" "$@" > log.txt'],
  ])('%s: serves, complains once, counts, ends on SIGTERM, frees the database', async (code, shell) => {
    // A database file may not grow under that limit either.
    const program = await serve(shell, code === 'EFBIG' ? { DATABASE_URL: 'file::memory:' } : {});
    expect(await program.up()).toBe(200);
    expect(dropped(await program.metrics())).toBeGreaterThan(0);
    expect(await program.terminate()).toBe(0);
    expect(program.err()).toBe(`the log cannot be written (${code}); lines are being lost, the service goes on\n`);
    // SQLite's log is there as long as the database is open, and after a process that did not close it.
    expect(existsSync(join(folder, 'bot.db-wal'))).toBe(false);
  });
});

test('a file has every line, as soon as it is written', async () => {
  const program = await serve('exec "$0" "$@" >> log.txt');
  expect(readFileSync(join(folder, 'log.txt'), 'utf8')).toContain('"msg":"listening"');
  expect(dropped(await program.metrics())).toBe(0);
  expect(await program.terminate()).toBe(0);
  expect(readFileSync(join(folder, 'log.txt'), 'utf8')).toContain('"msg":"stopped"');
  expect(program.err()).toBe('');
});

test('a reader that went away: serves on, complains once', async () => {
  const program = await serve('exec "$0" "$@" > >(head -c 1 > /dev/null)');
  await expect
    .poll(async () => {
      await program.causeLine();
      return dropped(await program.metrics());
    })
    .toBeGreaterThan(0);
  expect(await program.up()).toBe(200);
  expect(await program.terminate()).toBe(0);
  expect(program.err()).toBe('the log cannot be written (EPIPE); lines are being lost, the service goes on\n');
});

/** Lines by the ten thousand, more than any buffer takes, onto a standard output that nobody reads. */
const FLOOD = `
import { openSink } from ${JSON.stringify(fileURLToPath(new URL('../dist/stdout.js', import.meta.url)))};
const sink = openSink();
const began = performance.now();
for (let i = 0; i < 20_000; i++) sink.write(JSON.stringify({ i, text: 'x'.repeat(200) }) + '\\n');
const ms = performance.now() - began;
process.stderr.write(JSON.stringify({ ms, dropped: sink.dropped }) + '\\n');
await sink.drain(100);
process.exit(0);
`;

test('a reader that does not read: nothing waits for it, not even the end', async () => {
  const started = spawn(process.execPath, ['--input-type=module', '-e', FLOOD], { stdio: ['ignore', 'pipe', 'pipe'] });
  child = started;
  let err = '';
  started.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const began = performance.now();
  const [code] = await once(started, 'exit');
  expect(code).toBe(0);
  expect(performance.now() - began).toBeLessThan(5_000);
  const [complaint, figures = ''] = err.trim().split('\n');
  expect(complaint).toContain('its reader is too slow');
  expect(JSON.parse(figures).ms).toBeLessThan(2_000);
  expect(JSON.parse(figures).dropped).toBeGreaterThan(10_000);
});
