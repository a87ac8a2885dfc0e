/** Where tests keep their databases. */
import { mkdtempSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';

/** Files in memory, on Linux: no write waits for a disk. In a container it may be small. */
const MEMORY = '/dev/shm';
const ENOUGH_BYTES = 2 ** 30;

declare module 'vitest' {
  export interface ProvidedContext {
    /** Everything of this run is in there. */
    readonly folder: string;
  }
}

/** A new, empty folder; whoever asks for it removes it, or else the end of the run does. */
export function newFolder(name: string): string {
  return mkdtempSync(join(inject('folder'), `${name}-`));
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
