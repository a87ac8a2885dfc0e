/** 历史 and 撤销: who changed what and when, and the way back. */

import { type Line, line, name, quiet, type Reply, type Span } from '../reply/reply.ts';
import type { ChangeFilter, ChangeRow } from '../store/store.ts';
import { change } from './confirmation.ts';
import type { Context } from './context.ts';
import { findUndoable, readChange } from './journal.ts';
import { namesFor } from './people.ts';
import { sameMember } from './permissions.ts';
import type { ResolvedOf } from './resolved.ts';
import { intended } from './wording.ts';

const MOST = 200;
const DAY_MS = 24 * 60 * 60_000;
const STATES = {
  intended: '进行中',
  done: '',
  partial: '部分成功',
  failed: '没有做成',
  unknown: '结果不确定',
} as const;

export async function history(ctx: Context, { filter }: ResolvedOf<'history'>): Promise<Reply> {
  const chosen = await readFilter(ctx, filter?.trim() ?? '');
  if ('reply' in chosen) return chosen.reply;
  const rows = (await ctx.deps.store.changes({ ...chosen.filter, limit: MOST })).filter((row) => maySee(ctx, row));
  const about: Line = chosen.about === '' ? [] : line`${quiet(`（${chosen.about}）`)}`;
  if (rows.length === 0) return { tone: 'info', title: line`没有改动记录${about}`, lines: [] };
  const lines: Line[] = [];
  for (const row of rows) lines.push(await describe(ctx, row));
  return {
    tone: 'info',
    title: line`最近的改动${about}`,
    lines,
    hint: line`回复「撤销 编号」可以撤回 24 小时内的改动`,
  };
}

/** One change on one line: #12 今天 10:32 张三:… */
async function describe(ctx: Context, row: ChangeRow): Promise<Line> {
  const { steps, outcomes } = readChange(row);
  const names = await namesFor(ctx, steps);
  const who = await ctx.deps.directory.name(row.member);
  const [first] = steps;
  const what: Line = first ? intended(first, names) : [];
  const more: Span[] = steps.length > 1 ? [quiet(` 等 ${steps.length} 步`)] : [];
  const done = outcomes.filter((outcome) => outcome.state === 'done').length;
  const state = row.state === 'partial' ? `部分成功（${done}/${steps.length}）` : STATES[row.state];
  const undo = row.undoes === undefined ? '' : `撤销 ${row.undoes}：`;
  return line`${row.id}. ${quiet(when(ctx, row.at))} ${who}：${undo}${what}${more}${state === '' ? '' : ` [${state}]`}`;
}

type Chosen = { readonly filter: Omit<ChangeFilter, 'limit'>; readonly about: string } | { readonly reply: Reply };

async function readFilter(ctx: Context, text: string): Promise<Chosen> {
  if (text === '') return { filter: {}, about: '' };
  const day = dayRange(ctx, text);
  if (day) return { filter: day, about: text };
  const number = /^#?(\d{1,9})$/.exec(text);
  if (number) return { filter: { id: Number(number[1]) }, about: `编号 ${number[1]}` };
  if (text.startsWith('@') || text === '我' || text === '我的') {
    const wanted = text === '我' || text === '我的' ? ctx.member : text.slice(1).trim();
    const people = sameMember(wanted, ctx.member)
      ? [{ userid: ctx.member, name: wanted }]
      : await ctx.deps.directory.findPeople(wanted);
    const [person] = people;
    if (!person)
      return {
        reply: {
          tone: 'info',
          title: line`没有找到成员 ${name(wanted)}`,
          lines: [],
          hint: line`请写完整的姓名或 userid`,
        },
      };
    if (people.length > 1) {
      return {
        reply: {
          tone: 'info',
          title: line`有 ${people.length} 个人叫 ${name(wanted)}`,
          lines: people.slice(0, 10).map((each) => line`历史 @${each.userid} ${quiet(each.name)}`),
          hint: line`请用 userid 再查一次`,
        },
      };
    }
    return { filter: { member: person.userid }, about: person.name };
  }
  return { filter: { name: text }, about: text };
}

