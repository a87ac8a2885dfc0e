/**
 * `TWO_APPS=1 vitest run`: the conversation suite, word for word, with two whole apps behind one address and a real
 * PostgreSQL between them. Every callback goes to one of them at random; REPLICAS_SEED repeats a run.
 *
 * As a set-up it starts the one database server of the run; `openChat` asks the rest for what stands in for a file and
 * for a port.
 */

import { randomFrom } from '../faults/random.ts';
import { startPostgres } from '../store/server.ts';
import { Spreader } from './spreader.ts';

export default async function setup(): Promise<() => Promise<void>> {
  const server = await startPostgres();
  if (!server) throw new Error('no PostgreSQL here');
  process.env.REPLICAS_SEED ??= String(Date.now() % 100_000);
  process.env.TEST_POSTGRES_URL ??= server.url;
  console.info(`two apps: seed ${process.env.REPLICAS_SEED}`);
  return () => server.stop();
}

/** Of the chat that is opened: a database of its own, and who shares out its callbacks. */
export async function openFront(): Promise<{
  readonly databaseUrl: string;
  readonly spreader: Spreader;
  close(): Promise<void>;
}> {
  const server = await startPostgres();
  if (!server) throw new Error('no PostgreSQL here');
  const spreader = await Spreader.open(randomFrom(Number(process.env.REPLICAS_SEED)));
  return {
    databaseUrl: await server.createDatabase(),
    spreader,
    close: async () => {
      await spreader.close();
      await server.stop();
    },
  };
}
