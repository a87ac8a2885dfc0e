/**
 * Stands where the load balancer stands: the platform knows one address, and each callback goes to one of the replicas,
 * to all of them at once, or to whichever the test names.
 */

import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Target = 'random' | 'all' | number;

export interface Spreader {
  readonly url: string;
  /** Base URLs of the replicas that take callbacks now. */
  targets: string[];
  next: Target;
  /** What each replica answered to the last callback: status and body, as they came. */
  readonly answers: readonly { readonly status: number; readonly body: string }[];
  close(): Promise<void>;
}

/** `pick`: a number in [0, 1), so that a run can be repeated. */
export async function openSpreader(pick: () => number = Math.random): Promise<Spreader> {
  let answers: { status: number; body: string }[] = [];
  const spreader = { targets: [] as string[], next: 'random' as Target };

  async function forward(request: IncomingMessage, body: Buffer): Promise<{ status: number; body: string }[]> {
    const { targets, next } = spreader;
    const first = next === 'random' ? Math.floor(pick() * targets.length) : next;
    const chosen = first === 'all' ? targets : targets.slice(first, first + 1);
    return Promise.all(
      chosen.map(async (target) => {
        try {
          const response = await fetch(`${target}${request.url}`, {
            method: request.method ?? 'POST',
            ...(request.method === 'POST' ? { body: new Uint8Array(body) } : {}),
            signal: AbortSignal.timeout(6_000),
          });
          return { status: response.status, body: await response.text() };
        } catch {
          return { status: 502, body: '' };
        }
      }),
    );
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    answers = await forward(request, Buffer.concat(chunks));
    const taken = answers.find(({ status }) => status === 200) ?? answers[0] ?? { status: 502, body: '' };
    response.statusCode = taken.status;
    response.end(taken.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.defineProperty(
    Object.assign(spreader, {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      close: () =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    }),
    'answers',
    { get: () => answers },
  ) as unknown as Spreader;
}
