/**
 * The whole story of one message, top to bottom. Read this first.
 *
 *   text, menu click   → parse → does it answer the open question? → does it refer to what was said before?
 *                      → resolve against the library → act
 *   card press         → the question that the card asked
 *   enter, subscribe   → welcome, at most once a day
 *   voice, image …     → what to do instead
 *   tag change         → the catalog reads anew
 *
 * Every message gets one answer; this is one of the two places that catch.
 */

import { ownWords } from '../command/arrival.ts';
import { askedIn } from '../command/asked.ts';
import { type Known, NOTHING_KNOWN } from '../command/known.ts';
import { parse } from '../command/parser.ts';
import type { Parsed } from '../command/reading.ts';
import { referenceIn } from '../command/reference.ts';
import { acts } from '../command/table/grammar.ts';
import { BotError, codeOf, explain } from '../errors.ts';
import type { IncomingMessage, IncomingOf, Outgoing, Turn } from '../message.ts';
import { readPress } from '../reply/card.ts';
import { line, nameList } from '../reply/reply.ts';
import { knownOf } from '../resolve/known.ts';
import type { BatchOrder, Order, OrderOf, Understanding } from '../resolve/order.ts';
import { resolve, resumed } from '../resolve/resolve.ts';
import type { ChangeRow, MessageRow } from '../store/store.ts';
import { EVERYTHING } from '../tags/catch-up.ts';
import { atOnce } from './at-once.ts';
import { attend, attendPlace, bearInMind } from './attend.ts';
import { confirmChange, makeChange } from './change/change.ts';
import { forgetOwner } from './change/ownership.ts';
import { mayAsk, mayAskAgain, mayReadOn, mayRun } from './change/permission.ts';
import { answerAsked } from './commands/answer-asked.ts';
import { askOrTell } from './commands/ask-or-tell.ts';
import { howToInstead, welcome } from './commands/guide.ts';
import { isLookup, replyTo, replyToBatch } from './commands/handlers.ts';
import { misses } from './commands/lookups.ts';
import { keepTold, toldBefore } from './commands/told-before.ts';
import { Context } from './context.ts';
import type { BotDeps } from './deps.ts';
import { again, cancelled, chosenOf, lateFor, leftUndone, nothingWaits, stillOpen } from './dialog/answer.ts';
import { askAgain } from './dialog/ask.ts';
import { answerTo, wantsNothing } from './dialog/question.ts';
import { failure } from './failure.ts';
import { focusAt } from './focus.ts';
import { parked, recover, tooOld } from './recovery.ts';
import { refer, whereLeftOff } from './reference/refer.ts';
import { closeQuestion, loadSession, type Page, type Question, type Session } from './session.ts';
import type { ShownPlan } from './shown-plan.ts';

export interface Bot {
  /** undefined: nothing to say. Throws nothing. */
  handle(message: IncomingMessage, turn: Turn): Promise<Outgoing | undefined>;
  /**
   * The answer where everything that it depends on is at hand, the member's place in the conversation kept; undefined when
   * `handle` must be asked. It goes back as the text that it is.
   */
  atOnce(message: IncomingMessage): Outgoing | undefined;
  /** What became of a message whose write a crash interrupted. Reads, never writes to the library. */
  recover(row: MessageRow, changes: readonly ChangeRow[]): Promise<Outgoing>;
  /** What is said of a message that is too old to be carried out after a restart. */
  tooOld(row: MessageRow): Outgoing;
  /** What is said of a message that is not tried any more because it has ended the process twice. */
  parked(row: MessageRow, changes: readonly ChangeRow[]): Promise<Outgoing>;
}

/** A library read longer ago than this is read again before a name is said not to exist. */
const FRESH_MS = 2_000;
/** A library that the app had no right to read is asked for again after so long, when it is where the member works. */
const REFUSED_MS = 1_000;

