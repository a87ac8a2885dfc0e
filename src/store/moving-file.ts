/** The file, or the pipe, that a store travels in. */

import { open } from 'node:fs/promises';
import { BotError } from '../errors.ts';
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
    throw unreadable(path, error);
  });
  try {
    if ((await file.stat()).isDirectory()) throw unreadable(path, { code: 'EISDIR' });
    return await importStore(databaseUrl, file.readLines(), now);
  } finally {
    await file.close();
  }
}

const WHY_UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: '没有 {path} 这个文件。',
  EISDIR: '{path} 是一个目录，不是文件。',
  EACCES: '运行这个命令的用户没有权限读 {path}。',
};

function unreadable(path: string, error: unknown): BotError {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'EIO';
  const meaning = WHY_UNREADABLE[code] ?? `读不了 {path}（${code}）。`;
  return new BotError('moving.absent', 'setup', { meaning, advice: '请核对文件名。', facts: { path } });
}
