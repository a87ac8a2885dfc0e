/**
 * Stands where the load balancer stands: the platform knows one address, and each callback goes to one of the replicas,
 * to all of them at once, or to whichever the test names.
 */

import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEnvelope } from '../../src/callback/envelope.ts';
import { CREDENTIALS } from '../chat.ts';

/** A number counts the replicas round and round. */
export type Target = 'random' | 'all' | number;

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A replica that hangs longer is gone for the platform. */
const PATIENCE_MS = 6_000;

export class Spreader {
  /** Base URLs of the replicas that take callbacks now. */
  targets: readonly string[] = [];
  next: Target = 'random';
  /** What the replicas answered to the last callback. */
  answers: readonly Answer[] = [];
  /** Hears the answers to every callback. */
  onAnswers: (answers: readonly Answer[]) => void = () => {};
  readonly #random: () => number;
  readonly #server: Server;

  private constructor(random: () => number) {
    this.#random = random;
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      this.answers = await this.#forward(request, Buffer.concat(chunks));
      this.onAnswers(this.answers);
      // The platform sees one of them: the one that says something, as each delivery has a connection of its own.
      const accepted = this.answers.filter(({ status }) => status === 200);
      const taken = accepted.find(({ body }) => body !== '') ?? accepted[0] ?? this.answers[0];
      response.statusCode = taken?.status ?? 502;
      response.end(taken?.body ?? '');
    });
  }

  static async open(random: () => number = Math.random): Promise<Spreader> {
    const spreader = new Spreader(random);
    await new Promise<void>((resolve) => spreader.#server.listen(0, '127.0.0.1', resolve));
    return spreader;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #forward(request: IncomingMessage, body: Buffer): Promise<Answer[]> {
    const { targets, next } = this;
    const first = next === 'random' ? Math.floor(this.#random() * targets.length) : next;
    const chosen = first === 'all' ? targets : targets.filter((_, i) => i === first % targets.length);
    return Promise.all(chosen.map((target) => post(`${target}${request.url}`, body)));
  }
}

async function post(url: string, body: Buffer): Promise<Answer> {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(url, { method: 'POST', body: new Uint8Array(body), signal });
    return { status: response.status, body: await response.text() };
  } catch {
    return { status: 502, body: '' };
  }
}

const envelope = createEnvelope({ ...CREDENTIALS, receiveId: CREDENTIALS.corpId });

/** What a sealed answer says; undefined for an empty one. */
export function said({ body }: Answer): string | undefined {
  if (body === '') return undefined;
  const field = (name: string) =>
    new RegExp(`<${name}>(?:<!\\[CDATA\\[)?(.*?)(?:\\]\\]>)?</${name}>`, 's').exec(body)?.[1] ?? '';
  const query = { msg_signature: field('MsgSignature'), timestamp: field('TimeStamp'), nonce: field('Nonce') };
  return /<Content>(.*?)<\/Content>/s.exec(envelope.open(query, field('Encrypt')))?.[1];
}
