import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { oneByOne } from '../../src/queue.ts';
import type { TokenNotes } from '../../src/wecom/shared-token.ts';
import {
  type Bench,
  breakOff,
  connectTo,
  ok,
  type Platform,
  raw,
  refusal,
  type Says,
  startPlatform,
} from './platform.ts';

let platform: Platform;
let bench: Bench;
beforeEach(async () => {
  platform = await startPlatform();
  bench = connectTo(platform.url);
});
afterEach(async () => {
  bench.close();
  await platform.close();
});

const granted = (token: string, expiresIn: unknown = 7200) => ({ ...ok, access_token: token, expires_in: expiresIn });
const forward = (seconds: number) => {
  bench.clock.time += seconds * 1000;
};

/** What replicas share, in memory; one fetches at a time. */
function noted() {
  const kept = new Map<string, string>();
  const alone = oneByOne();
  const notes: TokenNotes = {
    recall: async (name) => kept.get(name),
    keep: async (name, note) => void kept.set(name, note),
    alone,
  };
  return { notes, kept };
}

describe('shared by replicas', () => {
  test('one fetches for all, and none keeps it in clear', async () => {
    const { notes, kept } = noted();
    platform.tokenSays(granted('the-token'), granted('another'));
    const replicas = Array.from({ length: 3 }, () => connectTo(platform.url, { notes }));
    for (const replica of replicas) replica.clock.time = bench.clock.time;
    expect(new Set(await Promise.all(replicas.map((replica) => replica.token.get())))).toEqual(new Set(['the-token']));
    expect(platform.tokenCalls).toHaveLength(1);
    expect(JSON.stringify([...kept])).not.toContain('the-token');
    for (const replica of replicas) replica.close();
  });

  test('what one was refused with is fetched anew, and the others take the newer one', async () => {
    const { notes } = noted();
    platform.tokenSays(granted('refused'), granted('newer', 7300));
    const [one, two] = [connectTo(platform.url, { notes }), connectTo(platform.url, { notes })];
    expect([await one.token.get(), await two.token.get()]).toEqual(['refused', 'refused']);
    one.token.drop('refused');
    expect(await one.token.get()).toBe('newer');
    two.token.drop('refused');
    expect(await two.token.get()).toBe('newer');
    expect(platform.tokenCalls).toHaveLength(2);
    one.close();
    two.close();
  });

  test('a token of another secret is not taken', async () => {
    const { notes } = noted();
    platform.tokenSays(granted('mine'), granted('yours'));
    const [mine, yours] = [connectTo(platform.url, { notes }), connectTo(platform.url, { notes, secret: 'another' })];
    expect([await mine.token.get(), await yours.token.get()]).toEqual(['mine', 'yours']);
    mine.close();
    yours.close();
  });
});

describe('fetching', () => {
  test('asks with id and secret, once for all who wait', async () => {
    expect(await Promise.all(Array.from({ length: 50 }, () => bench.token.get()))).toEqual(Array(50).fill('token-1'));
    expect(platform.tokenCalls).toHaveLength(1);
    const [call] = platform.tokenCalls;
    expect(call?.method).toBe('GET');
    expect(Object.fromEntries(call?.query ?? [])).toEqual({ corpid: 'ww1', corpsecret: 'the-secret' });
    expect(bench.token.state()).toBe('ok');
  });

  test('a success without errcode is one; numbers may come as text', async () => {
    platform.tokenSays({ access_token: 'a', expires_in: '7200' });
    expect(await bench.token.get()).toBe('a');
    forward(6800);
    expect(await bench.token.get()).toBe('a');
    expect(platform.tokenCalls).toHaveLength(1);
  });

  test.each([{ ...ok }, { ...ok, access_token: '' }, raw(200, 'x'), raw(502, ''), breakOff])(
    'no token in the answer: repeated, then told, nothing stored %#',
    async (trouble) => {
      platform.tokenSays(trouble);
      await expect(bench.token.get()).rejects.toThrow('api.');
      expect(platform.tokenCalls).toHaveLength(3);
      expect(bench.token.state()).toBe('failed');
      platform.tokenSays(granted('good'));
      expect(await bench.token.get()).toBe('good');
      expect([bench.token.state(), bench.token.failure()]).toEqual(['ok', undefined]);
    },
  );
});

describe('another secret', () => {
  test('ends the pause of the former one', async () => {
    platform.tokenSays(refusal(40001));
    await expect(bench.token.get()).rejects.toThrow('wecom.40001');
    expect(bench.token.held()).toBe(true);
    platform.tokenSays(granted('new'));
    bench.renew({ secret: 'another-secret' });
    expect(bench.token.held()).toBe(false);
    expect(await bench.token.get()).toBe('new');
    expect(platform.tokenCalls.map(({ query }) => query.get('corpsecret'))).toEqual(['the-secret', 'another-secret']);
  });

  test.each([refusal(40001), granted('of the former')])(
    'that comes while the former one is asked with: its answer counts for nothing %#',
    async (answer) => {
      const asked: Says = (_, response) => {
        bench.renew({ secret: 'another-secret' });
        response.end(JSON.stringify(answer));
      };
      platform.tokenSays(asked, granted('new'));
      expect(await Promise.all([bench.token.get(), bench.token.get()])).toEqual(['new', 'new']);
      expect([bench.token.state(), bench.token.held()]).toEqual(['ok', false]);
      expect(platform.tokenCalls).toHaveLength(2);
    },
  );
});

