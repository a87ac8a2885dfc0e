/** Where tests keep their databases. */
import { mkdtempSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Files in memory, on Linux: no write waits for a disk. In a container it may be small. */
const MEMORY = '/dev/shm';
const ENOUGH_BYTES = 2 ** 30;

/** Everything of this run is in there: test/build.ts makes it, and removes it in the end. */
export function folderOfRun(): string {
  const { TEST_FOLDER } = process.env;
  if (TEST_FOLDER === undefined) throw new Error('test/build.ts has not run');
  return TEST_FOLDER;
}

/** A new, empty folder; whoever asks for it removes it, or else the end of the run does. */
export function newFolder(name: string): string {
  return mkdtempSync(join(folderOfRun(), `${name}-`));
}

/** In memory, if that is large enough. Nothing in it can be executed. */
export function roomyFolder(start: string): string {
  return mkdtempSync(join(hasRoom(MEMORY) ? MEMORY : tmpdir(), start));
}

function hasRoom(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize >= ENOUGH_BYTES;
  } catch {
    return false;
  }
}
