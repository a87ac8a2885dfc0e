/** One database on each engine, for tests of what both promise alike. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, type TestContext } from 'vitest';
import { newFolder } from '../folder.ts';
import { type Server, startPostgres } from './server.ts';

export interface Engine {
  readonly name: 'SQLite' | 'PostgreSQL';
  /** Empty where there is no PostgreSQL. */
  readonly url: string;
}

/** For `describe.each`; what was started is stopped after the file's last test. `server`: the PostgreSQL, if there is one. */
export async function startEngines(): Promise<{ readonly engines: Engine[]; readonly server: Server | undefined }> {
  const server = await startPostgres();
  const directory = newFolder('engines');
  afterAll(async () => {
    rmSync(directory, { recursive: true, force: true });
    await server?.stop();
  });
  const engines: Engine[] = [
    { name: 'SQLite', url: `file:${join(directory, 'bot.db')}` },
    { name: 'PostgreSQL', url: (await server?.createDatabase()) ?? '' },
  ];
  return { engines, server };
}

/** Skips the test of an engine that is not here. */
export function skipWithout({ url }: Engine, context: TestContext): void {
  if (url === '') context.skip('no PostgreSQL here');
}
