/**
 * Many lines, or sentences parted by semicolons: one batch. Also lists typed line by line under a command, and pasted
 * `组：名、名` lines.
 */

import { isPlainName } from './doubt.ts';
import type { Known } from './known.ts';
import { libraryOfLines } from './library-named.ts';
import { withoutMarks } from './list-marks.ts';
import { readTable } from './pasted.ts';
import { TooMuch } from './reader.ts';
import { type BatchLine, type Parsed, type Reading, under } from './reading.ts';
import { type ImportLine, importLine, withoutInlineNumbers } from './rows.ts';
import { commandRow } from './table/grammar.ts';
import { listOf, nameOf, splitAt, textOf } from './tokens.ts';

const BULLET = /^[-–—－]\s*/u;
const PLEASANTRY =
  /^(?:你好.{0,3}|您好.{0,3}|hi|hello|大家好|谢谢.{0,4}|多谢.{0,3}|麻烦.{0,6}|辛苦.{0,3}|请帮?忙?.{0,6}(?:以下|下面)?.{0,8}[:：]|帮我.{0,8}(?:以下|下面|如下).{0,6}|(?:以下|下面|如下).{0,10}[:：]?|thanks?|thank you|please)[!！。.~～\s]*$/iu;

const ORDERS_BEFORE_NAMES = /删|去掉|移除|[在往给到].+[加增添建]/u;
/** A longer line is no greeting. */
const LONGEST_PLEASANTRY = 60;

function isPleasantry(line: string): boolean {
  return line.length <= LONGEST_PLEASANTRY && PLEASANTRY.test(line) && !ORDERS_BEFORE_NAMES.test(line);
}

type Read = (sentence: string) => Parsed;

/** Every line is looked at in several ways before it is known which of them are read. */
const MOST_LINES = 1_000;

/**
 * Reads text of several lines or sentences; undefined when it is a single sentence. `isPlaced`: which library it is about
 * is known already. Throws `TooMuch`.
 */
export function readBatch(text: string, read: Read, known: Known, isPlaced = false): Parsed | undefined {
  const typed = text.split(/\r\n|[\n\r\u2028\u2029]/);
  if (typed.length > MOST_LINES) throw new TooMuch();
  if (typed.length === 1) return readLines(typed, read, known, isPlaced);
  const { lines, careful } = withoutMarks(typed);
  const parsed = readLines(lines, read, known, isPlaced);
  return careful && parsed !== undefined ? under({ careful: true }, parsed) : parsed;
}

function readLines(typed: readonly string[], read: Read, known: Known, isPlaced: boolean): Parsed | undefined {
  const said = typed.filter((line) => line.trim() !== '' && !isPleasantry(line.trim()));
  const placed = isPlaced ? undefined : libraryOfLines(said, known);
  if (placed !== undefined) {
    const inside = placed.lines.join('\n');
    return under({ rule: placed.name }, readBatch(inside, read, known, true) ?? read(inside));
  }
  const table = typed.length > 1 ? readTable(typed.filter((line) => !isAround(line))) : undefined;
  if (table !== undefined) return table;
  const lines = typed.map((line) => withoutInlineNumbers(line.trim())).filter((line) => line !== '');
  const told = lines.filter((line) => !isPleasantry(line));
  const blocks = readBlocks(told, read);
  if (blocks !== undefined) return blocks;
  const imported = readImport(told.flatMap((line) => splitAt(textOf(line), /;/).map((part) => part.raw.trim())));
  if (imported !== undefined) return imported;
  const sentences = told.flatMap(sentencesOf);
  const [first] = sentences;
  if (first === undefined) return lines.length > 1 ? { kind: 'nothing', nearest: ['help'] } : undefined;
  if (sentences.length === 1) {
    return lines.length === 1 && lines[0] === typed[0] && typed.length === 1 ? undefined : read(first);
  }
  const parsed = readEach(sentences, read);
  const pointed = readPointed(sentences, parsed, read);
  if (pointed !== undefined) return pointed;
  const refused = parsed.find((one) => one.kind === 'refused');
  if (refused !== undefined) return refused;
  const list = readList(sentences, parsed, read);
  if (list !== undefined) return list;
  if (!parsed.some((one) => isCommand(one))) return lookupsOnly(parsed) ?? { kind: 'nothing', nearest: ['help'] };
  return batchOf(sentences, parsed);
}

