/** 导出 and 导入: the library as a file, or as text that can be changed and sent back. */

import { localDay } from '../../dates.ts';
import { code, type Line, line, type Reply, strong } from '../../reply/reply.ts';
import type { OrderOf, TargetGroup } from '../../resolve/order.ts';
import type { Write } from '../../tags/change/step.ts';
import { countTags, type TagGroup } from '../../tags/tag.ts';
import { fold } from '../../text.ts';
import { makeChange } from '../change/change.ts';
import type { Context } from '../context.ts';
import { csvFile } from './csv.ts';

const COLUMNS = ['标签库', '标签组', '标签', '排序值', '标签ID', '创建时间'];
/** A line of exported text is cut into several of the same group, so that no page ends inside one. */
const LINE_LENGTH = 300;
/** Stands at the end of a line whose group goes on in the next; such a group has no tags removed when a part is sent back. */
const GOES_ON = '…';

/** 导出: of one library, or of all that may be read where none is chosen. Throws BotError when the file is not taken. */
export async function exported(ctx: Context, { form, libraryId = ctx.libraryId }: OrderOf<'export'>): Promise<Reply> {
  const { library } = ctx.snapshot;
  const groups =
    libraryId === undefined
      ? library.groups.filter((group) => ctx.rights.readable.has(group.libraryId))
      : library.groupsOf(libraryId);
  if (groups.length === 0) return { tone: 'info', title: line`还没有可以导出的标签`, lines: [] };
  const whole = libraryId === undefined ? '能查的全部标签' : library.libraryName(libraryId);
  return form === 'text' ? asText(groups) : asFile(ctx, whole, groups);
}

/** The upload comes before the announcement: when it is refused, the reason can still go back inside the callback. */
async function asFile(ctx: Context, whole: string, groups: readonly TagGroup[]): Promise<Reply> {
  const file = `标签_${localDay(ctx.deps.now(), ctx.deps.timeZone)}.csv`;
  const tags = countTags(groups);
  const mediaId = await ctx.deps.upload({ name: file, bytes: csvFile(rows(ctx, groups)) });
  await ctx.turn.announce({
    text: `已导出${whole}：${groups.length} 个标签组、${tags} 个标签，见文件，可以用 Excel 打开。`,
  });
  return {
    tone: 'warn',
    // Seen only when the file cannot be sent although it was uploaded.
    title: line`导出的文件没能发给你`,
    lines: [],
    hint: line`请再发一次${code('导出')}，或发${code('导出 文本')}得到可以复制的文字。`,
    file: { name: file, mediaId },
  };
}

function rows(ctx: Context, groups: readonly TagGroup[]): string[][] {
  const { library } = ctx.snapshot;
  const day = (seconds: number) => (seconds > 0 ? localDay(seconds * 1000, ctx.deps.timeZone) : '');
  const body = groups.flatMap((group) =>
    group.tags.map((tag) => [
      library.libraryName(group.libraryId),
      group.name,
      tag.name,
      String(tag.order),
      tag.id,
      day(tag.createTime),
    ]),
  );
  return [COLUMNS, ...body];
}

/** Names told one by one that could not be written down; of more, how many. */
const MOST_NAMED = 8;

/** What `导入` reads back. A name that no quotes can hold is left out and named: sent back it would be another, or two. */
export function asText(groups: readonly TagGroup[]): Reply {
  const leftOut: string[] = [];
  const lines = groups.flatMap((group) => exportLines(group, leftOut));
  const more = leftOut.length > MOST_NAMED ? ` 等 ${leftOut.length} 个` : '';
  const told = line`有的名字引号太多，写下来会读错，没有导出：${leftOut.slice(0, MOST_NAMED).map(lettersOf).join('　')}${more}`;
  if (lines.length === 0) return { tone: 'warn', title: told, lines: [], hint: line`发${code('导出')}可以得到文件` };
  const without: Line = leftOut.length > 0 ? line`。${told}` : [];
  return {
    tone: 'info',
    plain: true,
    title: line`导入`,
    lines,
    hint: [...line`整段复制，改好发回来，会把新写的加上。要连删掉的一起删，把第一行改成「导入 含删除」`, ...without],
  };
}

