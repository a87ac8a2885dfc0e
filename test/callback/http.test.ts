import { connect } from 'node:net';
import Koa from 'koa';
import { describe, expect, test } from 'vitest';
import { BotError } from '../../src/errors.ts';
import { type Listening, listen } from '../../src/http.ts';
import { textMessage } from './corp.ts';
import { type Outpost, PATH, post, sealedPost, startOutpost } from './outpost.ts';

async function withOutpost(run: (outpost: Outpost) => Promise<void>, checks = {}): Promise<void> {
  const outpost = await startOutpost(PATH, checks);
  try {
    await run(outpost);
  } finally {
    await outpost.server.close(100);
  }
}
const get = async (outpost: Outpost, path: string) => {
  const response = await fetch(outpost.url + path);
  return { status: response.status, text: await response.text(), headers: response.headers };
};

describe('for operators', () => {
  test('/healthz: the process is up', () =>
    withOutpost(async (outpost) => {
      const { status, text, headers } = await get(outpost, '/healthz');
      expect([status, JSON.parse(text)]).toEqual([200, { status: 'ok' }]);
      expect(headers.get('x-powered-by')).toBeNull();
    }));

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
      expect([status, text]).toEqual([200, 'callbacks_total 1\n']);
      expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    }));

  test.each(['/', '/wecom', `${PATH}/`, '/healthz/x', '/%', '//', '/../etc/passwd'])('%s: a bare 404', (path) =>
    withOutpost(async (outpost) => {
      const { status, text } = await get(outpost, path);
      expect([status, text]).toEqual([404, '']);
    }),
  );
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
    const closed = outpost.server.close();
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
    await outpost.server.close(50);
    expect(await answer).toBe('broken');
    release();
  });

  test('a port that is taken is said at once', async () => {
    await withOutpost(async (outpost) => {
      await expect(listen(new Koa(), outpost.server.port, '127.0.0.1')).rejects.toMatchObject({ code: 'EADDRINUSE' });
    });
  });
});
