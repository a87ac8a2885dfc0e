import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import Koa from 'koa';
import { describe, expect, test } from 'vitest';
import { BotError } from '../../src/errors.ts';
import { type Listening, listen } from '../../src/http.ts';
import { textMessage } from './corp.ts';
import { type Outpost, PATH, post, sealedPost, startOutpost } from './outpost.ts';

async function withOutpost(run: (outpost: Outpost) => Promise<void>, checks = {}, limits = {}): Promise<void> {
  const outpost = await startOutpost(PATH, checks, limits);
  try {
    await run(outpost);
  } finally {
    await outpost.close(100);
  }
}
const get = async (outpost: Outpost, path: string, url = outpost.operatorUrl) => {
  const response = await fetch(url + path);
  return { status: response.status, text: await response.text(), headers: response.headers };
};

describe('for operators', () => {
  test('/healthz: the process is up', () =>
    withOutpost(async (outpost) => {
      for (const url of [outpost.url, outpost.operatorUrl]) {
        const { status, text, headers } = await get(outpost, '/healthz', url);
        expect([status, JSON.parse(text)]).toEqual([200, { status: 'ok' }]);
        expect(headers.get('content-type')).toContain('application/json');
        expect(headers.get('x-powered-by')).toBeNull();
      }
    }));

  test("the callback's port has neither /readyz nor /metrics, the operators' no callback", () =>
    withOutpost(async (outpost) => {
      for (const path of ['/readyz', '/metrics']) expect((await get(outpost, path, outpost.url)).status).toBe(404);
      expect((await get(outpost, PATH)).status).toBe(404);
    }));

  test('however many ask within a second, it is found out once', async () => {
    let asked = 0;
    let release = (): void => {};
    const token = async () => {
      asked++;
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    };
    await withOutpost(
      async (outpost) => {
        const many = () => Promise.all(Array.from({ length: 50 }, () => get(outpost, '/readyz')));
        const together = many();
        await expect.poll(() => asked).toBe(1);
        release();
        expect((await together).map(({ status }) => status)).toEqual(Array(50).fill(200));
        await many();
        expect(asked).toBe(1);
        const scrapes = await Promise.all(Array.from({ length: 50 }, () => get(outpost, '/metrics')));
        expect(new Set(scrapes.map(({ text }) => text))).toEqual(new Set(['scrapes_total 1\n']));

        outpost.now += 1_000;
        const later = get(outpost, '/readyz');
        await expect.poll(() => asked).toBe(2);
        release();
        expect((await later).status).toBe(200);
        expect((await get(outpost, '/metrics')).text).toBe('scrapes_total 2\n');
      },
      { token },
    );
  });

  test('/readyz: all is usable', () =>
    withOutpost(
      async (outpost) => {
        const { status, text } = await get(outpost, '/readyz');
        expect([status, JSON.parse(text)]).toEqual([200, { status: 'ready', checks: { store: 'ok', token: 'ok' } }]);
      },
      { store: async () => {}, token: async () => 'a secret token' },
    ));

  test('/readyz: says as a code what is not, and never quotes an error', () =>
    withOutpost(
      async (outpost) => {
        const { status, text } = await get(outpost, '/readyz');
        expect([status, JSON.parse(text)]).toEqual([
          503,
          {
            status: 'unavailable',
            checks: { store: 'ok', token: 'wecom.40001', disk: 'failed', slow: 'timeout', broken: 'failed' },
          },
        ]);
      },
      {
        store: async () => {},
        token: async () => {
          throw new BotError('wecom.40001', 'token', { message: 'a secret' });
        },
        disk: async () => {
          throw new Error('a secret path');
        },
        slow: () => new Promise(() => {}),
        broken: () => {
          throw new Error('at once');
        },
      },
    ));

  test('/metrics: Prometheus text', () =>
    withOutpost(async (outpost) => {
      const { status, text, headers } = await get(outpost, '/metrics');
      expect([status, text]).toEqual([200, 'scrapes_total 1\n']);
      expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    }));

  test.each(['/', '/wecom', `${PATH}/`, '/healthz/x', '/%', '//', '/../etc/passwd'])('%s: a bare 404', (path) =>
    withOutpost(async (outpost) => {
      for (const url of [outpost.url, outpost.operatorUrl]) {
        const { status, text } = await get(outpost, path, url);
        expect([status, text]).toEqual([404, '']);
      }
    }),
  );
});