/** As much of a name as may stand in a text that is sent back: its quotes would open something there. */
function lettersOf(name: string): string {
  return name.replace(/[^\p{L}\p{N}]/gu, '') || '（只有符号的）';
}

function exportLines(group: TagGroup, leftOut: string[]): Line[] {
  const quotedGroup = quoted(group.name);
  if (quotedGroup === undefined) {
    leftOut.push(group.name);
    return [];
  }
  const head = `${quotedGroup}：`;
  const lines: string[] = [];
  let current = '';
  let isWhole = true;
  for (const tag of group.tags) {
    const name = isSafe(tag.name) ? tag.name : quoted(tag.name);
    if (name === undefined) {
      leftOut.push(tag.name);
      isWhole = false;
    } else if (current !== '' && current.length + name.length > LINE_LENGTH) {
      lines.push(`${head}${current}、${GOES_ON}`);
      current = name;
    } else current = current === '' ? name : `${current}、${name}`;
  }
  if (current !== '') lines.push(`${head}${current}${lines.length > 0 || !isWhole ? `、${GOES_ON}` : ''}`);
  return lines.map((text) => [text]);
}

/** Letters and digits alone have no border within them; 和, 与 and 及 may be one. */
function isSafe(name: string): boolean {
  return /^[\p{L}\p{N}·]+$/u.test(name) && !/[和与與及跟]/u.test(name);
}

/** Pairs, with all characters that end a name in such quotes. */
const QUOTES: readonly (readonly [open: string, close: string, own: RegExp])[] = [
  ['「', '」', /[「」﹁﹂]/],
  ['『', '』', /[『』﹃﹄]/],
  ['【', '】', /[【】]/],
  ['“', '”', /["“”„‟＂〝〞]/],
  ['‘', '’', /['‘’＇]/],
];

/** In the first kind of quotes that the name itself does not have; undefined when it has them all, or means something here. */
function quoted(name: string): string | undefined {
  const kind = QUOTES.find(([, , own]) => !own.test(name));
  return kind === undefined || name === GOES_ON || fold(name) === '' ? undefined : `${kind[0]}${name}${kind[1]}`;
}

interface Pasted {
  readonly target: TargetGroup;
  readonly tags: readonly string[];
  readonly whole: boolean;
}

/** Additions for what is missing; removals only when 含删除 was written, and only in groups that were sent whole. */
export async function imported(ctx: Context, { groups, libraryId, withDeletes }: OrderOf<'import'>): Promise<Reply> {
  const pasted = together(groups);
  const writes: { line: number; write: Write }[] = [];
  for (const [i, { target, tags, whole }] of pasted.entries()) {
    const present = target.kind === 'existing' ? (ctx.snapshot.library.group(target.group.id)?.tags ?? []) : [];
    const missing = tags.filter((tag) => !present.some((other) => other.name === tag));
    // A group that does not exist is asked for like one in any other addition.
    const into = target.kind === 'existing' ? target : { ...target, libraryId };
    if (missing.length > 0) writes.push({ line: i + 1, write: { command: 'tag.add', target: into, tags: missing } });
    if (!withDeletes || !whole) continue;
    const wanted = new Set(tags.map(fold));
    const surplus = present.filter((tag) => !wanted.has(fold(tag.name)));
    if (surplus.length > 0)
      writes.push({ line: i + 1, write: { command: 'tag.delete', targets: surplus, absent: [] } });
  }
  if (writes.length > 0) return makeChange(ctx, { kind: 'writes', writes });
  const tags = countTags(pasted);
  return {
    tone: 'info',
    title: line`没有需要改的`,
    lines: [line`${strong(pasted.length)} 个标签组、${strong(tags)} 个标签，标签库里都有了。`],
  };
}

/** Several lines of one group are one. */
function together(groups: OrderOf<'import'>['groups']): Pasted[] {
  const byGroup = new Map<string, { target: TargetGroup; tags: string[]; whole: boolean }>();
  for (const { target, tags } of groups) {
    const key = target.kind === 'existing' ? target.group.id : `\0${fold(target.name)}`;
    const entry = byGroup.get(key) ?? { target, tags: [], whole: true };
    byGroup.set(key, entry);
    for (const tag of tags) {
      if (tag === GOES_ON) entry.whole = false;
      else entry.tags.push(tag);
    }
  }
  return [...byGroup.values()];
}
