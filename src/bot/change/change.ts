/**
 * How a change comes about: plan from a fresh read → ask where it must be asked → check again → journal → apply → tell.
 * The only place that writes to the library.
 */

import { BotError, codeOf } from '../../errors.ts';
import { type Line, line, nameList, quiet, type Reply, strong } from '../../reply/reply.ts';
import type { NewChange } from '../../store/store.ts';
import type { Still } from '../../tags/change/carry-out.ts';
import type { StepOutcome } from '../../tags/change/outcome.ts';
import { fingerprint, libraryOf, namesOf } from '../../tags/change/plan.ts';
import type { Plan, Step } from '../../tags/change/step.ts';
import { CORP_LIBRARY } from '../../tags/library.ts';
import type { Context } from '../context.ts';
import { alreadyTaken } from '../dialog/answer.ts';
import { wait } from '../dialog/ask.ts';
import { closeQuestion } from '../session.ts';
import type { Change, ShownPlan } from '../shown-plan.ts';
import { askTitle, MANY_STEPS, mustAsk } from './asking.ts';
import { conclude } from './concluding.ts';
import { changeState } from './journal.ts';
import { learnOwners, ownershipLines, ownershipOf } from './ownership.ts';
import { namesFor } from './people.ts';
import { mayMake, mayWrite } from './permission.ts';
import { librariesConcerned, planFor, underPresentNames } from './replan.ts';
import { type TakenBack, takenBack } from './taken-back.ts';
import {
  consequences,
  done,
  intended,
  isQuotaShort,
  noteLine,
  numberedLine,
  outcomeLine,
  problemLines,
  quotaLine,
} from './wording.ts';

/** Carries a change out or asks first, whichever its plan demands. Throws BotError when the library cannot be read. */
export async function makeChange(ctx: Context, change: Change): Promise<Reply> {
  return inOrder(ctx, change, async (prepared, still) => {
    if ('refusal' in prepared) return prepared.refusal;
    const { plan } = prepared;
    const inVain = (await ownershipOf(ctx, plan.steps)).foreign.length > 0;
    return ctx.showFirst || inVain || mustAsk(plan, change, await undone(ctx, change))
      ? ask(ctx, change, plan)
      : apply(ctx, change, plan, still);
  });
}

/** 确认: rights and library are checked again; a plan that has changed is shown anew instead of being carried out. */
export async function confirmChange(ctx: Context, questionId: string, shown: ShownPlan): Promise<Reply> {
  return inOrder(ctx, shown.change, async (first, still) => {
    const change = 'renamed' in first ? underPresentNames(shown.change, ctx.snapshot.library) : shown.change;
    const prepared = 'renamed' in first ? await prepare(ctx, change) : first;
    if ('refusal' in prepared) {
      ctx.session = closeQuestion(ctx.session, 'dropped');
      return { ...prepared.refusal, outcome: '未执行' };
    }
    if (fingerprint(prepared.plan) !== shown.fingerprint) {
      ctx.session = closeQuestion(ctx.session, 'replaced');
      const reply = await ask(ctx, change, prepared.plan, line`标签库刚刚有变动，请看过新的计划再确认`);
      return { ...reply, outcome: '有变动' };
    }
    try {
      return await apply(ctx, shown.change, prepared.plan, still, questionId);
    } catch (error) {
      if (!(error instanceof BotError) || error.code !== 'store.question-taken') throw error;
      ctx.session = closeQuestion(ctx.session, 'done');
      return alreadyTaken();
    }
  });
}

type Prepared =
  | { readonly plan: Plan }
  | { readonly refusal: Reply }
  /** What the change is about bears another name by now. */
  | { readonly refusal: Reply; readonly renamed: true };

/** Rights before anything is called, then the plan from a fresh read while no other write comes between, then its rights. */
async function inOrder(
  ctx: Context,
  change: Change,
  work: (prepared: Prepared, still: Still) => Promise<Reply>,
): Promise<Reply> {
  if (ctx.forgotten) throw ctx.forgotten;
  const { library } = await ctx.look();
  const denied = await mayMake(ctx, change);
  if (denied) return work({ refusal: denied }, async () => {});
  const ids = await librariesConcerned(ctx, change, library);
  return ctx.deps.service.exclusively(ids, async (still) => work(await prepare(ctx, change), still));
}