/** The bot of one company. What it remembers of a member is in the store; nothing has to be closed. */
export function createBot(deps: BotDeps): Bot {
  const { byHeart } = deps.store;
  return {
    handle: (message, turn) => handle(deps, message, turn),
    atOnce: (message) => byHeart && atOnce(deps, byHeart, message),
    recover: (row, changes) => recover(deps, row, changes),
    tooOld,
    parked: (row, changes) => parked(deps, row, changes),
  };
}

async function handle(deps: BotDeps, message: IncomingMessage, turn: Turn): Promise<Outgoing | undefined> {
  if (message.kind === 'tagChange') {
    deps.catalog.changed(message);
    await forgetOwner(deps, message);
    const library = message.strategyId === undefined ? EVERYTHING : String(message.strategyId);
    await deps.replicas
      .changed([library])
      .catch((error: unknown) => deps.log.warn({ code: codeOf(error) }, 'other replicas not told of a change'));
    return undefined;
  }
  let ctx: Context | undefined;
  try {
    ctx = new Context(deps, message, turn, await remembered(deps, message.member));
    return await answer(ctx, message);
  } catch (error) {
    return failure(deps, message, turn, ctx, error);
  }
}

/** Who cannot be remembered may still look things up; what would change anything is refused. */
async function remembered({ store, log }: BotDeps, member: string): Promise<Session | BotError> {
  try {
    return await loadSession(store, member);
  } catch (error) {
    if (!(error instanceof BotError) || error.kind === 'bug') throw error;
    log.warn({ member, code: error.code }, 'session not read');
    return error;
  }
}

async function answer(ctx: Context, message: IncomingMessage): Promise<Outgoing | undefined> {
  switch (message.kind) {
    case 'text':
      return await words(ctx, message.text);
    case 'click':
      return words(ctx, message.eventKey.replace(/^say:/, ''));
    case 'press':
      return press(ctx, message);
    case 'enter':
    case 'subscribe': {
      const reply = await welcome(ctx, message.kind);
      return reply && ctx.finish(reply);
    }
    case 'media':
      return ctx.finish(howToInstead(message.media));
    case 'tagChange':
    case 'other':
      return undefined;
  }
}

// -- words -------------------------------------------------------------------------------------------------------

async function words(ctx: Context, typed: string): Promise<Outgoing> {
  const text = ownWords(typed);
  if (!ctx.session.question) return fromWordsAlone(ctx, typed, text);
  const known = await knownTo(ctx);
  const parsed = parse(text, known);
  const { question } = ctx;
  if (!question) return hear(ctx, text, parsed);
  const answered = answerTo(question, text, parsed, known);
  switch (answered.kind) {
    case 'confirmed':
      return question.kind === 'confirm' ? confirmed(ctx, question.id, question.plan) : hear(ctx, text, parsed);
    case 'cancelled':
      ctx.command = 'cancel';
      return ctx.finish(await cancelled(ctx, question));
    case 'taken':
      return take(ctx, question, answered.indexes);
    case 'filled':
      ctx.session = closeQuestion(ctx.session, 'done');
      return understand(ctx, answered.parsed);
    case 'again':
      return question.kind === 'confirm' && pointsElsewhere(ctx, text)
        ? hearBeside(ctx, question, text, parsed)
        : ctx.finish(again(question, answered.why));
    case 'unrelated':
      return hearBeside(ctx, question, text, parsed);
  }
}

/** 删掉它 after a look at another tag speaks of that one, and not of the plan. */
function pointsElsewhere(ctx: Context, text: string): boolean {
  const focus = focusAt(ctx.session.focus, ctx.sentAt);
  return focus?.order?.command === 'tag.find' && /[它这那這]/.test(text);
}

/** No answer to the question: it is dropped, unless the text turns out to be an aside. */
function hearBeside(ctx: Context, question: Question, text: string, parsed: Parsed): Promise<Outgoing> {
  if (onlyLooksUp(question)) ctx.session = closeQuestion(ctx.session, 'dropped');
  else ctx.hold(question, leftUndone(question));
  return hear(ctx, text, parsed);
}

