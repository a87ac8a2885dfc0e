/**
 * Questions with numbered options and missing slots: put into the session, drawn as a card or as numbered lines.
 * Whatever a card asks is answered by text as well (question.ts).
 */

import type { ReadingOf } from '../../command/reading.ts';
import { acts } from '../../command/table/grammar.ts';
import { nameOf } from '../../command/tokens.ts';
import { type Choice, type Line, line, name, nameList, type Reply } from '../../reply/reply.ts';
import type { Option } from '../../resolve/fit.ts';
import { librariesCalled, tagRef } from '../../resolve/names.ts';
import type { MissingSlot, Order, Understanding, Unfinished } from '../../resolve/order.ts';
import type { LibraryId, TagGroup } from '../../tags/tag.ts';
import { fold } from '../../text.ts';
import type { Context } from '../context.ts';
import { focusAt } from '../focus.ts';
import { QUESTION_MS, type Question } from '../session.ts';
import { EVERY } from './loose.ts';

/** WeCom's button_selection and 数字 both end at ten. */
const MAX_OPTIONS = 10;
/** WeCom's checkbox ends at twenty. */
const MAX_PICKS = 20;
/** An older message is not carried out any more. */
const MOST_WAITED_MS = 10 * 60_000;
const CANCEL_HINT = line`不需要就不用理会，直接发别的命令`;

type Waiting<Q = Question> = Q extends unknown ? Omit<Q, 'id' | 'expiresAt' | 'askedBy'> : never;

/** From now on the member's next message may answer this; returns the question's id. */
export function wait(ctx: Context, question: Waiting): string {
  const { deps, message } = ctx;
  const id = deps.newId();
  const askedBy = { key: message.key, createTime: message.createTime };
  // It has waited for a restart, or for others to finish; of that, each replica's clock may say what it likes.
  const waited = Math.min(Math.max(deps.now() - message.receivedAt, 0), MOST_WAITED_MS);
  // WeCom's clock counts whole seconds.
  const expiresAt = ctx.sentAt + Math.floor(waited / 1_000) * 1_000 + QUESTION_MS;
  ctx.session = { ...ctx.session, question: { ...question, id, expiresAt, askedBy } };
  return id;
}

/** Asks which of several is meant; `reply` says why. `batch`: what goes on with what is chosen. */
export function offer(ctx: Context, reply: Reply, options: readonly Option[], batch?: Unfinished): Reply {
  const together = batch === undefined && areTogether(options);
  const few = options.slice(0, together ? MAX_OPTIONS - 1 : MAX_OPTIONS);
  if (ctx.held && few.every(({ order }) => !acts(order.command))) return merelyTold(reply, few);
  const id = wait(ctx, {
    kind: 'choice',
    asked: reply.title,
    options: few,
    ...(together ? { together } : {}),
    ...(batch ? { batch } : {}),
  });
  const every = together ? [{ key: String(few.length + 1), label: EVERY, detail: `${few.length} 个` }] : [];
  return { ...reply, tone: 'ask', question: { id, kind: 'choice', choices: [...numbered(few), ...every] } };
}

/** Where another question waits, what was looked up may be one of these; its numbers are the other question's. */
function merelyTold(reply: Reply, options: readonly Option[]): Reply {
  const told = options.map(({ label, detail }) => line`${label}${detail === undefined ? '' : `（${detail}）`}`);
  return { ...reply, tone: 'info', lines: [...reply.lines, ...told] };
}

/** 都要 makes sense: the options are one change for several targets, and none of them is 都要 already. */
function areTogether(options: readonly Option[]): boolean {
  const [first] = options;
  if (first === undefined || options.length < 2 || options.length >= MAX_OPTIONS) return false;
  const { command } = first.order;
  const same = options.every(({ order, label }) => order.command === command && label !== EVERY);
  return same && (command === 'tag.rename' || command === 'tag.top' || (command === 'tag.add' && addTheSame(options)));
}

/** The same tags into several groups that exist. */
function addTheSame(options: readonly Option[]): boolean {
  const tags = new Set(
    options.map(({ order }) =>
      order.command === 'tag.add' && order.target.kind === 'existing' ? order.tags.join('\n') : undefined,
    ),
  );
  return tags.size === 1 && !tags.has(undefined);
}

/** Asks for any number of at most twenty. */
function offerSeveral(ctx: Context, reply: Reply, options: readonly Option[]): Reply {
  const id = wait(ctx, { kind: 'pick', asked: reply.title, options });
  return { ...reply, tone: 'ask', question: { id, kind: 'pick', choices: numbered(options), confirmLabel: '选好了' } };
}