async function prepare(ctx: Context, change: Change): Promise<Prepared> {
  const planned = await planFor(ctx, change);
  if (planned.kind === 'problem') {
    const { title, hint } = problemLines(planned.problem);
    const at = planned.problem.line;
    const refusal: Reply = {
      tone: 'warn',
      title: at === undefined ? title : line`第 ${at} 行：${title}`,
      lines: [],
      hint,
    };
    return planned.problem.problem === 'renamed' ? { refusal, renamed: true } : { refusal };
  }
  if (planned.plan.steps.length === 0) return { refusal: nothingToDo(planned.plan) };
  const denied = await mayWrite(ctx, planned.plan);
  return denied ? { refusal: denied } : planned;
}

async function undone(ctx: Context, change: Change): Promise<TakenBack | undefined> {
  return change.kind === 'undo' ? takenBack(ctx, change.ids) : undefined;
}

async function ask(ctx: Context, change: Change, plan: Plan, because?: Line): Promise<Reply> {
  const names = await namesFor(ctx, plan.steps);
  const title = askTitle(plan, await undone(ctx, change), !ctx.showFirst);
  const shown: ShownPlan = { change, fingerprint: fingerprint(plan), title };
  const id = wait(ctx, { kind: 'confirm', plan: shown });
  return {
    tone: 'ask',
    title: because ?? title,
    lines: [
      ...plan.steps.map((step) => numberedLine(step, [...intended(step, names), ...inItsLibrary(ctx, plan, step)])),
      ...elsewhere(ctx, plan),
      ...leftOutLines(ctx),
      ...plan.notes.map(noteLine),
      ...consequences(plan.steps),
      ...ownershipLines(await ownershipOf(ctx, plan.steps)),
    ],
    hint: line`5 分钟内有效，只有你能确认`,
    question: {
      id,
      kind: 'confirm',
      choices: [],
      confirmLabel: plan.destroys ? '确认删除' : '确认',
      ...(plan.destroys ? { destructive: true } : {}),
    },
  };
}

/** Where it lands, when that is not what the member has chosen and there is more than one place. */
function elsewhere(ctx: Context, { libraryIds }: Plan): Line[] {
  if (libraryIds.every((id) => id === ctx.chosenLibrary) || ctx.rights.readable.size === 1) return [];
  const { library } = ctx.snapshot;
  const names = libraryIds.filter((id) => id !== 'corp').map((id) => library.libraryName(id));
  const ruleGroups = names.length === 0 ? [] : line`规则组${nameList(names)}`;
  if (!libraryIds.includes('corp')) return [line`在${ruleGroups}`];
  return [names.length === 0 ? line`在${CORP_LIBRARY}` : line`在${CORP_LIBRARY}和${ruleGroups}`];
}

/** Of a plan for several libraries, where each step belongs: groups of equal names are in more than one. */
function inItsLibrary(ctx: Context, { libraryIds }: Plan, step: Step): Line {
  const id = libraryOf(step);
  return libraryIds.length < 2 || id === undefined ? [] : [quiet(`（${ctx.snapshot.library.libraryName(id)}）`)];
}

function leftOutLines({ leftOut }: Context): Line[] {
  return leftOut.length === 0 ? [] : [line`${nameList(leftOut)}当作备注，没有放进名字`];
}

/** `question`: the one that is taken by this, in one transaction with the intent, so that it is carried out once. */
async function apply(ctx: Context, change: Change, plan: Plan, still: Still, question?: string): Promise<Reply> {
  const { store, service, now, metrics, log } = ctx.deps;
  const intent: NewChange = {
    member: ctx.member,
    messageKey: ctx.message.key,
    at: now(),
    libraries: plan.libraryIds.map((libraryId) => ({
      libraryId,
      names: namesOf(plan.steps.filter((step) => libraryOf(step) === libraryId)).join('\n'),
    })),
    names: namesOf(plan.steps).join('\n'),
    plan: JSON.stringify(plan.steps),
    undoes: change.kind === 'undo' ? change.ids[0] : undefined,
  };
  await still();
  const id = await ctx.turn.keepWith((unkept) => store.intend(intent, unkept, question));
  ctx.intended = true;
  ctx.changeId = id;
  // In this order: a question that was closed before could never be answered again when the journal cannot be written.
  if (question !== undefined) ctx.session = closeQuestion(ctx.session, 'done');
  if (plan.steps.length > MANY_STEPS) {
    await ctx.turn.announce(
      await ctx.finish({
        tone: 'info',
        title: line`开始执行，共 ${plan.steps.length} 步，完成后告诉你结果`,
        lines: [],
      }),
    );
  }
  const concluded = async (known: readonly StepOutcome[]) => {
    const end = () => conclude(ctx.deps, { id, libraryIds: plan.libraryIds }, plan.steps, known);
    await end().catch((error: unknown) => {
      // The platform has done it; a restart finds the change begun and tells its outcome from a re-read. Unless it was
      // concluded by whoever took the message over from a replica that seemed to be gone.
      if (codeOf(error) !== 'store.concluded') ctx.turn.unconcluded(end);
      log.error({ change: id, code: codeOf(error) }, 'journal not concluded');
    });
    await learnOwners(ctx, plan.steps, known);
  };
  const outcomes = await service.apply(plan, concluded, still);
  for (const outcome of outcomes) metrics.write(outcome.state);
  const steps = plan.steps.map((step) => step.do);
  log.info({ change: id, member: ctx.member, state: changeState(outcomes), steps }, 'change carried out');
  return tell(ctx, id, change, plan, outcomes);
}

