import { createServer } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toJson } from '../../src/wecom/client.ts';
import { list } from '../../src/wecom/shape.ts';
import {
  type Bench,
  breakOff,
  connectTo,
  failure,
  hang,
  ok,
  type Platform,
  raw,
  refusal,
  startPlatform,
} from './platform.ts';

let platform: Platform;
let bench: Bench;

beforeEach(async () => {
  platform = await startPlatform();
  bench = connectTo(platform.url, { timeoutMs: 300 });
});
afterEach(async () => {
  bench.close();
  await platform.close();
});

const nothing = { read: () => undefined };
const write = (body: object = { a: 1 }) => bench.client.call('x/write', body, nothing);
const read = () =>
  bench.client.call('x/read', { a: 1 }, { idempotent: true, read: (answer) => list(answer.items, 'items') });
const items = { ...ok, items: [1] };

describe('what is sent', () => {
  test('the token goes into the query only, the body is UTF-8 JSON without undefined fields', async () => {
    await write({ name: '客户分级😀', order: 0, group: undefined, list: [{ a: undefined, b: '' }] });
    const call = platform.calls[0];
    expect(call).toMatchObject({ method: 'POST', path: 'x/write' });
    expect(call?.text).toBe('{"name":"客户分级😀","order":0,"list":[{"b":""}]}');
    expect([...(call?.query ?? [])]).toEqual([['access_token', 'token-1']]);
    expect(JSON.stringify(call?.headers)).not.toContain('token-1');
  });

  test('without a body it is a GET; query values are encoded', async () => {
    await bench.client.call('user/get', undefined, { ...nothing, query: { userid: 'a&b=张' } });
    expect(platform.calls[0]?.method).toBe('GET');
    expect(platform.calls[0]?.query.get('userid')).toBe('a&b=张');
  });

  test('JSON never holds a \\u escape, and loses nothing that can be shown', () => {
    const value = fc.string({ unit: 'binary', maxLength: 40 });
    fc.assert(
      fc.property(value, (text) => {
        const json = toJson({ text });
        expect(json.replaceAll('\\\\', '')).not.toMatch(/\\u/);
        const escaped = JSON.stringify({ text }).includes('\\u');
        const shown = Buffer.from(text)
          .toString()
          .replace(/[^\P{Cc}\n\r\t\b\f]/gu, '');
        expect(JSON.parse(json)).toEqual({ text: escaped ? shown : text });
      }),
    );
    expect(toJson({ a: 'C:\\users \ud800 \u0007' })).toBe('{"a":"C:\\\\users \ufffd "}');
  });

  test('connections are kept, at most twenty at once', async () => {
    let open = 0;
    let most = 0;
    platform.says((_, response) => {
      most = Math.max(most, ++open);
      setImmediate(() => {
        open--;
        response.end(JSON.stringify(ok));
      });
    });
    const patient = connectTo(platform.url, { timeoutMs: 10_000 });
    await Promise.all(Array.from({ length: 60 }, () => patient.client.call('x/write', {}, nothing)));
    patient.close();
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(20);
    expect(platform.calls).toHaveLength(60);
  });
});

describe('what the platform refuses', () => {
  test.each([-1, 6000, 45033, 45035])('%i is repeated with growing pauses, writes too', async (errcode) => {
    platform.says(refusal(errcode), refusal(errcode), refusal(errcode), ok);
    await write();
    expect(platform.calls).toHaveLength(4);
    expect(bench.pauses).toEqual([250, 500, 1000]);
    expect(bench.results).toEqual([errcode, errcode, errcode, 0]);
  });

  test('three repeats are the most', async () => {
    platform.says(refusal(-1));
    expect(await failure(write())).toMatchObject({ code: 'wecom.-1', kind: 'busy', errcode: -1 });
    expect(platform.calls).toHaveLength(4);
  });

  test.each([40058, 40068, 40071, 45009, 45011, 48002, 60030, 81026, 999999])('%i is not repeated', async (errcode) => {
    platform.says(refusal(errcode), items);
    expect(await failure(read())).toMatchObject({ code: `wecom.${errcode}`, errcode });
    expect(platform.calls).toHaveLength(1);
  });

  test.each([40014, 42001])('%i: a new token, the same call once more', async (errcode) => {
    platform.says(refusal(errcode), ok);
    await write({ a: 2 });
    expect(platform.calls.map((call) => [call.query.get('access_token'), call.text])).toEqual([
      ['token-1', '{"a":2}'],
      ['token-2', '{"a":2}'],
    ]);
  });

  test('a token that is refused again is not asked for a third time', async () => {
    platform.says(refusal(42001));
    expect(await failure(write())).toMatchObject({ code: 'wecom.42001', kind: 'token' });
    expect([platform.calls.length, platform.tokenCalls.length]).toEqual([2, 2]);
  });

  test('the code decides, whatever errmsg and status say', async () => {
    platform.says({ errcode: 0, errmsg: 'ok. Warning: wrong json format. ' });
    await write();
    platform.says(raw(500, '{"errcode":40071,"errmsg":"ok"}'));
    expect(await failure(write())).toMatchObject({ code: 'wecom.40071', kind: 'user' });
    platform.says({ errcode: '40071', errmsg: 'ok' });
    expect(await failure(write())).toMatchObject({ code: 'wecom.40071' });
  });

  test('60020 tells the address, 45009 when to come back, support hints are kept', async () => {
    platform.says(
      refusal(60020, 'not allow to access from your ip, hint: [173_04-a], from ip: 203.0.113.9, more info at x'),
    );
    expect(await failure(read())).toMatchObject({ kind: 'setup', facts: { ip: '203.0.113.9', hint: '173_04-a' } });
    platform.says(refusal(40058, `field \`x\` of 客户分级 is bad, token ${'t0ken-'.repeat(8)}, hint: [1]`));
    expect((await failure(read())).facts.said).toBe('field `x` of … is bad, token …');
    platform.says(refusal(60020, 'from ip: 2001:db8::1, more'));
    expect((await failure(read())).facts.ip).toBe('2001:db8::1');
    platform.says(refusal(45009));
    expect((await failure(read())).facts.retryAt).toBe(bench.clock.time + 60_000);
  });
});

