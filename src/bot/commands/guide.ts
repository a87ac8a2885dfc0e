/** Leading the way: help for what this member may do, the welcome, and what to do instead of what cannot be done. */

import { filledIn, type HelpContext, helpOverview, helpTopic } from '../../command/help.ts';
import type { CommandId, Refusal } from '../../command/reading.ts';
import { type CommandRow, commandRow } from '../../command/table/grammar.ts';
import { localDay } from '../../dates.ts';
import type { IncomingOf } from '../../message.ts';
import { code, type Line, line, name, quiet, type Reply } from '../../reply/reply.ts';
import { librariesCalled, readableLibraries, stems } from '../../resolve/names.ts';
import type { LibraryRef, OrderOf, Understanding } from '../../resolve/order.ts';
import type { TagGroup } from '../../tags/tag.ts';
import { fold } from '../../text.ts';
import { noRuleGroup } from '../change/unreadable.ts';
import type { Context } from '../context.ts';
import { pickFrom } from '../dialog/ask.ts';
import { lacking, type Need } from '../needs.ts';
import { namesMentioned, STAND_INS } from './mentioned.ts';

/** What could be typed now, with names from the library as it is. */
function liveNames(ctx: Context): HelpContext {
  const { library } = ctx.snapshot;
  const libraryId = ctx.libraryId ?? [...ctx.rights.readable][0];
  if (libraryId === undefined) return {};
  const [group] = library.groupsOf(libraryId);
  const [tag] = group?.tags ?? [];
  return {
    ruleGroup: library.libraryName(libraryId),
    ...(group ? { group: group.name } : {}),
    ...(tag ? { tag: tag.name } : {}),
  };
}

/** Whether this member may use the command anywhere: help never shows what would be refused. */
export function mayUse(ctx: Context): (row: CommandRow) => boolean {
  const has = new Map<Need['right'], boolean>();
  return ({ right }) => {
    const known = has.get(right) ?? lacking(ctx.rights, [{ right, where: 'somewhere' }]) === undefined;
    has.set(right, known);
    return known;
  };
}

/** 帮助, with examples of the library as it is; never what this member may not do. */
export function help(ctx: Context, { topic }: OrderOf<'help'>): Reply {
  const about = topic === undefined ? undefined : helpTopic(topic, liveNames(ctx), mayUse(ctx));
  const shown = about ?? helpOverview(mayUse(ctx), liveNames(ctx));
  // The title of a topic says already what all its examples do.
  const alike = about !== undefined && new Set(about.rows.map((row) => row.does)).size === 1;
  const lines = shown.rows.flatMap(({ say, does }) => usage(say, alike ? undefined : does));
  if (topic !== undefined && !about) lines.unshift(line`没有关于 ${name(topic)} 的说明，下面是全部用法：`);
  if (ctx.rights.readable.size === 0) lines.unshift(...noRuleGroup(ctx).lines);
  return {
    tone: 'info',
    title: [shown.title],
    lines,
    ...(about ? {} : { hint: line`发「帮助 添加」看某个命令的例子` }),
  };
}

/** What to type, which may take several lines, and what it does. */
function usage(say: string, does: string | undefined): Line[] {
  const typed = say.split('\n').map((part) => line`${code(part)}`);
  const last = typed.pop() ?? [];
  return [...typed, does === undefined ? last : line`${last} ${quiet(does)}`];
}

/** At most once a day; with a first example that works on the library as it is. */
export async function welcome(ctx: Context, occasion: 'enter' | 'subscribe'): Promise<Reply | undefined> {
  const today = localDay(ctx.deps.now(), ctx.deps.timeZone);
  if (ctx.session.welcomed === today && occasion === 'enter') return undefined;
  ctx.session = { ...ctx.session, welcomed: today };
  await ctx.look();
  if (ctx.rights.readable.size === 0) return noRuleGroup(ctx);
  const live = liveNames(ctx);
  const may = mayUse(ctx);
  const lines: Line[] = [];
  if (live.tag !== undefined) lines.push(line`查标签：直接发名字，例如 ${code(live.tag)}`);
  if (live.group !== undefined && may(commandRow('tag.add')))
    lines.push(line`加标签：${code(`标签 添加 VIP 到 ${live.group}`)}`);
  lines.push(line`看全部：${code('标签 列表')}`);
  return { tone: 'info', title: line`你好，我是标签助手`, lines, hint: line`发「帮助」看全部用法` };
}

const MEDIA = { image: '图片', voice: '语音', video: '视频', location: '位置', link: '链接' } as const;

/** What is said to anything but words. */
export function howToInstead(media: IncomingOf<'media'>['media']): Reply {
  return {
    tone: 'info',
    title: line`我看不了${MEDIA[media]}，请用文字告诉我`,
    lines: [line`例如：${code('VIP')} 查标签，${code('标签 列表')} 看全部`],
    hint:
      media === 'image' || media === 'link'
        ? line`要批量导入，请把表格里的内容粘贴成文字，每行「组：名、名」（文件传不到我这里）`
        : line`发「帮助」看全部用法`,
  };
}