test('another secret that comes while the pause of the former one is looked up is not held by it', async () => {
  const { notes } = noted();
  const first = connectTo(platform.url, { notes });
  platform.tokenSays(refusal(40001));
  await expect(first.token.get()).rejects.toThrow('wecom.40001');
  let looks = 0;
  const slow: TokenNotes = {
    ...notes,
    recall: async (name) => {
      const kept = await notes.recall(name);
      if (name === 'token.hold' && looks++ === 0) later.renew({ secret: 'another-secret' });
      return kept;
    },
  };
  const later = connectTo(platform.url, { notes: slow });
  later.clock.time = first.clock.time;
  platform.tokenSays(granted('new'));
  expect(await later.token.get()).toBe('new');
  first.close();
  later.close();
});

describe('renewing', () => {
  test('begins five minutes before the end, while the present token is still used', async () => {
    platform.tokenSays(granted('old'), granted('new'));
    await bench.token.get();
    forward(6899);
    expect(await bench.token.get()).toBe('old');
    expect(platform.tokenCalls).toHaveLength(1);
    forward(2);
    expect(await Promise.all([bench.token.get(), bench.token.get()])).toEqual(['old', 'old']);
    await expect.poll(() => bench.token.get()).toBe('new');
    expect(platform.tokenCalls).toHaveLength(2);
  });

  test('an ended token is never given out', async () => {
    platform.tokenSays(granted('old'), granted('new'));
    await bench.token.get();
    forward(7200);
    expect(bench.token.state()).not.toBe('ok');
    expect(await bench.token.get()).toBe('new');
  });

  test('a renewal that fails leaves the present token, and is tried again after a pause', async () => {
    platform.tokenSays(granted('old'), refusal(50003));
    await bench.token.get();
    forward(7000);
    expect(await bench.token.get()).toBe('old');
    await expect.poll(() => bench.token.failure()?.errcode).toBe(50003);
    for (let i = 0; i < 20; i++) expect(await bench.token.get()).toBe('old');
    expect(platform.tokenCalls).toHaveLength(2);
    expect(bench.token.state()).toBe('ok');
    platform.tokenSays(granted('new'));
    forward(11);
    await bench.token.get();
    await expect.poll(() => bench.token.get()).toBe('new');
  });

  test('a short life is halved, not renewed without end', async () => {
    platform.tokenSays(granted('short', 10), granted('next', 10));
    await bench.token.get();
    forward(4);
    expect(await bench.token.get()).toBe('short');
    expect(platform.tokenCalls).toHaveLength(1);
  });
});

describe('dropping', () => {
  test('a refused token is dropped; a late failure does not drop its successor', async () => {
    const first = await bench.token.get();
    bench.token.drop(first);
    const second = await bench.token.get();
    expect([first, second]).toEqual(['token-1', 'token-2']);
    bench.token.drop(first);
    expect(await bench.token.get()).toBe(second);
    expect(platform.tokenCalls).toHaveLength(2);
  });

  test('many calls that meet the same refused token cause one new token', async () => {
    await bench.token.get();
    platform.says((call, response) => {
      const old = call.query.get('access_token') === 'token-1';
      response.end(JSON.stringify(old ? refusal(42001) : ok));
    });
    await Promise.all(Array.from({ length: 10 }, () => bench.client.call('x', {}, { read: () => undefined })));
    expect(platform.tokenCalls).toHaveLength(2);
    expect(platform.calls).toHaveLength(20);
  });
});

describe('wrong credentials', () => {
  test.each([40001, 40013, 40091])('%i stops the calls for ten minutes', async (errcode) => {
    platform.tokenSays(refusal(errcode));
    for (let i = 0; i < 5; i++) {
      await expect(bench.client.call('x', {}, { read: () => undefined })).rejects.toMatchObject({
        errcode,
        kind: 'setup',
      });
    }
    forward(599);
    await expect(bench.token.get()).rejects.toMatchObject({ errcode });
    expect([platform.tokenCalls.length, platform.calls.length]).toEqual([1, 0]);
    forward(2);
    platform.tokenSays(granted('good'));
    expect(await bench.token.get()).toBe('good');
  });

  test('stop the calls over a restart too, until the ten minutes are over or the secret is another', async () => {
    const { notes, kept } = noted();
    platform.tokenSays(refusal(40001));
    const restart = async (more: { secret?: string } = {}) => {
      bench.close();
      const { time } = bench.clock;
      bench = connectTo(platform.url, { notes, ...more });
      bench.clock.time = time;
      const tries = Array.from({ length: 3 }, () => bench.token.get());
      return new Set(
        (await Promise.allSettled(tries)).map((each) => (each.status === 'rejected' ? each.reason.code : each.value)),
      );
    };
    for (let i = 0; i < 4; i++) expect(await restart()).toEqual(new Set(['wecom.40001']));
    expect(platform.tokenCalls).toHaveLength(1);
    expect(JSON.stringify([...kept])).not.toContain('the-secret');
    platform.tokenSays(granted('good'));
    expect(await restart({ secret: 'the-right-secret' })).toEqual(new Set(['good']));
    forward(601);
    expect(await restart()).toEqual(new Set(['good']));
    expect(platform.tokenCalls).toHaveLength(3);
  });

  test('45009 stops them for its window', async () => {
    platform.tokenSays(refusal(45009));
    await expect(bench.token.get()).rejects.toMatchObject({ kind: 'busy' });
    forward(59);
    await expect(bench.token.get()).rejects.toMatchObject({ errcode: 45009 });
    expect(platform.tokenCalls).toHaveLength(1);
    forward(2);
    await expect(bench.token.get()).rejects.toMatchObject({ errcode: 45009 });
    expect(platform.tokenCalls).toHaveLength(2);
  });

  test('−1 is only busy', async () => {
    platform.tokenSays(refusal(-1), granted('good'));
    expect(await bench.token.get()).toBe('good');
  });
});
