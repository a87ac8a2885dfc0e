/**
 * Rows pasted from a spreadsheet or a CSV file: 组⇥标签 with the group in its first row only, a header row in any order,
 * the columns of the bot's own export. Decides which cell is what. Only text with a tab in it, or with a header that is
 * known, is a table; a table that does not say what its columns are is not guessed.
 */

import type { BatchLine, Parsed, Reading } from './reading.ts';
import { plainOf } from './tokens.ts';

type Column = 'rule' | 'group' | 'tag' | 'from' | 'to' | 'does' | 'other';

const HEADERS: readonly (readonly [Column, RegExp])[] = [
  ['rule', /^(?:规则组|客户规则组|规则|库|标签库)(?:名称?)?$/],
  ['group', /^(?:标签组|标签分组|分组|组|组别|组名|类别|group|tag group)(?:名称?|名字)?$/],
  ['from', /^(?:原|旧|老)(?:标签|名|名字|名称|标签名)$/],
  ['to', /^(?:新|改后的?|改成)(?:标签|名|名字|名称|标签名)$/],
  ['does', /^(?:操作|动作|变更)$/],
  ['tag', /^(?:标签|标签名|标签名称|标签名字|tag|tags|label)$/],
];
/** Of these the first row may consist besides. */
const BESIDE =
  /^(?:序号|编号|no\.?|#|id|备注|说明|描述|创建时间|时间|日期|排序值?|顺序|客户数|数量|使用人数|创建人|.{1,8})$/;
const TOTAL = /^(?:合计|总计|小计|共计|总数)$/;
const DOES: ReadonlyMap<string, 'add' | 'delete'> = new Map([
  ['添加', 'add'],
  ['新增', 'add'],
  ['增加', 'add'],
  ['加', 'add'],
  ['删除', 'delete'],
  ['删', 'delete'],
  ['移除', 'delete'],
]);

interface Row {
  readonly cells: readonly string[];
  /** As it was pasted. */
  readonly text: string;
}

/** `lines` as they came, leading tabs kept, without what is said around them. undefined: no table. */
export function readTable(lines: readonly string[]): Parsed | undefined {
  const separator = lines.some((line) => line.includes('\t')) ? '\t' : ',';
  const rows = lines.map((text): Row => ({ text: text.trim(), cells: cellsOf(text, separator) }));
  const [first, ...rest] = rows;
  if (first === undefined) return undefined;
  const columns = columnsOf(first.cells);
  if (columns === undefined && (separator === ',' || rows.length < 2)) return undefined;
  const body = columns === undefined ? rows : rest;
  if (columns === undefined && body.some(({ cells }) => cells.length > 2))
    return { kind: 'unclear', number: 1 + body.findIndex(({ cells }) => cells.length > 2), text: first.text };
  return readRows(body, columns ?? ['group', 'tag'], columns === undefined ? 1 : 2);
}

function readRows(rows: readonly Row[], columns: readonly Column[], from: number): Parsed {
  const lines: BatchLine[] = [];
  const above: Partial<Record<Column, string>> = {};
  for (const [at, { cells, text }] of rows.entries()) {
    const cell = (column: Column): string => cells[columns.indexOf(column)] ?? '';
    if (cells.every((each) => each === '') || cells.some((each) => TOTAL.test(each))) continue;
    for (const column of ['rule', 'group'] as const) if (cell(column) !== '') above[column] = cell(column);
    const reading = readingOf(cell, above);
    if (reading === undefined) return { kind: 'unclear', number: at + from, text };
    const rule = above.rule === undefined ? {} : { rule: above.rule };
    lines.push({ number: lines.length + 1, text, readings: [reading], formal: true, ...rule });
  }
  if (lines.length === 0) return { kind: 'nothing', nearest: ['import'] };
  return asImport(lines) ?? { kind: 'batch', lines };
}

function readingOf(cell: (column: Column) => string, above: Partial<Record<Column, string>>): Reading | undefined {
  const group = above.group === undefined ? {} : { group: quoted(above.group) };
  if (cell('from') !== '' && cell('to') !== '')
    return { command: 'tag.rename', tag: quoted(cell('from')), to: quoted(cell('to')), ...group };
  const tags = cell('tag')
    .split(/[、;；]/)
    .flatMap((name) => (name.trim() === '' ? [] : [quoted(name.trim())]));
  if (tags.length === 0) return undefined;
  const does = cell('does') === '' ? 'add' : DOES.get(plainOf(cell('does')));
  if (does === 'delete') return { command: 'tag.delete', tags, ...group };
  return does === 'add' && above.group !== undefined
    ? { command: 'tag.add', tags, group: quoted(above.group) }
    : undefined;
}

/** Nothing but additions to one library: an import, group by group. */
function asImport(lines: readonly BatchLine[]): Parsed | undefined {
  const groups = new Map<string, string[]>();
  for (const { readings, rule } of lines) {
    const [reading] = readings;
    if (reading?.command !== 'tag.add' || reading.group === undefined || rule !== undefined) return undefined;
    groups.set(reading.group, [...(groups.get(reading.group) ?? []), ...reading.tags]);
  }
  const all = [...groups].map(([group, tags]) => ({ group, tags: [...new Set(tags)] }));
  return { kind: 'sentence', readings: [{ command: 'import', groups: all, withDeletes: false }] };
}

/** What a header row calls its columns; undefined when it is none. */
function columnsOf(cells: readonly string[]): readonly Column[] | undefined {
  const columns = cells.map((cell): Column => {
    const said = plainOf(cell).trim();
    return HEADERS.find(([, pattern]) => pattern.test(said))?.[0] ?? 'other';
  });
  const says = (column: Column) => columns.filter((each) => each === column).length === 1;
  const isHeader = (says('tag') && (says('group') || says('does'))) || (says('from') && says('to'));
  return isHeader && cells.every((cell) => cell === '' || BESIDE.test(plainOf(cell))) ? columns : undefined;
}

/** A line of cells; of CSV with quotes around them or without. */
function cellsOf(line: string, separator: '\t' | ','): string[] {
  const parts = separator === '\t' ? line.split('\t') : csvCells(line);
  return parts.map((part) => part.trim());
}

const CSV_CELL = /\s*(?:"((?:[^"]|"")*)"|([^,，]*))\s*(?:[,，]|$)/y;

function csvCells(line: string): string[] {
  const cells: string[] = [];
  CSV_CELL.lastIndex = 0;
  while (CSV_CELL.lastIndex < line.length) {
    const found = CSV_CELL.exec(line);
    if (found === null) break;
    cells.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '');
  }
  return cells;
}

function quoted(name: string): string {
  return `「${name}」`;
}