/** 今天, 昨天, 前天, 本周, or a date such as 11-22 or 2026-11-22, as a range of ms in the configured time zone. */
function dayRange(ctx: Context, text: string): { since: number; until: number } | undefined {
  const { timeZone, now } = ctx.deps;
  const today = startOfDay(now(), timeZone);
  const ago: Readonly<Record<string, number>> = { 今天: 0, 今日: 0, today: 0, 昨天: 1, 昨日: 1, yesterday: 1, 前天: 2 };
  const days = ago[text.toLowerCase()];
  if (days !== undefined)
    return {
      since: startOfDay(today - days * DAY_MS + DAY_MS / 2, timeZone),
      until: startOfDay(today - (days - 1) * DAY_MS + DAY_MS / 2, timeZone),
    };
  if (text === '本周' || text === '最近一周' || text === '最近7天')
    return { since: today - 6 * DAY_MS, until: today + 2 * DAY_MS };
  const date = /^(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?$/.exec(text);
  if (!date) return undefined;
  const year = Number(date[1] ?? localDay(now(), timeZone).slice(0, 4));
  const noon = Date.UTC(year, Number(date[2]) - 1, Number(date[3]), 4);
  const since = startOfDay(noon, timeZone);
  return { since, until: startOfDay(since + DAY_MS + DAY_MS / 2, timeZone) };
}

/** YYYY-MM-DD as people in this time zone write it. */
export function localDay(ms: number, timeZone: string): string {
  return formatter('sv-SE', timeZone, { year: 'numeric', month: '2-digit', day: '2-digit' }).format(ms);
}

function startOfDay(ms: number, timeZone: string): number {
  const [hours, minutes, seconds] = formatter('sv-SE', timeZone, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
    .format(ms)
    .split(':')
    .map(Number) as [number, number, number];
  return ms - ((hours * 60 + minutes) * 60 + seconds) * 1000 - (ms % 1000);
}

/** 今天 10:32, 昨天 10:32, or 11-20 10:32. */
export function when(ctx: Context, ms: number): string {
  const { timeZone, now } = ctx.deps;
  const time = formatter('sv-SE', timeZone, { hour: '2-digit', minute: '2-digit' }).format(ms);
  const day = localDay(ms, timeZone);
  if (day === localDay(now(), timeZone)) return `今天 ${time}`;
  if (day === localDay(now() - DAY_MS, timeZone)) return `昨天 ${time}`;
  return `${day.slice(5)} ${time}`;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(locale: string, timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${timeZone} ${JSON.stringify(options)}`;
  let made = formatters.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(locale, { ...options, timeZone });
    formatters.set(key, made);
  }
  return made;
}

/** Changes of rule groups that the member may read, and their own. */
function maySee(ctx: Context, row: ChangeRow): boolean {
  return (
    ctx.botAdmin ||
    sameMember(row.member, ctx.member) ||
    (row.strategyId !== undefined && ctx.rights.readable.has(row.strategyId))
  );
}

export async function undo(ctx: Context, { change: number }: ResolvedOf<'undo'>): Promise<Reply> {
  const { store, now } = ctx.deps;
  const found = await findUndoable(store, ctx.member, number, now());
  if (found.kind === 'no') {
    const why = {
      none: line`最近 24 小时里没有你可以撤销的改动`,
      'unknown-number': line`没有编号 ${number ?? 0} 的改动`,
      'too-old': line`改动 ${number ?? 0} 已经超过 24 小时，不能撤销了`,
      'nothing-done': line`改动 ${number ?? 0} 当时没有生效，不用撤销`,
      undone: line`改动 ${number ?? 0} 已经撤销过了`,
    } as const;
    return { tone: 'info', title: why[found.why], lines: [], hint: line`发「历史」看改动和编号` };
  }
  return change(ctx, { kind: 'undo', change: found.row.id });
}
