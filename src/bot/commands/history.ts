/** 历史 and 撤销: who changed what and when, and the way back. */

import { dayRange, when } from '../../dates.ts';
import type { Person } from '../../people.ts';
import { type Line, line, name, quiet, type Reply, type Span } from '../../reply/reply.ts';
import type { OrderOf } from '../../resolve/order.ts';
import type { ChangeFilter, ChangeRow } from '../../store/store.ts';
import { libraryOf } from '../../tags/change/plan.ts';
import type { Step } from '../../tags/change/step.ts';
import type { LibraryId } from '../../tags/tag.ts';
import { makeChange } from '../change/change.ts';
import { changeState, findUndoable, readChange, readOutcomes } from '../change/journal.ts';
import { namesFor } from '../change/people.ts';
import { intended } from '../change/wording.ts';
import type { Context } from '../context.ts';
import { sameUserid } from '../rights.ts';
import { peopleNamed } from './whom.ts';

const MOST = 200;
const STATES = {
  intended: '进行中',
  done: '',
  partial: '部分成功',
  failed: '没有做成',
  unknown: '结果不确定',
} as const;

/** 历史: the newest changes that the member may see; of several libraries what may be read of them. */
export async function history(ctx: Context, { filter, libraryId }: OrderOf<'history'>): Promise<Reply> {
  const chosen = await readFilter(ctx, filter?.trim() ?? '');
  if ('reply' in chosen) return chosen.reply;
  const rows = await ctx.deps.store.changes({ ...chosen.filter, ...visibleTo(ctx, libraryId), limit: MOST });
  const about = inBrackets([chosen.about, libraryNameOf(ctx, libraryId)]);
  if (rows.length === 0) return { tone: 'info', title: line`没有改动记录${about}`, lines: [] };
  const lines: Line[] = [];
  for (const row of rows) lines.push(await describe(ctx, row, libraryId));
  return {
    tone: 'info',
    title: line`最近的改动${about}`,
    lines,
    hint: line`回复「撤销 编号」可以撤回 24 小时内的改动`,
  };
}

/** One change on one line: #12 今天 10:32 张三:… Of one over several rule groups, what the member may read of it. */
async function describe(ctx: Context, row: ChangeRow, only: LibraryId | undefined): Promise<Line> {
  const change = readChange(row);
  const concluded = readOutcomes(row);
  const shown = change.steps.flatMap((step, i) => (maySee(ctx, step, only) ? [{ step, outcome: concluded[i] }] : []));
  const steps = shown.map(({ step }) => step);
  const outcomes = shown.flatMap(({ outcome }) => outcome ?? []);
  const became = outcomes.length === 0 ? row.state : changeState(outcomes);
  const names = await namesFor(ctx, steps);
  const who = await ctx.deps.directory.name(row.member);
  const [first] = steps;
  const what: Line = first ? intended(first, names) : [];
  const more: Span[] = steps.length > 1 ? [quiet(` 等 ${steps.length} 步`)] : [];
  const done = outcomes.filter((outcome) => outcome.state === 'done').length;
  const state = became === 'partial' ? `部分成功（${done}/${steps.length}）` : STATES[became];
  const undo = row.undoes === undefined ? '' : `撤销 ${row.undoes}：`;
  return line`${row.id}. ${quiet(when(row.at, ctx.deps.now(), ctx.deps.timeZone))} ${who}：${undo}${what}${more}${state === '' ? '' : ` [${state}]`}`;
}

type Chosen = { readonly filter: Omit<ChangeFilter, 'limit'>; readonly about: string } | { readonly reply: Reply };

