/** A platform that answers nothing at all. Every test waits for it, side by side. */
import { describe, expect, type TestContext, test } from 'vitest';
import { list } from '../../src/wecom/shape.ts';
import { until } from '../until.ts';
import { connectTo, failure, hang, ok, type Says, startPlatform } from './platform.ts';

const TIMEOUT_MS = 2_000;
const ITEMS = { ...ok, items: [1] };
/** Longer than a call is waited for during a silence, and far shorter than it is otherwise. */
const late: Says = (_, response) => void setTimeout(() => response.end(JSON.stringify(ITEMS)), 1_300);

async function opened({ onTestFinished }: TestContext) {
  const platform = await startPlatform();
  platform.tokenSays({ ...ok, access_token: 'token-1', expires_in: 7200 });
  const { client, close } = connectTo(platform.url, { timeoutMs: TIMEOUT_MS });
  onTestFinished(() => {
    close();
    return platform.close();
  });
  return {
    platform,
    read: () => client.call('x/read', { a: 1 }, { idempotent: true, read: (answer) => list(answer.items, 'items') }),
    write: () => client.call('x/write', { a: 1 }, { read: () => undefined }),
  };
}

async function took(call: Promise<unknown>): Promise<number> {
  const began = performance.now();
  await failure(call);
  return performance.now() - began;
}

describe.concurrent('a platform that answers nothing at all', () => {
  test('is waited for by the one who finds out; those who come after are told early, once, and why', async (context) => {
    const { platform, read } = await opened(context);
    platform.says(hang);
    expect((await failure(read())).code).toBe('api.timeout');
    platform.calls.length = 0;
    const began = performance.now();
    const told = await failure(read());
    expect(told.code).toBe('api.timeout');
    expect(told.operator?.cause).toContain('一直没有回答');
    expect(performance.now() - began).toBeLessThan(1_800);
    expect(platform.calls).toHaveLength(1);
  });

  test('is heard again at once, also by an answer that comes too late for whoever asked', async (context) => {
    const { platform, read } = await opened(context);
    platform.says(hang);
    await failure(read());
    platform.says(late);
    // Later than anybody waits now; the next one is waited for as ever.
    expect((await failure(read())).code).toBe('api.timeout');
    await until(async () => expect(await read().catch(() => undefined)).toEqual([1]));
  });

  test('a write has its time all the same, and makes nobody impatient: it is looked for afterwards', async (context) => {
    const { platform, read, write } = await opened(context);
    platform.says(hang);
    expect((await failure(write())).code).toBe('api.unknown-outcome');
    platform.says(late);
    expect(await read()).toEqual([1]);
    platform.says(hang);
    await failure(read());
    expect(await took(write())).toBeGreaterThan(TIMEOUT_MS - 100);
  });
});
