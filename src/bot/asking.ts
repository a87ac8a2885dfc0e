/** Questions with numbered options and missing slots: put into the session, drawn as a card or as numbered lines. */

import type { Intent } from '../command/intent.ts';
import { line, name, type Reply } from '../reply/reply.ts';
import type { Context } from './context.ts';
import type { Option } from './question.ts';
import type { MissingSlot, RuleRef } from './resolved.ts';

const QUESTION_MS = 5 * 60_000;
/** WeCom's button_selection and 数字 both end at ten. */
const MAX_OPTIONS = 10;
const CANCEL_HINT = line`不需要就不用理会，直接发别的命令`;

/** Asks which of several is meant; `reply` says why. */
export function offer(ctx: Context, reply: Reply, options: readonly Option[]): Reply {
  const few = options.slice(0, MAX_OPTIONS);
  const id = ctx.deps.newId();
  ctx.session = {
    ...ctx.session,
    question: { id, kind: 'choice', expiresAt: ctx.deps.now() + QUESTION_MS, options: few },
  };
  return {
    ...reply,
    tone: 'ask',
    question: {
      id,
      kind: 'choice',
      choices: few.map((option, i) => ({
        key: String(i + 1),
        label: option.label,
        ...(option.detail === undefined ? {} : { detail: option.detail }),
      })),
    },
  };
}

export function askSlot(
  ctx: Context,
  slot: MissingSlot,
  intent: Intent,
  asked: Reply['title'],
  examples: readonly string[],
): Reply {
  const id = ctx.deps.newId();
  ctx.session = {
    ...ctx.session,
    question: { id, kind: 'slot', expiresAt: ctx.deps.now() + QUESTION_MS, slot, intent, examples },
  };
  return {
    tone: 'ask',
    title: asked,
    lines: examples.length > 0 ? [line`可以直接回复，例如：${examples.slice(0, MAX_OPTIONS).join('、')}`] : [],
    hint: CANCEL_HINT,
    question: { id, kind: 'slot', choices: [] },
  };
}

export function askRuleGroup(ctx: Context, options: readonly RuleRef[], intent: Intent): Reply {
  const few = options.slice(0, MAX_OPTIONS);
  const id = ctx.deps.newId();
  ctx.session = {
    ...ctx.session,
    question: { id, kind: 'ruleGroup', expiresAt: ctx.deps.now() + QUESTION_MS, options: few, intent },
  };
  return {
    tone: 'ask',
    title: line`你要在哪个规则组里操作？`,
    lines: [],
    hint: line`选过以后会记住，发「规则组 切换 名称」可以再换`,
    question: { id, kind: 'choice', choices: few.map((option, i) => ({ key: String(i + 1), label: option.name })) },
  };
}

export function absent(what: 'tag' | 'group' | 'ruleGroup', absentName: string): Reply['title'] {
  const kinds = { tag: '标签', group: '标签组', ruleGroup: '规则组' } as const;
  return line`没有找到${kinds[what]} ${name(absentName)}`;
}