async function tell(
  ctx: Context,
  id: number,
  change: Change,
  plan: Plan,
  outcomes: readonly StepOutcome[],
): Promise<Reply> {
  const names = await namesFor(ctx, plan.steps);
  const library = ctx.deps.catalog.peek()?.library;
  const at = ctx.deps.now();
  const [only] = outcomes;
  const single =
    outcomes.length === 1 && only?.state === 'done' ? done(plan.steps[0] as Step, only, library, names) : undefined;
  const lines: Line[] = plan.steps.map((step, i) =>
    numberedLine(step, [
      ...outcomeLine(step, outcomes[i] as StepOutcome, library, names, ctx.botAdmin, at),
      ...inItsLibrary(ctx, plan, step),
    ]),
  );
  const okay = outcomes.filter((outcome) => outcome.state === 'done').length;
  const state = changeState(outcomes);
  const onCard = {
    done: plan.destroys ? '已删除' : '已完成',
    partial: '部分完成',
    failed: '没有做成',
    unknown: '结果不确定',
  } as const;
  const titles = {
    done: single ?? line`${strong(okay)} 步全部成功`,
    partial: line`${strong(okay)} 步成功，${strong(outcomes.length - okay)} 步没有做成`,
    failed: line`没有做成`,
    unknown: line`有的步骤结果不确定`,
  } as const;
  const takesBack =
    change.kind === 'undo' ? line`${state === 'done' ? '已撤销' : '撤销'} ${change.ids.join('、')}：` : [];
  return {
    tone: state === 'done' ? 'done' : state === 'failed' ? 'error' : 'warn',
    title: [...takesBack, ...titles[state]],
    lines: [
      ...(single ? [] : lines),
      ...elsewhere(ctx, plan),
      ...plan.notes.map(noteLine),
      ...quotaLines(ctx, outcomes, plan.steps),
    ],
    ...(state === 'done' || state === 'partial' ? undoHint(id, change, plan) : {}),
    outcome: onCard[state],
  };
}

/** Promises no more than an undo can keep. */
function undoHint(id: number, change: Change, plan: Plan): { readonly hint?: Line } {
  if (plan.steps.some((step) => step.do === 'deleteRule')) return {};
  const say = change.kind === 'undo' ? `撤销 ${id}` : '撤销';
  return plan.destroys
    ? { hint: line`改动编号 ${id}，回复「${say}」可以重建同名标签（客户要重新打）` }
    : { hint: line`改动编号 ${id}，回复「${say}」可以撤回` };
}

/** How much of the quota is used, where an addition brings it near its end or has met it (errcode 40126). */
function quotaLines(ctx: Context, outcomes: readonly StepOutcome[], steps: readonly Step[]): Line[] {
  const library = ctx.deps.catalog.peek()?.library;
  const met = outcomes.some((outcome) => outcome.state === 'failed' && outcome.error.errcode === 40126);
  const added = steps.some((step, i) => step.do === 'addTags' && outcomes[i]?.state === 'done');
  if (!library || !(met || (added && isQuotaShort(library.tagCount)))) return [];
  return [quotaLine(library.tagCount, ctx.rights.readsAll)];
}

function nothingToDo(plan: Plan): Reply {
  return { tone: 'info', title: line`没有需要改的`, lines: plan.notes.map(noteLine), outcome: '无需执行' };
}