describe('when no proper answer comes', () => {
  const troubles = [
    ['timeout', hang],
    ['broken', breakOff],
    ['gateway', raw(502, '<html>Bad Gateway</html>')],
    ['gateway', raw(429, '')],
    ['not-json', raw(200, '{"errcode":0,}')],
    ['not-json', raw(200, '[1]')],
    ['wrong-shape', ok],
    ['wrong-shape', {}],
    ['wrong-shape', { ...ok, items: {} }],
    ['wrong-shape', { errcode: 'zero', items: [] }],
  ] as const;

  test.each(troubles)('a lookup is repeated: %s %#', async (_, trouble) => {
    platform.says(trouble, trouble, items);
    expect(await read()).toEqual([1]);
    expect(platform.calls).toHaveLength(3);
  });

  test.each(troubles)('two repeats are the most: %s %#', async (reason, trouble) => {
    platform.says(trouble);
    const error = await failure(read());
    expect(error.code).toBe(`api.${reason}`);
    expect(error.kind).toBe(reason === 'wrong-shape' ? 'bug' : 'busy');
    expect(platform.calls).toHaveLength(3);
  });

  test.each(troubles)('a write is never repeated: %s %#', async (reason, trouble) => {
    platform.says(trouble, items);
    const call = bench.client.call('x/write', {}, { read: (answer) => list(answer.items, 'items') });
    const error = await failure(call);
    expect(error).toMatchObject({
      code: 'api.unknown-outcome',
      kind: 'unknown-outcome',
      facts: { reason, path: 'x/write' },
    });
    expect(platform.calls).toHaveLength(1);
  });

  test('an answer that ends in the middle is no answer', async () => {
    platform.says((_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"errcode":0');
      setImmediate(() => response.destroy());
    });
    expect(await failure(write())).toMatchObject({ code: 'api.unknown-outcome', facts: { reason: 'broken' } });
  });

  test.each([301, 403, 404])('HTTP %i means that the call went to the wrong place', async (status) => {
    platform.says(raw(status, ''));
    expect(await failure(write())).toMatchObject({ code: 'api.http-status', kind: 'setup', facts: { status } });
    expect(platform.calls).toHaveLength(1);
  });

  test('nothing listens: nothing was sent, so a write is safe to repeat and safe to give up', async () => {
    await platform.close();
    expect(await failure(write())).toMatchObject({ code: 'api.unreachable', kind: 'busy' });
    expect(bench.pauses).toHaveLength(2);
  });

  test('a host that does not exist is unreachable too', async () => {
    const nowhere = connectTo('http://wecom.invalid');
    expect(await failure(nowhere.client.call('x', {}, nothing))).toMatchObject({ code: 'api.unreachable' });
    nowhere.close();
  });

  test('a TLS handshake that never ends has sent nothing', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const secure = connectTo(`https://127.0.0.1:${port}`, { timeoutMs: 50 });
    expect(await failure(secure.client.call('x', {}, nothing))).toMatchObject({ code: 'api.unreachable' });
    secure.close();
    server.close();
  });

  test('stopping the program ends calls under way: a write is unknown, one not yet sent has not happened', async () => {
    const stop = new AbortController();
    const stopping = connectTo(platform.url, { signal: stop.signal });
    await stopping.token.get();
    platform.says(() => stop.abort());
    const call = stopping.client.call('x', {}, nothing);
    expect(await failure(call)).toMatchObject({ code: 'api.unknown-outcome', facts: { reason: 'stopped' } });
    expect(await failure(stopping.client.call('x', {}, nothing))).toMatchObject({ code: 'api.stopped', kind: 'busy' });
    stopping.close();
  });
});

test('no error and no fact holds the secret or a token', async () => {
  for (const trouble of [hang, breakOff, raw(404, ''), raw(200, 'x'), refusal(40001), refusal(42001)]) {
    platform.says(trouble);
    platform.tokenSays(trouble, { ...ok, access_token: 'token-9', expires_in: 7200 });
    const fresh = connectTo(platform.url, { timeoutMs: 100 });
    for (const call of [fresh.token.get(), fresh.client.call('x', {}, nothing)]) {
      const error = await call.then(String, (reason: unknown) => reason);
      const seen = JSON.stringify(error, (_, value) =>
        value instanceof Error ? { ...value, m: value.message, s: value.stack, c: value.cause } : value,
      );
      expect(seen.replace('"token-9"', '')).not.toMatch(/the-secret|token-\d/);
    }
    fresh.close();
  }
});
