/**
 * Who of several replicas is still there. Every process has a random number of its own and holds the
 * session-level advisory lock of that number through a connection that does nothing else. The server lets the lock go
 * when that connection ends, in whatever way, and ends it when the replica falls silent (heartbeat.ts): a message whose
 * owner's lock is free was left behind.
 *
 * The same connection hears what other replicas tell (LISTEN): a connection that is lost anyway loses both.
 *
 * The lock needs a session that lasts: a pooler between the bot and the server must pool sessions, not transactions.
 */

import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, type ClientConfig } from 'pg';
import { beating, ENDS_WHEN_SILENT } from './heartbeat.ts';
import { patiently } from './lent-connection.ts';

/** Below what a number holds exactly, and far too many for two replicas to draw the same. */
const OWNERS = 2 ** 48 - 1;
const RETRY_MS = 1_000;
/** As long as others may take to regain theirs, when all were lost at once. */
const STEADY_MS = 5_000;

/** A machine that vanished without a word is noticed by the server within half a minute, not after two hours. */
const SERVER_KEEPALIVE = 'SET tcp_keepalives_idle = 15; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3';

/** Shorter than the server waits: who has not heard it for so long takes a new connection. */
const PATIENCE_MS = 6_000;

export const CHANNEL = 'wecom_tag_bot';

export interface LeaseOptions {
  /** Told what came in on CHANNEL. */
  onNotification(payload: string, owner: number): void;
  /** As in OpenOptions. */
  readonly presence?: ((isShown: boolean) => void) | undefined;
  /** ms of a clock that never jumps. */
  ticks(): number;
}

export class Lease {
  /** What the rows of this process carry. */
  readonly owner = randomInt(1, OWNERS);
  readonly #config: ClientConfig;
  readonly #closing = new AbortController();
  readonly #options: LeaseOptions;
  #client: Client | undefined;
  #regainedAt = Number.NEGATIVE_INFINITY;
  #regaining: Promise<void> = Promise.resolve();

  private constructor(config: ClientConfig, options: LeaseOptions) {
    this.#options = options;
    // We notice as well, and hold the lock again, before anybody is likely to ask.
    this.#config = { ...config, keepAlive: true, keepAliveInitialDelayMillis: 15_000 };
  }

  /** Rejects, with an error of `pg`, when the lock cannot be had at first; after that it is regained by itself. */
  static async take(config: ClientConfig, options: LeaseOptions): Promise<Lease> {
    const lease = new Lease(config, options);
    await lease.#hold();
    return lease;
  }

  /**
   * Whether this replica can tell who has gone. When the database restarts everybody loses the lock, and who has regained
   * it first would take over from the living.
   */
  get isSteady(): boolean {
    return this.#client !== undefined && this.#options.ticks() - this.#regainedAt >= STEADY_MS;
  }

  /** Lets the lock go: from now on what carries this number may be taken over. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#regaining;
    await this.#client?.end();
  }

  async #hold(): Promise<void> {
    const client = new Client(this.#config);
    // Without a listener a lost connection would end the process; `end` follows and is what counts.
    client.on('error', () => {});
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    try {
      await client.connect();
      await client.query(SERVER_KEEPALIVE);
      await client.query(ENDS_WHEN_SILENT);
      client.on(
        'notification',
        ({ payload }) => payload !== undefined && this.#options.onNotification(payload, this.owner),
      );
      await client.query(`LISTEN ${CHANNEL}`);
      // Waits where the server has not noticed the loss of the former connection, or somebody is just asking for us.
      await client.query('SELECT pg_advisory_lock($1)', [this.owner]);
    } catch (error) {
      client.end().catch(() => {});
      throw error;
    }
    this.#client = client;
    const stopBeating = beating(
      () => client.query(patiently('SELECT 1', PATIENCE_MS)),
      () => void client.end().catch(() => {}),
    );
    void ended.then(() => {
      stopBeating();
      this.#regaining = this.#regain();
    });
  }

  async #regain(): Promise<void> {
    const { signal } = this.#closing;
    this.#client = undefined;
    this.#regainedAt = Number.POSITIVE_INFINITY;
    if (!signal.aborted) this.#options.presence?.(false);
    while (!signal.aborted) {
      try {
        await this.#hold();
        this.#regainedAt = this.#options.ticks();
        this.#options.presence?.(true);
        return;
      } catch {
        await delay(RETRY_MS, undefined, { signal, ref: false }).catch(() => {});
      }
    }
  }
}