/** Of more lines than that, those in the middle which hold no word of an order are names and are not read one by one. */
const MOST_READ = 120;
const ORDERS = /[删加改移建排别不]|取消|算了|置顶|delete|add|rename/i;

function readEach(sentences: readonly string[], read: Read): Parsed[] {
  const isRead = (line: string, index: number) =>
    sentences.length <= MOST_READ || index < 20 || index >= sentences.length - 20 || ORDERS.test(line);
  return sentences.map(
    (line, index): Parsed => (isRead(line, index) ? readLine(line, read) : { kind: 'nothing', nearest: ['help'] }),
  );
}

/** Said around a pasted table: a greeting, 帮忙导入一下, nothing. */
function isAround(line: string): boolean {
  const said = line.replace(/\t/g, ' ').trim();
  return said === '' || isPleasantry(said) || (!line.includes('\t') && ASKS_TO_IMPORT.test(said));
}

const ASKS_TO_IMPORT =
  /^(?:请|麻烦|帮忙|帮我|帮)?(?:批量)?(?:导入|添加|加)(?:一下|下)?(?:标签)?(?:以下|下面|这些|这个表)?(?:标签)?[:：吧。]*$/;

/**
 * 会员级别： with names below it, line by line, under a bullet or a number: a block per group. The group is no command, the
 * names are none.
 */
function readBlocks(lines: readonly string[], read: Read): Parsed | undefined {
  const blocks: { group: string; tags: string[] }[] = [];
  for (const line of lines) {
    const group = /^([^:：]{1,30})[:：]$/u.exec(line)?.[1]?.trim();
    if (group !== undefined) {
      if (startsLikeCommand(group) || IS_NO_GROUP.test(textOf(group).plain) || isCommand(read(group))) return undefined;
      blocks.push({ group, tags: [] });
      continue;
    }
    const block = blocks.at(-1);
    const name = line.replace(BULLET, '').trim();
    if (block === undefined || /[:：;；]/u.test(name) || (ORDERS.test(name) && isCommand(read(name)))) return undefined;
    block.tags.push(...listOf(textOf(name)));
  }
  if (blocks.length === 0 || blocks.some(({ tags }) => tags.length === 0 || !tags.every(isName))) return undefined;
  return { kind: 'sentence', readings: [{ command: 'import', groups: blocks, withDeletes: false }] };
}

/** 客户分级加: 以下标签: a command whose names follow. */
const IS_NO_GROUP =
  /以下|下面|下列|如下|这些|这几|(?:添加|新增|增加|加|加上|补充|新建|建|删除?|删掉|移除|改成|改为|有|包括|放)$/;

/** The sentences of one line that a semicolon parts, outside quotes; what commas part is clauses.ts's business. */
function sentencesOf(line: string): string[] {
  return splitAt(textOf(line), /;/)
    .map((part) => part.raw.trim())
    .filter((part) => part !== '' && !/^[\s,，。.!！;；、~～]+$/u.test(part));
}

/** A dash in front of a whole command is a bullet; in front of a name it is the shorthand of a delete. */
function readLine(line: string, read: Read): Parsed {
  if (BULLET.test(line)) {
    const inner = read(line.replace(BULLET, ''));
    if (isCommand(inner) || inner.kind === 'refused') return inner;
  }
  return read(line);
}

function isCommand(parsed: Parsed): boolean {
  if (parsed.kind === 'suggestion' || parsed.kind === 'batch') return true;
  return parsed.kind === 'sentence' && parsed.readings.some((reading) => reading.command !== 'tag.find');
}

/** So many lines may be names to look up together; more are something else. */
const MOST_LOOKUPS = 20;

/** The one name among talk, or names that stand on a line each and are looked up together. */
function lookupsOnly(parsed: readonly Parsed[]): Parsed | undefined {
  const names = parsed.flatMap((one) => {
    const [reading] = one.kind === 'sentence' ? one.readings : [];
    return reading?.command === 'tag.find' ? [reading.query] : [];
  });
  if (names.length === 1) return parsed.find((one) => one.kind === 'sentence');
  if (names.length < parsed.length || names.length > MOST_LOOKUPS) return undefined;
  const query = names.map((name) => (listOf(textOf(name)).length > 1 ? `「${name}」` : name)).join('、');
  return { kind: 'sentence', readings: [{ command: 'tag.find', query }], text: query };
}