/** Which of several was looked for: whoever says something else does not want to know it any more. */
function onlyLooksUp(question: Question): boolean {
  return question.kind === 'choice' && !question.batch && question.options.every(({ order }) => isLookup(order));
}

/** What only asked or looked something up leaves the question open that was open before. */
function leaveOpen(ctx: Context): void {
  if (ctx.held) ctx.keepOpen(stillOpen(ctx.held));
}

/** Without a question the same words come to the same as before, unless they refer to something. */
async function fromWordsAlone(ctx: Context, typed: string, text: string): Promise<Outgoing> {
  const unread = await lookFor(ctx, () => parse(text));
  if (unread) return unread;
  const told = toldBefore(ctx, typed);
  if (told) {
    const denied = await mayRun(ctx, told.order);
    if (denied) return ctx.finish(denied);
    bearInMind(ctx, told.about);
    ctx.command = told.order.command;
    return ctx.tell(told.drawn);
  }
  const outgoing = await hear(ctx, text, parse(text, knownOf(ctx.view)));
  const { answeredLookup, about, refers } = ctx;
  if (answeredLookup && about && !refers) keepTold(ctx, typed, { ...answeredLookup, about });
  return outgoing;
}

/** What refers to the last exchange is made whole from it; anything else stands by itself. */
async function hear(ctx: Context, text: string, parsed: Parsed): Promise<Outgoing> {
  const unread = await lookFor(ctx, () => parsed);
  if (unread) return unread;
  const asked = askedIn(text);
  const answer = asked && answerAsked(ctx, asked);
  if (answer) {
    leaveOpen(ctx);
    return ctx.finish(answer);
  }
  const reference = referenceIn(text);
  ctx.refers = reference !== undefined;
  const referred = reference && (await refer(ctx, reference, parsed));
  switch (referred?.kind) {
    case undefined:
      if (!ctx.held && wantsNothing(text) && !knownOf(ctx.view).tag(text)) return ctx.finish(nothingWaits(ctx));
      return understand(ctx, whereLeftOff(ctx, parsed));
    case 'told':
      return ctx.finish(referred.reply);
    case 'undo':
      return takeBack(ctx, referred.ids);
    case 'understood':
      ctx.showFirst = referred.showFirst;
      return act(ctx, referred.understanding);
  }
}

async function confirmed(ctx: Context, id: string, shown: ShownPlan): Promise<Outgoing> {
  ctx.command = 'confirm';
  const reply = await confirmChange(ctx, id, shown);
  const { change } = shown;
  const last = change.kind === 'writes' ? change.writes.at(-1)?.write : undefined;
  if (ctx.changeId !== undefined) attend(ctx, (last as Order | undefined) ?? { command: 'undo' });
  return ctx.finish(reply);
}

async function takeBack(ctx: Context, ids: readonly number[]): Promise<Outgoing> {
  const reply = await makeChange(ctx, { kind: 'undo', ids });
  attend(ctx, { command: 'undo' });
  return ctx.finish(reply);
}

/** The library as the parser asks about it; nothing while it cannot be read, which whoever needs it will tell. */
async function knownTo(ctx: Context): Promise<Known> {
  try {
    await ctx.look();
  } catch (error) {
    if (error instanceof BotError) return NOTHING_KNOWN;
    throw error;
  }
  return knownOf(ctx.view);
}

async function understand(ctx: Context, parsed: Parsed): Promise<Outgoing> {
  await ctx.look();
  ctx.placeNamed = namesItsPlace(parsed);
  let understanding = resolve(parsed, ctx.view);
  const age = ctx.deps.ticks() - ctx.snapshot.library.readAt;
  if ((isMissingSomething(ctx, understanding) && age > FRESH_MS) || (ctx.lacksItsLibrary && age > REFUSED_MS)) {
    await ctx.lookAgain();
    understanding = resolve(parsed, ctx.view);
  }
  return act(ctx, understanding);
}