function numbered(options: readonly Option[]): Choice[] {
  return options.map(({ label, detail }, i) => ({
    key: String(i + 1),
    label,
    ...(detail === undefined ? {} : { detail }),
  }));
}

/** What to do instead of an answer that was none, e.g. a card sent off with nothing chosen: the question anew. */
export function askAgain(ctx: Context, question: Question & { kind: 'choice' | 'pick' }, title: Line): Reply {
  const reply: Reply = { tone: 'ask', title, lines: [], outcome: '请看新的' };
  return question.kind === 'choice'
    ? offer(ctx, reply, question.options, question.batch)
    : offerSeveral(ctx, reply, question.options);
}

/** Asks for the one thing that an order lacks: by choice where there is little to choose from, else by name. */
export function askSlot(ctx: Context, missing: Extract<Understanding, { kind: 'slot' }>): Reply {
  const { slot, reading, asked, examples } = missing;
  const where = missing.rule === undefined ? {} : { rule: missing.rule };
  if (reading.command === 'tag.delete' && slot === 'tags') return askTagsToDelete(ctx, reading, asked, where);
  const question = { kind: 'slot', slot, reading, examples, ...where } as const;
  if (examples.length > 0 && (slot === 'group' || slot === 'rule')) return askWithNames(ctx, question, asked);
  const lines = examples.length > 0 ? [line`可以直接回复，例如：${examples.slice(0, MAX_OPTIONS).join('、')}`] : [];
  return askWords(ctx, question, asked, ctx.deps.directory.hidesNames() ? withoutNames(ctx, slot, lines) : lines);
}

/** Whose names are not known cannot be found by them; everybody's own id is one that works. */
function withoutNames({ member }: Context, slot: MissingSlot, lines: readonly Line[]): readonly Line[] {
  if (slot === 'people') return [line`这个应用看不到成员的姓名，请写 userid，例如你自己的：${member}`];
  if (slot === 'range') return [line`这个应用看不到姓名和部门名，请写 @userid 或部门 ID，例如：@${member}、1`];
  return lines;
}

type Slot = Waiting & { readonly kind: 'slot' };

/** The examples are what there is: each can be pressed or numbered, any other name typed. */
function askWithNames(ctx: Context, question: Slot, title: Line): Reply {
  const names = likeliestFirst(ctx, question).slice(0, MAX_OPTIONS);
  const id = wait(ctx, { ...question, asked: title, examples: names });
  const choices = names.map((label, i) => ({ key: String(i + 1), label }));
  return {
    tone: 'ask',
    title,
    lines: [],
    hint: line`${isPartly(ctx, question, names) ? '这里只列了一部分，' : ''}也可以直接回复名字`,
    question: { id, kind: 'choice', choices },
  };
}

/** The group last spoken of before the others. */
function likeliestFirst(ctx: Context, { slot, examples }: Slot): readonly string[] {
  const spoken = slot === 'group' ? focusAt(ctx.session.focus, ctx.sentAt)?.group?.name : undefined;
  return spoken !== undefined && examples.includes(spoken)
    ? [spoken, ...examples.filter((each) => each !== spoken)]
    : examples;
}

function isPartly(ctx: Context, question: Slot, shown: readonly string[]): boolean {
  const id = libraryOf(ctx, question);
  return question.slot === 'group' && id !== undefined && ctx.snapshot.library.groupsOf(id).length > shown.length;
}

function libraryOf(ctx: Context, { rule }: Pick<Slot, 'rule'>): LibraryId | undefined {
  return rule === undefined ? ctx.libraryId : librariesCalled(rule, ctx.view)[0]?.id;
}

function askWords(ctx: Context, question: Slot, title: Line, lines: readonly Line[]): Reply {
  const id = wait(ctx, { ...question, asked: title });
  return { tone: 'ask', title, lines, hint: CANCEL_HINT, question: { id, kind: 'slot', choices: [] } };
}

/** Few enough tags are offered for picking; of many, the name is asked for, or the group to pick from. */
function askTagsToDelete(
  ctx: Context,
  reading: ReadingOf<'tag.delete'>,
  asked: Line,
  where: Pick<Slot, 'rule'>,
): Reply {
  const groups = groupsToPickFrom(ctx, reading.group, libraryOf(ctx, where));
  const picked = pickFrom(ctx, groups, asked);
  if (picked) return picked;
  const lines =
    reading.group === undefined
      ? [
          line`回复标签名；或回复组名，从组里挑：${groups
            .slice(0, MAX_OPTIONS)
            .map((group) => group.name)
            .join('、')}`,
        ]
      : [line`这个组有 ${groups.flatMap((group) => group.tags).length} 个标签，请直接回复名字，几个用、隔开`];
  return askWords(
    ctx,
    { kind: 'slot', slot: 'tags', reading, examples: [], ...where },
    asked,
    groups.length > 0 ? lines : [],
  );
}

