/** The file, or the pipe, that a store travels in. */

import { open } from 'node:fs/promises';
import { BotError } from '../errors.ts';
import { sqliteFailure } from './failure.ts';
import { exportStore, importStore } from './moving.ts';
import type { Moved } from './moving-ends.ts';
import { wholeFile } from './whole-file.ts';

/** Exports to a new file, which is there only when it is whole. Throws as `exportStore`, and `backup.exists`. */
export function exportToFile(databaseUrl: string, at: number, path: string): Promise<Moved> {
  return wholeFile(path, async (unfinished) => {
    const file = await open(unfinished, 'w', 0o600);
    try {
      const moved = await exportStore(databaseUrl, at, async (lines) => void (await file.writeFile(lines)));
      await file.sync();
      return moved;
    } finally {
      await file.close();
    }
  });
}

/** Throws as `importStore`, and `moving.absent` where there is no such file. */
export async function importFromFile(databaseUrl: string, path: string, now: () => number): Promise<Moved> {
  const file = await open(path).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new BotError('moving.absent', 'setup', { meaning: `没有 ${path} 这个文件。`, advice: '请核对文件名。' });
    throw sqliteFailure(error);
  });
  try {
    return await importStore(databaseUrl, file.readLines(), now);
  } finally {
    await file.close();
  }
}