type Unread = OrderOf<'doctor'> | OrderOf<'me'> | OrderOf<'help'>;

/** The order of somebody who wants to know what is wrong; it must not fail of that. */
function withoutLibrary(parsed: Parsed): Unread | undefined {
  const [reading] = parsed.kind === 'sentence' ? parsed.readings : [];
  return reading?.command === 'doctor' || reading?.command === 'me' || reading?.command === 'help'
    ? reading
    : undefined;
}

/** Looks at the library. Where that fails, the answer to what can be answered all the same; throws for everything else. */
async function lookFor(ctx: Context, parsed: () => Parsed): Promise<Outgoing | undefined> {
  try {
    await ctx.look();
    return undefined;
  } catch (error) {
    const order = withoutLibrary(parsed());
    if (!order) throw error;
    await ctx.lookAtNothing();
    const { sentence, advice } = explain(error, { admin: ctx.botAdmin, now: ctx.deps.now() });
    if (order.command !== 'doctor') ctx.aside = line`（现在读不到标签：${sentence}${advice}）`;
    return run(ctx, order);
  }
}

function namesItsPlace(parsed: Parsed): boolean {
  if (parsed.kind === 'batch') return parsed.lines.every(({ rule }) => rule !== undefined);
  return parsed.kind === 'sentence' && parsed.rule !== undefined;
}

function isMissingSomething(ctx: Context, understanding: Understanding): boolean {
  if (understanding.kind === 'absent' || understanding.kind === 'noRuleGroup') return true;
  if (understanding.kind !== 'one') return false;
  const { order } = understanding;
  if (order.command === 'tag.find') return misses(ctx, order);
  return (order.command === 'tag.delete' || order.command === 'group.delete') && order.absent.length > 0;
}

async function act(ctx: Context, understanding: Understanding): Promise<Outgoing> {
  if ('first' in understanding && understanding.first) {
    ctx.showFirst = true;
    ctx.leftOut = understanding.first.leftOut;
  }
  if (understanding.kind === 'one') return run(ctx, understanding.order);
  if (understanding.kind === 'batch') return runAll(ctx, understanding.lines);
  const denied = await mayAsk(ctx, understanding, ctx.view);
  if (denied) return ctx.finish(denied);
  if (understanding.kind === 'slot') attendPlace(ctx, understanding.reading);
  if ('leftOut' in understanding && understanding.leftOut)
    ctx.aside = line`（${nameList(understanding.leftOut)}当作备注，没有照做）`;
  const reply = askOrTell(ctx, understanding);
  if (changesNothing(understanding)) leaveOpen(ctx);
  return ctx.finish(reply);
}

/** A question, or talk; not an order that came to nothing. */
function changesNothing(understanding: Understanding): boolean {
  if (understanding.kind === 'choice') return understanding.options.every(({ order }) => !acts(order.command));
  return understanding.kind === 'nothing' || (understanding.kind === 'refused' && understanding.why === 'question');
}

/** Carries out what was understood, whichever way it came: typed, chosen, pressed, or the next page of it. */
async function run(ctx: Context, order: Order, page = 1): Promise<Outgoing> {
  const { page: stopped } = ctx.session;
  ctx.command = order.command;
  if (order.command === 'more' && stopped) return goOn(ctx, stopped);
  const denied = await mayRun(ctx, order);
  if (denied) return ctx.finish(denied);
  const reply = await replyTo(ctx, order);
  if (!acts(order.command)) leaveOpen(ctx);
  attend(ctx, order);
  const drawn = ctx.draw(reply, isLookup(order) ? order : undefined, page);
  if (page === 1 && isLookup(order) && !(order.command === 'tag.find' && misses(ctx, order)))
    ctx.answeredLookup = { order, drawn };
  return ctx.tell(drawn, page);
}