describe('limits', () => {
  const opened = async (outpost: Outpost, text = ''): Promise<Socket> => {
    const socket = connect(outpost.server.port, '127.0.0.1');
    socket.on('error', () => {}).write(text);
    await once(socket, 'connect');
    return socket;
  };
  const headOf = (length: number) => `POST ${PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`;

  test.each([
    ['half-open connections', ''],
    ['slow headers', 'POST / HTTP/1.1\r\nHost: a\r\n'],
    ['slow bodies', `${headOf(500)}<xml>`],
  ])('%s keep nobody out: the oldest of them goes', (_, text) =>
    withOutpost(
      async (outpost) => {
        const idle: Socket[] = [];
        for (let i = 0; i < 10; i++) idle.push(await opened(outpost, text));
        const gone = once(idle[0] as Socket, 'close');
        expect((await post(outpost, sealedPost(textMessage()))).status).toBe(200);
        await gone;
        expect(outpost.refusedHttp).toEqual(['connections']);
        expect(idle.slice(1).map((socket) => socket.destroyed)).toEqual(Array(9).fill(false));
        for (const socket of idle) socket.destroy();
      },
      {},
      { connections: 10 },
    ),
  );

  test('a message in hand is not what goes', () =>
    withOutpost(
      async (outpost) => {
        let release = (): void => {};
        const arrived = new Promise<void>((resolve) => {
          outpost.answer = async () => {
            resolve();
            await new Promise<void>((done) => {
              release = done;
            });
            return { kind: 'text', content: '收到' };
          };
        });
        const answer = post(outpost, sealedPost(textMessage()));
        await arrived;
        const idle: Socket[] = [];
        for (let i = 0; i < 8; i++) idle.push(await opened(outpost));
        await expect.poll(() => outpost.refusedHttp.length).toBe(5);
        release();
        expect((await answer).status).toBe(200);
        for (const socket of idle) socket.destroy();
      },
      {},
      { connections: 4 },
    ));

  test.each([
    ['headers', 'POST / HTTP/1.1\r\nHost: a\r\n'],
    ['a body', `${headOf(500)}<xml>`],
  ])('%s that never end: 408', (_, text) =>
    withOutpost(
      async (outpost) => {
        const socket = await opened(outpost, text);
        const [heard] = (await once(socket.setEncoding('utf8'), 'data')) as [string];
        expect(heard).toMatch(/^HTTP\/1\.1 408 /);
        if (!socket.destroyed) await once(socket, 'close');
        expect(outpost.refusedHttp).toEqual(['slow']);
      },
      {},
      { headersTimeout: 50, requestTimeout: 100, connectionsCheckingInterval: 10 },
    ),
  );

  test('headers beyond measure: 431', () =>
    withOutpost(async (outpost) => {
      const socket = await opened(outpost, `GET / HTTP/1.1\r\nHost: ${'a'.repeat(20_000)}\r\n`);
      const [heard] = (await once(socket.setEncoding('utf8'), 'data')) as [string];
      expect(heard).toMatch(/^HTTP\/1\.1 431 /);
      expect(outpost.refusedHttp).toEqual(['header-size']);
    }));

  test('a connection is good for so many requests and no more', () =>
    withOutpost(
      async (outpost) => {
        const socket = await opened(outpost, 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(5));
        let heard = '';
        socket.setEncoding('utf8').on('data', (text: string) => {
          heard += text;
        });
        await once(socket, 'close');
        expect(heard.match(/HTTP\/1\.1 200/g)).toHaveLength(3);
      },
      {},
      { requestsPerConnection: 3 },
    ));

  test('a body that is too large is refused before it has come', () =>
    withOutpost(async (outpost) => {
      const socket = await opened(outpost, `${headOf(65 * 1024)}<xml>`);
      const [heard] = (await once(socket.setEncoding('utf8'), 'data')) as [string];
      expect(heard).toMatch(/^HTTP\/1\.1 413 /);
      socket.destroy();
    }));
});

describe('closing', () => {
  const heldAnswer = (outpost: Outpost) => {
    let release = (): void => {};
    const arrived = new Promise<void>((resolve) => {
      outpost.answer = async () => {
        resolve();
        await new Promise<void>((done) => {
          release = done;
        });
        return { kind: 'text', content: '收到' };
      };
    });
    return { arrived, release: () => release() };
  };
  const refusesConnections = (server: Listening) =>
    new Promise<boolean>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => {
        socket.destroy();
        resolve(false);
      });
      socket.on('error', () => resolve(true));
    });

  test('lets what is under way finish, and takes no more', async () => {
    const outpost = await startOutpost();
    const { arrived, release } = heldAnswer(outpost);
    const answer = post(outpost, sealedPost(textMessage()));
    await arrived;
    const closed = outpost.close();
    expect(await refusesConnections(outpost.server)).toBe(true);
    release();
    const { status, text } = await answer;
    expect(status).toBe(200);
    expect(text).toContain('<Encrypt>');
    const began = performance.now();
    await closed;
    // The kept-alive connection of that answer must not hold it for its 65 seconds.
    expect(performance.now() - began).toBeLessThan(1000);
  });

  test('does not wait longer than its grace', async () => {
    const outpost = await startOutpost();
    const { arrived, release } = heldAnswer(outpost);
    const answer = post(outpost, sealedPost(textMessage())).catch(() => 'broken');
    await arrived;
    await outpost.close(50);
    expect(await answer).toBe('broken');
    release();
  });

  test('a port that is taken is said at once', async () => {
    await withOutpost(async (outpost) => {
      const place = { port: outpost.server.port, host: '127.0.0.1', metrics: { refusedHttp: () => {} } };
      await expect(listen(new Koa(), place)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    });
  });
});