/** A command whose names follow line by line: 添加标签到客户分级： / 金卡 / 银卡. */
function readList(sentences: readonly string[], parsed: readonly Parsed[], read: Read): Parsed | undefined {
  const [head, ...rest] = sentences;
  if (head === undefined || rest.length === 0) return undefined;
  const names = rest.map((line) => line.replace(BULLET, ''));
  const dashed = isOpen(parsed[0], head) && rest.every((line) => BULLET.test(line)) && !holdsAnOrder(names, read);
  if (!dashed && parsed.slice(1).some((one, index) => isCommand(one) && !continues(rest[index] as string)))
    return undefined;
  const colon = /[:：]$/u.test(head) || endsBeforeNames(parsed[0]);
  const joined = colon
    ? `${head.replace(/[:：]$/u, '')}：${names.join('、')}`
    : [head, ...names].join('、').replaceAll(/、(?=(?:到|进|给|至)\s)/gu, ' ');
  const whole = read(joined);
  return isCommand(whole) && whole.kind === 'sentence' ? whole : undefined;
}

function holdsAnOrder(names: readonly string[], read: Read): boolean {
  const likely = names.filter((name) => ORDERS.test(name));
  return likely.length > MOST_READ || likely.some((name) => isCommand(read(name)));
}

/** An order that names nothing yet, or the beginning of one: what stands below it under dashes are the names. */
function isOpen(parsed: Parsed | undefined, head: string): boolean {
  if (parsed === undefined || !isCommand(parsed) || /[:：]$/u.test(head)) return true;
  const [best] = parsed.kind === 'sentence' ? parsed.readings : [];
  return best !== undefined && 'tags' in best && best.tags.length === 0;
}

/** 这些没用了，删掉： above names, 都加到渠道来源 or 以上都删掉 below them. */
function readPointed(sentences: readonly string[], parsed: readonly Parsed[], read: Read): Parsed | undefined {
  const [head = '', ...below] = sentences;
  const above = sentences.slice(0, -1);
  const last = textOf(sentences.at(-1) ?? '').plain;
  const areNames = (lines: readonly string[], from: number) =>
    lines.length > 0 && !lines.some((_, at) => isOrderLine(parsed[at + from]));
  const names = (lines: readonly string[]) => lines.map((line) => line.replace(BULLET, '')).join('、');
  if (DELETE_BELOW.test(textOf(head).plain) && (areNames(below, 1) || below.every((line) => BULLET.test(line))))
    return read(`标签 删除 ${names(below)}`);
  const deletes = DELETE_ABOVE.test(last);
  const into = ADD_ABOVE.exec(last)?.[1];
  if (!deletes && into === undefined) return undefined;
  if (!areNames(above, 0) || !above.every((line) => listOf(textOf(line)).every(isName))) return undefined;
  if (deletes) return read(`标签 删除 ${names(above)}`);
  return into === undefined
    ? undefined
    : under({ careful: true }, read(`把${names(above)}${(sentences.at(-1) ?? '').slice(-into.length)}`));
}

function isOrderLine(parsed: Parsed | undefined): boolean {
  return parsed !== undefined && (isCommand(parsed) || parsed.kind === 'refused');
}

const DELETES = '(?:删除|删掉|删了|删|去掉|移除)(?:吧|了|掉)?';
const ALL_OF_THEM = '(?:请|麻烦|帮我|帮忙)*(?:都|全部|全|一起|给我)*';
const THESE_BELOW = '(?:以下|下面|下列|如下|这些|这几个)(?:的|这些|这几个|几个)?(?:标签)?';
const THESE_ABOVE =
  '(?:把|将)?(?:以上|上面|上述|上边|这些?|这几个|这[一二两三四五六七八九十\\d]+个|它们)?(?:的|这些)?(?:标签)?';
