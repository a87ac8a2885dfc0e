/** `backup`, `store export` and `store import`: the whole store in a file. Needs the database alone. */

import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { StoreConfig } from '../config.ts';
import type { Clock } from '../message.ts';
import { backupStore } from '../store/backup.ts';
import { exportStore, importStore } from '../store/moving.ts';
import { exportToFile, importFromFile } from '../store/moving-file.ts';
import type { Print } from './connect.ts';

const PIPE = '-';

/** `file` `-` is `stdout`; what is told goes to `tell`, apart from the lines. Throws BotError `store.*`, `backup.exists`. */
export async function exportTo(
  { databaseUrl }: StoreConfig,
  file: string,
  { now, stdout, tell }: { readonly now: Clock; readonly stdout: Writable; readonly tell: Print },
): Promise<void> {
  const { rows, corps } = await (file === PIPE
    ? exportStore(databaseUrl, now(), writerTo(stdout))
    : exportToFile(databaseUrl, now(), file));
  tell(`已导出${file === PIPE ? '' : `到 ${file}`}：${corps.length} 个企业，${rows} 行记录。用 store import 导入。`);
}

/** `file` `-` is `stdin`. Throws BotError `store.*`, `moving.*`. */
export async function importFrom(
  { databaseUrl }: StoreConfig,
  file: string,
  { now, stdin, tell }: { readonly now: Clock; readonly stdin: Readable; readonly tell: Print },
): Promise<void> {
  const { rows, corps } = await (file === PIPE
    ? importStore(databaseUrl, createInterface({ input: stdin }), now)
    : importFromFile(databaseUrl, file, now));
  tell(`已导入 ${corps.length} 个企业，${rows} 行记录。可以用这个 DATABASE_URL 启动机器人了。`);
}

/** A copy of an SQLite file; of PostgreSQL, what `store export` writes. Throws as `exportTo`. */
export async function backupTo({ databaseUrl }: StoreConfig, file: string, now: Clock, tell: Print): Promise<void> {
  if (databaseUrl.startsWith('file:')) {
    const bytes = await backupStore(databaseUrl, file);
    tell(`已备份到 ${file}（${bytes} 字节，检查过是完整的）。恢复：停掉机器人，用它换掉 DATABASE_URL 的文件，再启动。`);
  } else {
    const { rows } = await exportToFile(databaseUrl, now(), file);
    tell(`已备份到 ${file}（${rows} 行记录）。恢复：停掉机器人，store import 到一个新的数据库，用它启动。`);
  }
}

function writerTo(stream: Writable): (text: string) => Promise<void> {
  // Without a listener, a reader that goes away would end the process; the write that meets it rejects.
  stream.on('error', () => {});
  return (text) =>
    new Promise((resolve, reject) => {
      stream.write(text, (error) => (error ? reject(error) : resolve()));
    });
}
