/**
 * What the answer to a question comes to: what was chosen, and what is said to 取消, to a number that does not exist,
 * and to a press that comes too late. Whether a text is an answer at all is decided in question.ts.
 */

import type { Reading } from '../../command/reading.ts';
import { code, type Line, line, type Reply } from '../../reply/reply.ts';
import type { Order, TagRef } from '../../resolve/order.ts';
import type { LibraryId } from '../../tags/tag.ts';
import type { Context } from '../context.ts';
import { focusAt } from '../focus.ts';
import type { Question } from '../session.ts';
import { closeQuestion, isOver } from '../session.ts';
import { EVERY } from './loose.ts';
import type { Answered } from './question.ts';

export type ChosenOption = { readonly label: string } & (
  | { readonly order: Order }
  /** Several of a choice: each is carried out. */
  | { readonly orders: readonly Order[] }
  | { readonly library: LibraryId; readonly reading: Reading }
  /** Of a slot's example, as it would be typed. */
  | { readonly number: string }
);

/** What the chosen positions stand for; undefined when one of them does not exist. */
export function chosenOf(open: Question, indexes: readonly number[]): ChosenOption | undefined {
  if (open.kind === 'library') {
    const option = open.options[indexes[0] ?? -1];
    return option && { label: option.name, library: option.id, reading: open.reading };
  }
  if (open.kind === 'slot') {
    const [index = -1] = indexes;
    const label = open.examples[index];
    return label === undefined ? undefined : { label, number: String(index + 1) };
  }
  if (open.kind !== 'choice' && open.kind !== 'pick') return undefined;
  const all = open.kind === 'choice' && open.together && indexes.length === 1 && indexes[0] === open.options.length;
  const options = all ? open.options : indexes.flatMap((index) => open.options[index] ?? []);
  const [first] = options;
  if (!first || (!all && options.length !== indexes.length)) return undefined;
  const label = options.map((option) => option.label).join('、');
  if (options.length === 1) return { label, order: first.order };
  const targets = options.flatMap(({ order }) => (order.command === 'tag.delete' ? order.targets : []));
  if (targets.length > 0) return { label, order: { command: 'tag.delete', targets: unique(targets), absent: [] } };
  return options.every(({ order }) => order.command === first.order.command)
    ? { label, orders: options.map(({ order }) => order) }
    : undefined;
}

function unique(targets: readonly TagRef[]): TagRef[] {
  return [...new Map(targets.map((target) => [target.id, target])).values()];
}

/** What is said to an answer that was none; the question stays open. */
export function again(open: Question, why: Extract<Answered, { kind: 'again' }>['why']): Reply {
  const titles = {
    range: line`没有这个选项，${howToAnswer(open)}`,
    'say-confirm': line`${open.kind === 'confirm' ? open.plan.title : ''}${howToAnswer(open)}`,
    choose: open.kind === 'slot' ? line`还没说完，${howToAnswer(open)}` : line`这里要先选，${howToAnswer(open)}`,
    name: line`还在等名字。${howToAnswer(open)}`,
    wait: line`好，先等着，什么都没有改。${howToAnswer(open)}`,
  } as const;
  return { tone: 'ask', title: titles[why], lines: [] };
}

/** Beside the answer to something else: what waits all the same, and with which numbers. */
export function stillOpen(open: Question): Line {
  const asked = open.kind === 'confirm' ? open.plan.title : (open.asked ?? []);
  const numbers = optionsOf(open).flatMap((label, at) => line`${at === 0 ? '' : '、'}${at + 1} ${label}`);
  return line`（刚才的问题还在等你：${asked}${numbers}${numbers.length > 0 ? '。' : ''}${howToAnswer(open)}）`;
}

/** What is said when an order comes instead of the answer, of what would have been done with it. */
export function leftUndone(open: Question): Line | undefined {
  if (open.kind === 'confirm') return line`（刚才等你确认的那一步没有执行，需要的话请再发一次）`;
  return 'batch' in open ? line`（刚才那几行都没有执行，需要的话请再发一次）` : undefined;
}