async function readFilter(ctx: Context, text: string): Promise<Chosen> {
  if (text === '') return { filter: {}, about: '' };
  const [first = '', ...others] = text.split(/\s+/u);
  const day = dayRange(first, ctx.deps.now(), ctx.deps.timeZone);
  if (day && others.length === 0) return { filter: day, about: text };
  if (day) {
    const rest = await readFilter(ctx, others.join(' '));
    return 'reply' in rest ? rest : { filter: { ...rest.filter, ...day }, about: `${first} ${rest.about}` };
  }
  const number = /^#?(\d{1,9})$/.exec(text);
  if (number) return { filter: { id: Number(number[1]) }, about: `编号 ${number[1]}` };
  if (text.startsWith('@') || text === '我' || text === '我的') {
    const wanted = text === '我' || text === '我的' ? ctx.member : text.slice(1).trim();
    if (sameUserid(wanted, ctx.member)) return { filter: { member: ctx.member }, about: wanted };
    const { exact, near } = await peopleNamed(ctx, wanted);
    const people = [...exact, ...near];
    if (people.length === 0)
      return {
        reply: {
          tone: 'info',
          title: line`没有找到成员 ${name(wanted)}`,
          lines: [],
          hint: line`请写完整的姓名或 userid`,
        },
      };
    const person =
      exact.find(({ userid }) => sameUserid(userid, wanted)) ?? (exact.length === 1 ? exact[0] : undefined);
    if (!person) {
      return {
        reply: {
          tone: 'info',
          title: line`${name(wanted)}说的可能是这几位`,
          lines: people.slice(0, 10).map((each) => line`历史 @${each.userid} ${quiet(each.name)}`),
          hint: line`请用 userid 再查一次`,
        },
      };
    }
    return { filter: { member: person.userid }, about: person.name };
  }
  const person = await personCalled(ctx, text);
  return person ? { filter: { member: person.userid }, about: person.name } : { filter: { name: text }, about: text };
}

/** 张三今天动了什么: the one colleague of that name, where nothing in the library is called so. */
async function personCalled({ deps, snapshot: { library } }: Context, said: string): Promise<Person | undefined> {
  if (said.length > LONGEST_NAME || library.tagsNamed(said).length > 0 || library.groupsNamed(said).length > 0)
    return undefined;
  const [only, ...others] = (await deps.directory.findPeople(said)).filter(({ name: called }) => called === said);
  return others.length === 0 ? only : undefined;
}

/** Of a person, as colleagues call each other. */
const LONGEST_NAME = 6;

/** Changes of libraries that the member may read, whoever made them; asked of the store, so that none crowds them out. */
function visibleTo(ctx: Context, only: LibraryId | undefined): Pick<ChangeFilter, 'libraryIds'> {
  if (only !== undefined) return { libraryIds: [only] };
  return ctx.botAdmin ? {} : { libraryIds: [...ctx.rights.readable] };
}

function maySee(ctx: Context, step: Step, only: LibraryId | undefined): boolean {
  const libraryId = libraryOf(step);
  if (only !== undefined && libraryId !== only) return false;
  return ctx.botAdmin || ctx.rights.readable.has(libraryId ?? Number.NaN);
}

function libraryNameOf(ctx: Context, libraryId: LibraryId | undefined): string {
  return libraryId === undefined ? '' : ctx.snapshot.library.libraryName(libraryId);
}

function inBrackets(parts: readonly string[]): Line {
  const said = parts.filter((part) => part !== '');
  return said.length === 0 ? [] : line`${quiet(`（${said.join('，')}）`)}`;
}

/** 撤销: the numbered change, else the member's last; asked first where it takes back more than was named. */
export async function undo(ctx: Context, { change: number, libraryId }: OrderOf<'undo'>): Promise<Reply> {
  const { store, now } = ctx.deps;
  const found = await findUndoable(store, ctx.member, number, now(), libraryId);
  if (found.kind === 'no') {
    const why = {
      none: line`最近 24 小时里没有你可以撤销的改动${inBrackets([libraryNameOf(ctx, libraryId)])}`,
      'unknown-number': line`没有编号 ${number ?? 0} 的改动`,
      'too-old': line`改动 ${number ?? 0} 已经超过 24 小时，不能撤销了`,
      'nothing-done': line`改动 ${number ?? 0} 当时没有生效，不用撤销`,
      undone: line`改动 ${number ?? 0} 已经撤销过了`,
    } as const;
    return { tone: 'info', title: why[found.why], lines: [], hint: line`发「历史」看改动和编号` };
  }
  // What it changed beside the library that was named comes back along: seen first.
  if (libraryId !== undefined && found.row.libraryIds.some((other) => other !== libraryId)) ctx.showFirst = true;
  return makeChange(ctx, { kind: 'undo', ids: [found.row.id] });
}