/** What is said to words that are no command; `nearest`: what they may have been meant for. */
export function nothingUnderstood(ctx: Context, nearest: readonly CommandId[]): Reply {
  const may = mayUse(ctx);
  const live = mentionedIn(ctx);
  const closest = nearest.filter((id) => id !== 'help').map(commandRow);
  const rows = [...closest, commandRow('tag.find'), commandRow('tag.list')].filter(may).slice(0, 2);
  return {
    tone: 'info',
    title: line`我是标签助手，这句话我没当成命令，什么都没有改。可以这样说：`,
    lines: rows.map((row) => line`${code(example(row, live))} ${quiet(row.summary)}`),
    hint: line`发「帮助」看全部用法`,
  };
}

const WHY: Readonly<Record<Refusal, string>> = {
  question: '这看起来是在提问，所以没有执行',
  negation: '这看起来是说不要做，所以没有执行',
  quotation: '这看起来是在转述别人的话，所以没有执行',
  sweep: '范围太大，我不会一次清空，所以没有执行',
  later: '这看起来是以后或有条件才做，所以没有执行',
  statement: '这看起来是在说已经发生的事，所以没有执行',
  customer: '我不能给客户打标签，只管标签库，什么都没有改',
  correction: '你好像改了主意，但我没看懂改成什么，所以没有执行',
};

/** A write that was named but not meant, or too sweeping to be carried out. */
export function refusedToGuess(
  ctx: Context,
  { why, command, say: meant }: Extract<Understanding, { kind: 'refused' }>,
): Reply {
  if (why === 'customer') return tagsNoCustomer();
  const row = commandRow(command);
  const live = mentionedIn(ctx);
  const sample = example(row, live);
  if (why !== 'sweep') {
    const lines =
      meant === undefined || row.risk === 'read'
        ? [line`真要做的话，请直接说要做什么`]
        : [line`真要做的话，请直接说：${code([libraryMentioned(ctx)?.name, meant].filter(Boolean).join(' '))}`];
    return {
      tone: 'info',
      title: [WHY[why]],
      lines,
      hint: line`发「帮助 ${row.words[0].split(' ').at(-1) ?? ''}」看怎么说`,
    };
  }
  const group = groupMentioned(ctx);
  const picked =
    group && command === 'tag.delete' && pickFrom(ctx, [group], line`要删除${name(group.name)}里的哪些标签？`);
  if (picked) return picked;
  const whole = group?.name ?? live.group;
  const lines: Line[] = [line`请写清要删的每一个，例如：${code(sample)}`];
  if (whole !== undefined) lines.push(line`要删整个组：${code(`标签组 删除 ${whole}`)}（会先让你确认）`);
  return { tone: 'info', title: [WHY[why]], lines };
}

function tagsNoCustomer(): Reply {
  return {
    tone: 'info',
    title: [WHY.customer],
    lines: [line`给客户打标签：在企业微信里打开这位客户的资料页，点「标签」来选`],
    hint: line`我管的是标签库：有哪些标签、叫什么、在哪个组`,
  };
}

/** The one library whose name is in the member's words. */
function libraryMentioned({ message, view }: Context): LibraryRef | undefined {
  if (message.kind !== 'text') return undefined;
  const words = fold(message.text);
  const corp = readableLibraries(view).filter(({ id, name }) => id === 'corp' && words.includes(fold(name)));
  const ruleGroups = stems(view).flatMap(({ name, stem }) => (words.includes(stem) ? librariesCalled(name, view) : []));
  const [only, ...others] = [...corp, ...ruleGroups];
  return others.length === 0 ? only : undefined;
}

/** The one group, of the library that is spoken of, whose name is in the member's words. */
function groupMentioned(ctx: Context): TagGroup | undefined {
  const { message } = ctx;
  const libraryId = libraryMentioned(ctx)?.id ?? ctx.libraryId;
  if (message.kind !== 'text' || libraryId === undefined || !ctx.rights.can('edit', libraryId)) return undefined;
  const words = fold(message.text);
  const mentioned = ctx.snapshot.library.groupsOf(libraryId).filter((group) => words.includes(fold(group.name)));
  return mentioned.length === 1 ? mentioned[0] : undefined;
}

/** An example speaks of what the member spoke of, never of a tag that nobody mentioned. */
function mentionedIn(ctx: Context): HelpContext {
  return ctx.message.kind === 'text' ? namesMentioned(ctx, ctx.message.text) : {};
}

function example(row: CommandRow, live: HelpContext): string {
  return filledIn(row.examples[0], { ...STAND_INS, ...live });
}
