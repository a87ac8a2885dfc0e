/** A file that is there whole or not at all. */

import { existsSync, renameSync, rmSync } from 'node:fs';
import { BotError } from '../errors.ts';
import { sqliteFailure } from './failure.ts';
import { makePrivate } from './sqlite-file.ts';

/**
 * Lets `make` fill a new file, readable by its owner alone, and gives it the name `path` when that is done. Throws
 * BotError `backup.exists` when there is such a file already, `store.*` for what the file system says.
 */
export async function wholeFile<T>(path: string, make: (unfinished: string) => Promise<T>): Promise<T> {
  if (existsSync(path))
    throw new BotError('backup.exists', 'setup', {
      meaning: `${path} 已经有了，没有覆盖它。`,
      advice: '请换一个文件名，例如加上日期。',
    });
  const unfinished = `${path}.part`;
  try {
    rmSync(unfinished, { force: true });
    makePrivate(unfinished);
    const made = await make(unfinished);
    renameSync(unfinished, path);
    return made;
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw sqliteFailure(error);
  }
}
