/**
 * A whole database as lines of JSON, the same for both engines:
 *
 *     {"format":"wecom-tag-bot store","version":1,"schema":7,"corps":["ww…"],"exportedAt":"2026-11-28T04:00:00.000Z"}
 *     {"table":"messages","columns":["corp_id","key",…]}
 *     ["ww…","m:1",…]                                       a row: strings, numbers and null, in the order of the columns
 *     {"rows":1,"sha256":"…"}                               the end: rows, and a digest of every byte before this line
 */

import { createHash, type Hash } from 'node:crypto';
import { BotError } from '../errors.ts';
import { withoutControls } from '../terminal.ts';
import type { Value } from './statements.ts';

export interface Header {
  /** Of the tables; see schema.ts. */
  readonly schema: number;
  readonly corps: readonly string[];
}

export interface Table {
  readonly table: string;
  readonly columns: readonly string[];
}

export type Part =
  | { readonly is: 'table'; readonly table: Table }
  | { readonly is: 'row'; readonly values: readonly Value[] };

const FORMAT = 'wecom-tag-bot store';
const VERSION = 1;

/** Makes the lines, each with its line feed. */
export class LineWriter {
  readonly #digest: Hash = createHash('sha256');
  #rows = 0;

  /** So far. */
  get rows(): number {
    return this.#rows;
  }

  header({ schema, corps }: Header, at: number): string {
    return this.#line({ format: FORMAT, version: VERSION, schema, corps, exportedAt: new Date(at).toISOString() });
  }

  table({ table, columns }: Table): string {
    return this.#line({ table, columns });
  }

  row(values: readonly Value[]): string {
    this.#rows += 1;
    return this.#line(values);
  }

  end(): string {
    return `${JSON.stringify({ rows: this.#rows, sha256: this.#digest.digest('hex') })}\n`;
  }

  #line(content: unknown): string {
    const line = `${withoutControls(JSON.stringify(content))}\n`;
    this.#digest.update(line);
    return line;
  }
}

/**
 * Reads the header at once and the parts as they are asked for. Throws BotError `moving.foreign` for what is no such file,
 * `moving.newer` for one of a later format, and `moving.torn` for one that is not whole: that is known only at the end, so
 * nothing may be kept before.
 */
export async function readLines(
  lines: AsyncIterator<string>,
): Promise<{ readonly header: Header; readonly parts: AsyncGenerator<Part> }> {
  const digest = createHash('sha256');
  const { value: first, done } = await lines.next();
  const header = done === true ? undefined : headerOf(parsed(first, foreign));
  if (header === undefined) throw foreign();
  digest.update(`${first}\n`);
  return { header, parts: partsOf(lines, digest) };
}

async function* partsOf(lines: AsyncIterator<string>, digest: Hash): AsyncGenerator<Part> {
  let width: number | undefined;
  let rows = 0;
  for (let next = await lines.next(); next.done !== true; next = await lines.next()) {
    const content = parsed(next.value, torn);
    if (isEnd(content)) {
      const whole = content.rows === rows && content.sha256 === digest.digest('hex');
      if (!whole || (await lines.next()).done !== true) throw torn();
      return;
    }
    digest.update(`${next.value}\n`);
    if (isTable(content)) {
      width = content.columns.length;
      yield { is: 'table', table: content };
    } else if (isRow(content) && content.length === width) {
      rows += 1;
      yield { is: 'row', values: content };
    } else throw torn();
  }
  throw torn();
}

function headerOf(content: unknown): Header | undefined {
  if (!isObject(content) || content.format !== FORMAT) return undefined;
  const { version, schema, corps } = content;
  if (typeof version !== 'number' || typeof schema !== 'number' || !isStrings(corps)) return undefined;
  if (version > VERSION) throw newerFile();
  return { schema, corps };
}

function parsed(line: string, otherwise: () => BotError): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    throw otherwise();
  }
}

function isEnd(content: unknown): content is { readonly rows: number; readonly sha256: string } {
  return isObject(content) && 'sha256' in content;
}

function isTable(content: unknown): content is Table {
  return isObject(content) && typeof content.table === 'string' && isStrings(content.columns);
}

function isRow(content: unknown): content is readonly Value[] {
  return (
    Array.isArray(content) &&
    content.every((value) => value === null || typeof value === 'string' || typeof value === 'number')
  );
}

function isStrings(content: unknown): content is readonly string[] {
  return Array.isArray(content) && content.every((each) => typeof each === 'string');
}

function isObject(content: unknown): content is Readonly<Record<string, unknown>> {
  return typeof content === 'object' && content !== null && !Array.isArray(content);
}

/** Of a file that a later release of the program has written. */
export function newerFile(): BotError {
  return new BotError('moving.newer', 'setup', {
    meaning: '这个文件是更新的版本导出的，没有导入。',
    advice: '请用导出它的版本，或者更新的版本。',
  });
}

/** Of a file that is not whole, or was changed. */
export function torn(): BotError {
  return new BotError('moving.torn', 'setup', {
    meaning: '文件不完整，或者被改过，什么都没有导入。',
    advice: '请重新导出一次，原样传过来。',
  });
}

function foreign(): BotError {
  return new BotError('moving.foreign', 'setup', {
    meaning: '这不是 store export 写的文件，什么都没有导入。',
    advice: '请核对文件名。',
  });
}