async function goOn(ctx: Context, stopped: Page): Promise<Outgoing> {
  if (stopped.kind === 'again') return run(ctx, stopped.order, stopped.next);
  const denied = await mayReadOn(ctx, stopped.about);
  if (denied) return ctx.finish(denied);
  leaveOpen(ctx);
  return ctx.finish(stopped.reply, undefined, stopped.next);
}

async function runAll(ctx: Context, lines: readonly BatchOrder[]): Promise<Outgoing> {
  ctx.command = 'batch';
  for (const { number, order } of lines) {
    const denied = await mayRun(ctx, order);
    if (denied) return ctx.finish({ ...denied, title: line`第 ${number} 行：${denied.title}` });
  }
  const [first, second, ...more] = lines;
  if (first?.order.command === 'rule.switch' && second) {
    const { title } = await replyTo(ctx, first.order);
    ctx.aside = line`（${title}）`;
    const outgoing = await (more.length === 0 ? run(ctx, second.order) : runAll(ctx, [second, ...more]));
    // The same words switch again.
    ctx.answeredLookup = undefined;
    return outgoing;
  }
  const reply = await replyToBatch(ctx, lines);
  const last = lines.at(-1);
  if (last) attend(ctx, last.order);
  return ctx.finish(reply);
}

// -- answers to questions ------------------------------------------------------------------------------------------

async function press(ctx: Context, message: IncomingOf<'press'>): Promise<Outgoing> {
  const { questionId, action } = readPress(message);
  const { question } = ctx;
  if (question?.id !== questionId) return ctx.finish(lateFor(ctx, questionId));
  if (action === 'cancel') {
    ctx.command = 'cancel';
    return ctx.finish(await cancelled(ctx, question));
  }
  if (action !== 'confirm')
    return take(
      ctx,
      question,
      action.choices.map((key) => Number(key) - 1),
    );
  return question.kind === 'confirm'
    ? confirmed(ctx, question.id, question.plan)
    : ctx.finish(lateFor(ctx, questionId));
}

async function take(ctx: Context, question: Question, indexes: readonly number[]): Promise<Outgoing> {
  const chosen = chosenOf(question, indexes);
  if (!chosen && ctx.message.kind === 'press') return nothingChosen(ctx, question);
  if (!chosen) return ctx.finish(again(question, 'range'));
  ctx.outcome = `已选 ${chosen.label}`;
  if ('number' in chosen) return words(ctx, chosen.number);
  ctx.session = closeQuestion(ctx.session, 'done');
  await ctx.look();
  if ('order' in chosen && question.kind === 'choice' && question.batch)
    return act(ctx, resumed(question.batch, ctx.view, chosen.order));
  if ('order' in chosen) return run(ctx, chosen.order);
  if ('orders' in chosen) {
    return runAll(
      ctx,
      chosen.orders.map((order, at) => ({ number: at + 1, text: '', order })),
    );
  }
  const denied = await mayRun(ctx, { command: 'rule.switch', target: { id: chosen.library, name: chosen.label } });
  if (denied) return ctx.finish(denied);
  ctx.session = { ...ctx.session, libraryId: chosen.library };
  if (question.kind === 'library' && question.batch) return act(ctx, resumed(question.batch, ctx.view));
  return understand(ctx, { kind: 'sentence', readings: [chosen.reading] });
}

/** A card sent off with nothing chosen is put anew, as far as its options may still be read. */
async function nothingChosen(ctx: Context, question: Question): Promise<Outgoing> {
  await ctx.look();
  if (question.kind === 'choice' || question.kind === 'pick') {
    const denied = await mayAskAgain(ctx, question.options);
    return ctx.finish(denied ?? askAgain(ctx, question, line`还没有选，请选好再点一次`));
  }
  ctx.outcome = '请看新的';
  return 'reading' in question
    ? understand(ctx, { kind: 'sentence', readings: [question.reading] })
    : ctx.finish(again(question, 'range'));
}