function optionsOf(open: Question): readonly string[] {
  switch (open.kind) {
    case 'confirm':
      return [];
    case 'slot':
      return open.examples;
    case 'library':
      return open.options.map(({ name }) => name);
    default: {
      const labels = open.options.map(({ label, detail }) => (detail === undefined ? label : `${label}（${detail}）`));
      return open.kind === 'choice' && open.together ? [...labels, EVERY] : labels;
    }
  }
}

function howToAnswer(open: Question): string {
  if (open.kind === 'confirm') return '要执行请回复「确认」，不执行回复「取消」';
  if (open.kind === 'slot') return '请直接回复要填的内容，或回复「取消」';
  const count = open.options.length + (open.kind === 'choice' && open.together ? 1 : 0);
  return `请回复 ${count === 1 ? '1' : `1 到 ${count} 的数字`}，或回复「取消」`;
}

/** Closes the question, so that no later press of its card can take it, in whatever replica. */
export async function cancelled(ctx: Context, open: Question): Promise<Reply> {
  const isOurs = await ctx.deps.store.takeQuestion(ctx.member, open.id);
  ctx.session = closeQuestion(ctx.session, isOurs ? 'cancelled' : 'done');
  // Another replica was quicker, and what it does is not undone by this.
  if (!isOurs) return alreadyTaken();
  return { tone: 'info', title: line`已取消，什么都没有改`, lines: [], outcome: '已取消' };
}

/** A press on a card whose question is over, or that was someone else's. */
export function lateFor(ctx: Context, questionId: string): Reply {
  const { last, question } = ctx.session;
  if (last?.id === questionId) {
    const outcomes = {
      done: alreadyTaken(),
      cancelled: { tone: 'info', title: line`这个操作已经取消，没有执行`, lines: [], outcome: '已取消' },
      dropped: {
        tone: 'info',
        title: line`这个问题已经被后来的命令取代，没有执行`,
        lines: [],
        hint: line`需要的话请把命令再发一次。`,
        outcome: '已失效',
      },
      replaced: { tone: 'info', title: line`标签库有变动，请看最新的那张卡片`, lines: [], outcome: '有变动' },
    } as const satisfies Record<string, Reply>;
    return outcomes[last.outcome];
  }
  const late = question?.id === questionId && isOver(question, ctx.message) ? OVER : '已经过期，或不是问你的';
  return expired(late);
}

const OVER = '已经过了 5 分钟';

/** What is said to a 确认 for which nothing waits any more. */
export function nothingToConfirm({ session: { last, question }, message }: Context): Reply {
  // What became of an older question says nothing of one that was asked since.
  if (question) return isOver(question, message) ? expired(OVER) : nothingOpen();
  return last?.outcome === 'done' ? alreadyTaken() : nothingOpen();
}

function nothingOpen(): Reply {
  return {
    tone: 'info',
    title: line`现在没有等待确认的操作`,
    lines: [],
    hint: line`可能已经过了 5 分钟，或被后来的命令取代了；请把命令再发一次。`,
  };
}

function expired(late: string): Reply {
  return {
    tone: 'info',
    title: line`这个操作${late}，没有执行`,
    lines: [],
    hint: line`需要的话请把命令再发一次。`,
    outcome: '已过期',
  };
}

/** 先别, where nothing is open: what has been done stays done until it is taken back. */
export function nothingWaits({ session, sentAt }: Context): Reply {
  const change = focusAt(session.focus, sentAt)?.change;
  return {
    tone: 'info',
    title: line`好的，现在没有在等你确认的事，这一句什么都没有改`,
    lines: change === undefined ? [] : [line`刚才已经改好的要退回去，发${code('撤销')}`],
    hint: line`想好了再告诉我就行`,
  };
}

/** What is said to a second press, a second 确认, or one that came too late. */
export function alreadyTaken(): Reply {
  return { tone: 'info', title: line`这个操作已经处理过了，没有重复执行`, lines: [], outcome: '已处理' };
}
