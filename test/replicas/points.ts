/**
 * `npm run test:replicas`: kill -9 at every known point of a write, or the process frozen for a while, with another replica
 * beside it that hears WeCom's repeat. The member is told within fifteen seconds, the truth, and once; the write is made at most once.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, test } from 'vitest';
import { startSandbox } from '../../src/sandbox/server.ts';
import { CREDENTIALS, environment, words } from '../chat.ts';
import { openGate } from '../faults/site.ts';
import { start } from '../program.ts';
import { startPostgres } from '../store/server.ts';
import { Spreader } from './spreader.ts';

const server = await startPostgres();
if (!server) throw new Error('no PostgreSQL here');
await server.longUp();
afterAll(() => server.stop());

const MEMBER = 'wangzong';
const ADD = '/add_strategy_tag';
const LIST = '/get_strategy_tag_list';

interface Point {
  readonly path: string;
  readonly where: 'before' | 'after';
  /** Held at first: what is held at `path` comes after it. */
  readonly first?: { readonly path: string; readonly where: 'before' | 'after' };
  readonly format?: string;
  /** It is only frozen, and goes on once the member has been told by the other. */
  readonly frozen?: true;
  /** What the member is told. */
  readonly told: RegExp;
  readonly made: boolean;
}

const DONE = /已添加到[\s\S]*钻石/;
const NOT_DONE = /没有做成[\s\S]*钻石/;
const POINTS: Readonly<Record<string, Point>> = {
  // These wait longest, so they come first.
  'frozen before the journal: the other carries it out': {
    path: LIST,
    where: 'before',
    told: DONE,
    made: true,
    frozen: true,
  },
  'frozen between call and answer: done': { path: ADD, where: 'after', told: DONE, made: true, frozen: true },
  'before the journal: the other carries it out': { path: LIST, where: 'before', told: DONE, made: true },
  'between journal and call: not done': { path: ADD, where: 'before', told: NOT_DONE, made: false },
  'between call and answer: done': { path: ADD, where: 'after', told: DONE, made: true },
  'concluded, the answer not written yet': {
    first: { path: ADD, where: 'after' },
    path: LIST,
    where: 'before',
    told: DONE,
    made: true,
  },
  'while the answer is pushed': { path: '/message/send', where: 'before', format: 'markdown', told: DONE, made: true },
};

describe.concurrent('one of two replicas is killed, or', () => {
  test.for(Object.entries(POINTS))('%s', { timeout: 90_000 }, async ([, point], { expect }) => {
    const sandbox = await startSandbox({ ...CREDENTIALS, retryDelayMs: 900 });
    const gate = await openGate(new URL(sandbox.url));
    const spreader = await Spreader.open();
    sandbox.setCallbackUrl(`${spreader.url}/wecom/callback`);
    const cwd = mkdtempSync(join(tmpdir(), 'wecom-points-'));
    const env = {
      ...environment(gate.url, await server.createDatabase()),
      REPLY_FORMAT: point.format ?? 'plain',
    };
    const programs = [start(['serve'], { cwd, env }), start(['serve'], { cwd, env })];
    const [killed] = programs;
    const heard = () =>
      sandbox
        .chat(MEMBER)
        .filter((each) => each.from === 'bot' && words(each).includes('钻石'))
        .map(words);
    try {
      const up = await Promise.all(programs.map((program) => program.logs('listening')));
      spreader.targets = up.map(({ port }) => `http://127.0.0.1:${port}`);
      for (const next of [0, 1]) {
        spreader.next = next;
        await sandbox.say(MEMBER, '标签 列表');
      }
      spreader.next = 0;
      const before = point.first && gate.hold(point.first.path, point.first.where);
      let held = before ?? gate.hold(point.path, point.where);
      const sent = sandbox.say(MEMBER, '标签 添加 钻石 到 客户分级');
      const caught = await held;
      if (before) {
        held = gate.hold(point.path, point.where);
        caught.release();
        await held;
      }
      killed?.kill(point.frozen ? 'SIGSTOP' : 'SIGKILL');
      if (!point.frozen) await killed?.ended;
      const at = performance.now();
      spreader.targets = spreader.targets.slice(1);

      await expect.poll(heard, { timeout: 20_000 }).toHaveLength(1);
      expect(performance.now() - at).toBeLessThan(15_000);
      expect(heard()[0]).toMatch(point.told);
      expect((await sent).delivered.state).toBe('delivered');
      if (point.frozen) {
        (await held).release();
        killed?.kill('SIGCONT');
        // The call that was held is answered now; whatever it still does comes before it has stopped.
        killed?.kill('SIGTERM');
        expect((await killed?.ended)?.code).toBe(0);
        expect(heard()).toHaveLength(1);
      }
      const calls = sandbox.calls.filter(({ path }) => path.endsWith(ADD));
      expect(calls).toHaveLength(point.made ? 1 : 0);
      // Nothing comes after it: the next answer is about the next message alone.
      await sandbox.say(MEMBER, '历史');
      expect(heard().filter((text) => point.told.test(text))).toHaveLength(1);
    } finally {
      for (const program of programs) program.kill('SIGKILL');
      await Promise.all(programs.map(({ ended }) => ended));
      await spreader.close();
      await sandbox.stop();
      await gate.close();
      rmSync(cwd, { recursive: true, force: true });
    }
  });
});