/** The tags of these groups with boxes to tick; undefined when there are too many, or none. */
export function pickFrom(ctx: Context, groups: readonly TagGroup[], asked: Line): Reply | undefined {
  const entries = groups.flatMap((group) => group.tags.map((tag) => ({ group, tag })));
  if (entries.length === 0 || entries.length > MAX_PICKS) return undefined;
  const isTwin = (wanted: string) => entries.filter(({ tag }) => fold(tag.name) === wanted).length > 1;
  return offerSeveral(
    ctx,
    { tone: 'ask', title: asked, lines: [line`可以选几个，删除前还会请你确认`] },
    entries.map((entry) => ({
      label: entry.tag.name,
      ...(isTwin(fold(entry.tag.name)) ? { detail: entry.group.name } : {}),
      order: { command: 'tag.delete', targets: [tagRef(entry)], absent: [] },
    })),
  );
}

/** The named group (that of the library first), or all groups of the library. */
function groupsToPickFrom(
  ctx: Context,
  typed: string | undefined,
  libraryId: LibraryId | undefined,
): readonly TagGroup[] {
  const { library } = ctx.snapshot;
  if (typed === undefined) return libraryId === undefined ? [] : library.groupsOf(libraryId);
  const called = library.groupsNamed(nameOf(typed).name).filter((group) => ctx.rights.readable.has(group.libraryId));
  const here = called.filter((group) => group.libraryId === libraryId);
  return (here.length > 0 ? here : called).slice(0, 1);
}

/** Asks where to do it; the answer is where the member works from then on. */
export function askLibrary(ctx: Context, asked: Extract<Understanding, { kind: 'chooseLibrary' }>): Reply {
  const { options, reading, batch } = asked;
  const few = options.slice(0, MAX_OPTIONS);
  const title = line`你要在哪里操作？`;
  const id = wait(ctx, { kind: 'library', asked: title, options: few, reading, ...(batch ? { batch } : {}) });
  return {
    tone: 'ask',
    title,
    lines: [],
    hint: line`选过以后会记住，发「规则组 切换 名称」可以再换`,
    question: { id, kind: 'choice', choices: few.map((option, i) => ({ key: String(i + 1), label: option.name })) },
  };
}

/** A name that does not exist: the nearest ones as numbers, or where to look. */
export function notThere(ctx: Context, understanding: Extract<Understanding, { kind: 'absent' }>): Reply {
  const { batch } = understanding;
  const at: Line = batch === undefined ? [] : line`第 ${batch.line.number} 行：`;
  const kinds = { tag: '标签', group: '标签组', ruleGroup: '规则组' } as const;
  const title = line`${at}没有找到${kinds[understanding.what]}${name(understanding.name)}`;
  if (understanding.nearest.length > 0)
    return offer(
      ctx,
      {
        tone: 'ask',
        title: line`${title}，是不是：`,
        lines: [...whatComesOf(understanding.nearest[0]?.order), ...othersOf(batch)],
      },
      understanding.nearest,
      batch,
    );
  const hints = {
    tag: line`发「标签 列表」看全部标签`,
    group: line`发「标签组 列表」看有哪些组；新建用：标签组 新建 ${understanding.name}:标签一、标签二`,
    ruleGroup: line`发「规则组 列表」看有哪些规则组`,
  } as const;
  return { tone: 'warn', title, lines: [line`什么都没有改。`], hint: hints[understanding.what] };
}

function othersOf(batch: Unfinished | undefined): Line[] {
  const others = batch === undefined ? 0 : batch.done.length + batch.rest.length;
  return others === 0 ? [] : [line`另外 ${others} 行还没有做，选了就一起做`];
}

/** What a choice is going to do: its label is only a name. */
function whatComesOf(order: Order | undefined): Line[] {
  switch (order?.command) {
    case 'tag.delete':
    case 'group.delete':
    case 'rule.delete':
      return [line`选了还不会删，会先给你看计划`];
    case 'tag.rename':
    case 'group.rename':
    case 'rule.rename':
      return [line`选了就把它改名为${name(order.to)}`];
    case 'tag.top':
    case 'group.top':
      return [line`选了就把它置顶`];
    case 'tag.order':
    case 'group.order':
      return [line`选了就把它的排序值设成 ${order.order}`];
    case 'tag.add':
      return [line`选了就把${nameList(order.tags)}加进去`];
    default:
      return [];
  }
}
