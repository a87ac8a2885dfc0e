/** The library that a sentence names: 华南的渠道来源加知乎, 企业标签 导出, 标签 添加 视频号 到 渠道来源 在华南区. */

import type { Known } from './known.ts';
import type { Reading } from './reading.ts';
import { importLine } from './rows.ts';
import { plainOf, slice, type Text, textOf } from './tokens.ts';

/** What rule groups are named after, and what is left out as often as said: 华东 for 华东大区. */
export const UNIT = '(?:大区|区域|事业部|分公司|公司|片区|区|部)';

/** What may follow a library's name before what it narrows. */
const TAIL =
  /^[」』”"]?(?:规则组)?(?:那边|这边|那里|这里|里面|里|下面|下|中)?\s*(?:的|嘅|个)?(?:那个|那一个|那组)?\s*(?:[:/>]\s*)?/;
/** Where a sentence, or one of its clauses, begins. */
const BEGINS =
  /(?:^|[,。;!~(]|帮我|帮忙|请|麻烦|你|看看|看下|查查?|导出|统计|导入|那个|嗯|呃|在|从|到|往|于|给|是)\s*$/;
const BEFORE =
  /(?:^|[\s,。;!~(]|帮我|帮忙|请|麻烦|你|给|把|将|看看|看下|查查?|那个|嗯|呃|删除|删掉|删|在|从|到|往|于|给|是)$|(?:^|[,。;!~(]|帮我|帮忙|请|麻烦|给我|那|再)\s*(?:导出|统计|导入|撤销|撤回|历史|下载|备份)$/;
const IN_FRONT = /\s*(?:[,(]|在|从|到|于|是|@|from|in)?\s*$/;
/** Said of a library in front of its name. */
const RULE_GROUP = /(?:客户)?规则组\s*[「『“"]?$/;
const GOES_ON =
  /^(?:有|都|新建|建|加|添加|新增|删|把|将|标签|查|看|列|的|所有|全部|统计|导出|导入|历史|撤销|撤回|置顶|排序|改名|重命名|最近|今天|昨天|谁|一共|总共|还能|还剩|千万|别|不要|不能|先别)/;
/** 把企业标签都删了. */
const ALL_OF_IT = /^(?:标签)?(?:都|全|所有|导出|下载|备份)/;
/** 把企业标签导出来 takes nothing but the library. */
const TAKEN_OUT = /^(?:标签)?(?:导出|下载|备份)/;

export interface Placed {
  /** More than one where they are named in a row: 企业标签和华东的客户分级. */
  readonly names: readonly [string, ...string[]];
  /** As it stands in the text. */
  readonly said: string;
  /** The sentence without it: the likeliest way to leave it out first. */
  readonly rests: readonly Text[];
  /** Stands at the end with nothing but a space in front, as the last name of a list would. */
  readonly listed: boolean;
}

/** The library that narrows the sentence; undefined where several are named here and there. */
export function libraryNamedIn(text: Text, known: Known): Placed | undefined {
  const placed = libraryIn(text, known);
  return placed?.rests.some(({ raw }) => raw === '') ? undefined : placed;
}

function libraryIn(text: Text, known: Known): Placed | undefined {
  const { plain } = text;
  const only = inARow(mentions(plain, known), plain);
  if (only === undefined) return undefined;
  const from = only.from - (RULE_GROUP.exec(plain.slice(0, only.from))?.[0].length ?? 0);
  const ahead = plain.slice(0, from);
  if (!BEFORE.test(ahead)) return undefined;
  const ways = only.ends.flatMap((to) => withoutMention(text, from, to, known));
  const rests = ways.filter(({ raw }, at) => ways.findIndex((other) => other.raw === raw) === at);
  if (rests.length === 0) return undefined;
  const to = only.ends.at(-1) ?? only.from;
  const listed = to === plain.length && /[^,、:]\s+$/.test(ahead) && IN_FRONT.exec(ahead)?.[0].trim() === '';
  return { names: only.names, said: text.raw.slice(only.from, to), rests, listed };
}

interface Named extends Mention {
  readonly names: readonly [string, ...string[]];
}

/** All that are mentioned as one, when nothing but 和 parts them. */
function inARow(found: readonly Mention[], plain: string): Named | undefined {
  const [first] = found;
  if (first === undefined) return undefined;
  const each = [...new Set(found.map(({ name }) => name))]
    .flatMap((name) => found.find((mention) => mention.name === name) ?? [])
    .sort((a, b) => a.from - b.from);
  if (each.length === 1) return { ...first, names: [first.name] };
  const [head = first, ...others] = each;
  let last = head;
  for (const next of others) {
    if (!JOINS.test(plain.slice(last.ends.at(-1), next.from))) return undefined;
    last = next;
  }
  return { ...last, from: head.from, names: [head.name, ...others.map(({ name }) => name)] };
}

const JOINS = /^\s*(?:和|与|跟|及|、)\s*(?:规则组)?\s*$/;

function withoutMention(text: Text, from: number, to: number, known: Known): Text[] {
  const { plain } = text;
  const tail = TAIL.exec(plain.slice(to))?.[0] ?? '';
  const ahead = plain.slice(0, from);
  const behind = plain.slice(to + tail.length);
  const rest = text.raw.slice(to + tail.length);
  const named = known.namesIn(behind)[0]?.from === 0;
  const ends = /^(?:$|[,。;!)])/.test(behind);
  if (tail === '' && !named && !ends && !goesOn(ahead, behind)) return [];
  if (ends) {
    const cut = ahead.length - (IN_FRONT.exec(ahead)?.[0].length ?? 0);
    return [textOf((text.raw.slice(0, cut) + rest.replace(/^[)）]/u, '')).trim())];
  }
  const lead = TAKEN_OUT.test(behind) ? /(?:在|从|给|往|于|把|将)\s*$/ : /(?:在|从|给|往|于)\s*$/;
  const leads = lead.exec(ahead)?.[0].length ?? 0;
  const kept = textOf(`${slice(text, 0, ahead.length).raw}${rest}`.trim());
  if (leads === 0) return [kept];
  const dropped = textOf(`${slice(text, 0, ahead.length - leads).raw}${rest}`.trim());
  return named ? [kept, dropped] : [dropped];
}

export interface LinesPlaced {
  readonly name: string;
  /** All lines as they read in that library. */
  readonly lines: readonly string[];
}

/** 企业标签：, 导入到企业标签, 把下面的导入华东: the first line says where all of them belong, or the last one does. */
export function libraryOfLines(lines: readonly string[], known: Known): LinesPlaced | undefined {
  const [first = '', ...below] = lines;
  const placed = libraryAt(first, below, known);
  const last = lines.at(-1) ?? '';
  return placed ?? (lines.length > 2 && HEAD_VERB.test(last) ? libraryAt(last, lines.slice(0, -1), known) : undefined);
}

function libraryAt(head: string, others: readonly string[], known: Known): LinesPlaced | undefined {
  const placed = libraryIn(textOf(head.trim()), known);
  if (placed === undefined) return undefined;
  const lines = placed.rests.map((rest) => withHead(rest.plain, others)).find((each) => each !== undefined);
  const [name, ...more] = placed.names;
  return lines && more.length === 0 ? { name, lines } : undefined;
}

/** The lines with what is left of their head; undefined when that is no head. */
function withHead(left: string, others: readonly string[]): readonly string[] | undefined {
  const { verb, behind = '' } = HEAD.exec(left)?.groups ?? {};
  if (verb !== undefined && IMPORTS.test(verb)) return [`导入 ${behind}`.trim(), ...others];
  if (behind !== '' || others.length === 0) return undefined;
  if (verb === undefined) return others;
  return others.every((each) => importLine(each) !== undefined) ? ['导入', ...others] : undefined;
}

const IMPORTS = /^(?:批量)?导入|^批量添加|^import/;
const HEAD_VERB = /导入|批量添加|import|加|录入/;
const HEAD =
  /^(?:请|麻烦|帮忙|帮我|帮|把|将|在|往|以下|下面|这些|这几个|的|标签|都|再|\s)*(?:(?<verb>导入|批量导入|批量添加|import|添加|新增|增加|录入|加)(?:标签|一下|下|以下|下面|这些|到|进去|进|至|的|\s)*)?[:。]?\s*(?<behind>.*)$/;

function goesOn(ahead: string, behind: string): boolean {
  return BEGINS.test(ahead) ? GOES_ON.test(behind) : /[把将]$/.test(ahead) && ALL_OF_IT.test(behind);
}

/** 规则组 华东 详情: an order about the rule group itself, not about what is in it. */
export function isAboutRules(reading: Reading, known: Known): boolean {
  if (!reading.command.startsWith('rule.')) return false;
  if (reading.command === 'rule.create' || !('rule' in reading)) return true;
  const said = plainOf(reading.rule ?? '').replace(/^[「『“"]|[」』”"]$/g, '');
  return said === '' || known.rules.some(({ stem }) => said.startsWith(stem) && IS_TAIL.test(said.slice(stem.length)));
}

interface Mention {
  readonly from: number;
  /** Where it may end, the likeliest first. */
  readonly ends: readonly number[];
  readonly name: string;
}

const TAIL_OF_NAME = new RegExp(`^${UNIT}`);
const IS_TAIL = new RegExp(`${TAIL_OF_NAME.source}?$`);

const NOUN = '标签';

/**
 * 企业标签 ends in the noun that the sentence may go on with: 企业标签 添加 … may be 标签 添加 … in that place, 企业标签的VIP
 * and (企业标签) are the place alone.
 */
function mayShareNoun(stem: string, ahead: string, behind: string, known: Known): boolean {
  if (!stem.endsWith(NOUN) || /^\s*(?:[的嘅里中下,:]|那|这|标签|分组)/.test(behind)) return false;
  const [first] = known.namesIn(behind.trimStart());
  if (first?.from === 0) return false;
  return !/^(?:$|[。;!)])/.test(behind) || !/(?:[,(@]|在|从|到|于|是|from|in)\s*$/.test(ahead);
}

/** Where libraries are named; what belongs to a longer name of a tag or group is none. */
function mentions(plain: string, known: Known): Mention[] {
  const out: Mention[] = [];
  let others: ReturnType<Known['namesIn']> | undefined;
  for (const { name, stem } of known.rules) {
    for (let from = plain.indexOf(stem); from >= 0; from = plain.indexOf(stem, from + stem.length)) {
      const end = from + stem.length;
      const shares = mayShareNoun(stem, plain.slice(0, from), plain.slice(end), known);
      const whole = end + (TAIL_OF_NAME.exec(plain.slice(end))?.[0].length ?? 0);
      others ??= known.namesIn(plain);
      if (!others.some((other) => other.from <= from && other.to >= end && other.to - other.from > stem.length))
        out.push({ from, ends: shares ? [end - NOUN.length, whole] : [whole], name });
    }
  }
  return out;
}