/** 麻烦把下面这些都删掉，都是去年没人用的. */
const DELETE_BELOW = new RegExp(
  `^(?:麻烦|请|帮我|帮忙|辛苦)*(?:(?:删除|删掉|删|去掉|移除)${THESE_BELOW}:?$|(?:把|将)?${THESE_BELOW}(?:(?:没用|不用|没人用|用不上|用不着|不要|过期|作废|停)了)?[,\\s]*${ALL_OF_THEM}${DELETES}(?:[,。:].{0,30})?$)`,
);
const DELETE_ABOVE = new RegExp(
  `^${THESE_ABOVE}(?:(?:没用|不用|没人用|用不上|用不着|不要|过期|作废|停)了)?[,\\s]*${ALL_OF_THEM}${DELETES}[。!~]*$`,
);
const ADD_ABOVE = new RegExp(`^${THESE_ABOVE}${ALL_OF_THEM}((?:加到|添加到|新增到|加进|加入|加在|放到|放进|放在).+)$`);

/** A last line like 到 客户分级 belongs to the command above it; 给客户分级加甲 is one of its own. */
function continues(line: string): boolean {
  return /^(?:到|进|给|至|to|into)\s*\S/iu.test(line) && !ORDERS.test(line);
}

/** 添加标签到客户分级 names nothing yet: what follows are the names. */
function endsBeforeNames(parsed: Parsed | undefined): boolean {
  if (parsed?.kind !== 'sentence') return false;
  const [best] = parsed.readings;
  return (best?.command === 'tag.add' || best?.command === 'group.create') && best.tags.length === 0;
}

function batchOf(sentences: readonly string[], parsed: readonly Parsed[]): Parsed {
  const lines: BatchLine[] = [];
  const push = (line: Omit<BatchLine, 'number'>) => lines.push({ ...line, number: lines.length + 1 });
  for (const [index, one] of parsed.entries()) {
    const text = sentences[index] as string;
    const imported = importLine(text);
    if (one.kind === 'batch') for (const line of one.lines) push(line);
    else if (one.kind === 'sentence' && one.typo === undefined && isCommand(one)) {
      const { kind: _, typo: __, formal = false, ...rest } = one;
      push({ ...rest, text, formal });
    } else if (imported?.tags.every(isName)) push({ text, readings: [addOf(imported)], formal: false });
    else return { kind: 'unclear', number: lines.length + 1, text };
  }
  return { kind: 'batch', lines };
}

function addOf({ group, tags }: ImportLine): Reading {
  return { command: 'tag.add', tags, group };
}

const IMPORT_HEAD =
  /^(?:批量)?(?:导入|導入|批量添加|import)(?:标签|標籤)?\s*(?<deletes>[（(]?\s*(?:含删除?|含刪除?|包括删除|并删除|with deletes)\s*[)）]?)?\s*[:：]?\s*(?<rest>.*)$/iu;

/** What stands below an exported text and comes along when the whole of it is copied. */
const FOOTING = /^(?:第 \d+ 页|整段复制)/u;

/** 导入 with lines, or lines that are nothing but `组：名、名`. */
function readImport(lines: readonly string[]): Parsed | undefined {
  const told = lines.filter((line) => line !== '');
  const head = IMPORT_HEAD.exec(told[0] ?? '');
  const rest = head?.groups?.rest ?? '';
  const body = head === null ? told : [rest, ...told.slice(1)].filter((line) => line !== '' && !FOOTING.test(line));
  if (body.length === 0 || (head === null && body.length < 2)) return undefined;
  const groups = body.map(importLine);
  if (!groups.every((group) => group !== undefined)) return undefined;
  if (head === null && groups.some(({ group }) => startsLikeCommand(group))) return undefined;
  // Notes look like rows, too: 第1次回访记录：客户表示有顾虑，暂时不考虑.
  if (head === null && !groups.every(({ group, tags }) => [group, ...tags].every(isName))) return undefined;
  return {
    kind: 'sentence',
    readings: [{ command: 'import', groups, withDeletes: head?.groups?.deletes !== undefined }],
  };
}

function isName(typed: string): boolean {
  const { name, literal } = nameOf(typed);
  return literal || isPlainName(name);
}

function startsLikeCommand(group: string): boolean {
  const { plain } = textOf(group);
  return COMMAND_HEADS.some((word) => plain.startsWith(word)) || /^(?:把|将|给|在|从|往|别|不要)/.test(plain);
}

const COMMAND_HEADS: readonly string[] = [
  ...commandRow('tag.add').words,
  ...commandRow('tag.delete').words,
  ...commandRow('group.create').words,
  ...commandRow('group.delete').words,
  ...commandRow('rule.create').words,
].filter((word) => word.length > 1);
