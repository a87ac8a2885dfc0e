/** Where tests keep their databases. */
import { mkdtempSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Files in memory, on Linux: no write waits for a disk. In a container it may be small. */
const MEMORY = '/dev/shm';
const ENOUGH_BYTES = 2 ** 30;

/** A new, empty folder; whoever asks for it removes it. Nothing in it can be executed. */
export function newFolder(name: string): string {
  return mkdtempSync(join(hasRoom(MEMORY) ? MEMORY : tmpdir(), `tag-bot-${name}-`));
}

function hasRoom(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize >= ENOUGH_BYTES;
  } catch {
    return false;
  }
}
