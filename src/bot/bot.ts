/**
 * The whole story of one message, top to bottom. Read this first.
 *
 *   text, menu click   → parse → does it answer the open question? → resolve against the library → act
 *   card press         → the question that the card asked
 *   enter, subscribe   → welcome, at most once a day
 *   voice, image …     → what to do instead
 *   tag change         → the catalog reads anew
 *
 * Every message gets one answer; this is one of the two places that catch.
 */

import { commandRow } from '../command/grammar.ts';
import type { CommandId, Parsed } from '../command/intent.ts';
import { parse } from '../command/parser.ts';
import { BotError, codeOf, explain } from '../errors.ts';
import type { IncomingMessage, IncomingOf, Outgoing, Turn } from '../message.ts';
import { readPress } from '../reply/card.ts';
import { type Line, line, name, type Reply } from '../reply/reply.ts';
import type { ChangeRow, MessageRow } from '../store/store.ts';
import { again, cancelled, chosenOf, lateFor } from './answering.ts';
import { Answers } from './answers.ts';
import { askAgain, askRuleGroup, askSlot, notThere, offer } from './asking.ts';
import { refusal } from './authority.ts';
import { change, confirmed, type Shown } from './confirmation.ts';
import { type BotDeps, Context } from './context.ts';
import { howToInstead, nothingUnderstood, refusedToGuess, welcome } from './guide.ts';
import { createHandlers, isLookup, type RangeOf, writeOf } from './handlers.ts';
import { findsNothing, noRuleGroup } from './lookups.ts';
import { isBotAdmin } from './permissions.ts';
import { answerTo, type OpenQuestion } from './question.ts';
import { recover, tooOld } from './recovery.ts';
import { resolve } from './resolve.ts';
import type { Resolution, Resolved } from './resolved.ts';
import { closeQuestion, loadSession, openQuestion, type Page } from './session.ts';

export interface Bot {
  /** undefined: nothing to say. Throws nothing. */
  handle(message: IncomingMessage, turn: Turn): Promise<Outgoing | undefined>;
  /** What became of a message whose write a crash interrupted. Reads, never writes to the library. */
  recover(row: MessageRow, changes: readonly ChangeRow[]): Promise<Outgoing>;
  /** What is said of a message that is too old to be carried out after a restart. */
  tooOld(row: MessageRow): Outgoing;
}

export type { BotDeps };

/** A library read longer ago than this is read again before a name is said not to exist. */
const FRESH_MS = 2_000;

export function createBot(deps: BotDeps & { readonly rangeOf: RangeOf }): Bot {
  const { log, now } = deps;
  const handlers = createHandlers(deps.rangeOf);
  const answers = new Answers();

  async function handle(message: IncomingMessage, turn: Turn): Promise<Outgoing | undefined> {
    if (message.kind === 'tagChange') {
      deps.catalog.changed(message);
      return undefined;
    }
    let ctx: Context | undefined;
    try {
      ctx = new Context(deps, message, turn, await loadSession(deps.store, message.member));
      return await answer(ctx, message);
    } catch (error) {
      return failure(message, ctx, error);
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

  // -- words -----------------------------------------------------------------------------------------------------

  async function words(ctx: Context, text: string): Promise<Outgoing> {
    const open = openQuestion(ctx.session, now);
    if (!open) return await lookedUpBefore(ctx, text);
    const parsed = parse(text);
    const answered = answerTo(open, text, parsed);
    switch (answered.kind) {
      case 'confirmed':
        return open.kind === 'confirm'
          ? ctx.finish(await confirmed(ctx, open.id, open.plan as Shown))
          : understand(ctx, parsed);
      case 'cancelled':
        return ctx.finish(await cancelled(ctx, open));
      case 'taken':
        return take(ctx, open, answered.indexes);
      case 'filled':
        ctx.session = closeQuestion(ctx.session, 'done');
        return understand(ctx, answered.parsed);
      case 'again':
        return ctx.finish(again(open, answered.why));
      case 'unrelated':
        ctx.session = closeQuestion(ctx.session, 'dropped');
        if (open.kind === 'confirm') ctx.aside = line`（刚才等你确认的那一步没有执行，需要的话请再发一次）`;
        return understand(ctx, parsed);
    }
  }

  /** What was answered to the same words a moment ago, while the library is as it was; otherwise the long way. */
  async function lookedUpBefore(ctx: Context, text: string): Promise<Outgoing> {
    await ctx.look();
    const known = answers.find(ctx, text);
    if (known) return await ctx.again(known);
    const parsed = parse(text);
    const outgoing = await understand(ctx, parsed);
    if (ctx.lookedUp) answers.keep(ctx, text, ctx.lookedUp);
    return outgoing;
  }

  async function understand(ctx: Context, parsed: Parsed): Promise<Outgoing> {
    await ctx.look();
    let resolution = resolveFor(ctx, parsed, false);
    if (isMissingSomething(ctx, resolution) && now() - ctx.snapshot.library.readAt > FRESH_MS) {
      await ctx.lookAgain();
      resolution = resolveFor(ctx, parsed, true);
    }
    return act(ctx, resolution);
  }

  function resolveFor(ctx: Context, parsed: Parsed, fresh: boolean): Resolution {
    const { library, index } = ctx.snapshot;
    return resolve(parsed, {
      library,
      strategyId: ctx.strategyId,
      readable: ctx.rights.readable,
      fresh,
      search: index,
    });
  }

  function isMissingSomething(ctx: Context, resolution: Resolution): boolean {
    if (resolution.kind === 'absent' || resolution.kind === 'noRuleGroup') return true;
    if (resolution.kind !== 'one') return false;
    const { resolved } = resolution;
    if (resolved.command === 'tag.find') return findsNothing(ctx, resolved);
    return (resolved.command === 'tag.delete' || resolved.command === 'group.delete') && resolved.absent.length > 0;
  }

  async function act(ctx: Context, resolution: Resolution): Promise<Outgoing> {
    // Whoever may change nothing is not asked what to change.
    const command = commandAsked(resolution);
    if (command && commandRow(command).right === 'edit' && ctx.rights.editable.size === 0)
      return ctx.finish(await refusal(ctx, ctx.strategyId, '改这个规则组的标签'));
    switch (resolution.kind) {
      case 'one':
        return run(ctx, resolution.resolved);
      case 'batch':
        return ctx.finish(await batch(ctx, resolution.lines));
      case 'choice':
        return ctx.finish(offer(ctx, { tone: 'ask', title: resolution.asked, lines: [] }, resolution.options));
      case 'slot':
        return ctx.finish(askSlot(ctx, resolution.slot, resolution.intent, resolution.asked, resolution.examples));
      case 'chooseRuleGroup':
        return ctx.finish(askRuleGroup(ctx, resolution.options, resolution.intent));
      case 'noRuleGroup':
        return ctx.finish(noRuleGroup(ctx));
      case 'absent':
        return ctx.finish(notThere(ctx, resolution));
      case 'suggestion':
        return ctx.finish(
          offer(
            ctx,
            {
              tone: 'ask',
              title: line`${name(resolution.wrote)}是不是${name(resolution.meant)}?`,
              lines: [line`还没有执行。回复 1 或「好」就按这个来。`],
            },
            [{ label: resolution.meant, resolved: resolution.resolved }],
          ),
        );
      case 'invalid':
        return ctx.finish({
          tone: 'warn',
          title: resolution.title,
          lines: resolution.lines,
          ...(resolution.hint ? { hint: resolution.hint } : {}),
        });
      case 'refused':
        return ctx.finish(refusedToGuess(ctx, resolution));
      case 'unclear':
        return ctx.finish({
          tone: 'warn',
          title: line`第 ${resolution.number} 行没看懂：${name(resolution.text)}`,
          lines: [],
          hint: line`整批都没有执行。改好这一行再发，或去掉它。`,
        });
      case 'nothing':
        return ctx.finish(nothingUnderstood(ctx, resolution.nearest));
    }
  }

  async function run(ctx: Context, resolved: Resolved, page = 1): Promise<Outgoing> {
    if (resolved.command === 'more' && ctx.session.page) return nextPage(ctx, ctx.session.page);
    const denied = await withoutRight(ctx, resolved);
    if (denied) return ctx.finish(denied);
    // The table is typed per command; the union on both sides is what TypeScript cannot correlate.
    const handler = handlers[resolved.command] as (ctx: Context, resolved: Resolved) => Reply | Promise<Reply>;
    const reply = await handler(ctx, resolved);
    const outgoing = await ctx.finish(reply, isLookup(resolved) ? resolved : undefined, page);
    // A name that is not there is looked for in the library itself, every time.
    const found = resolved.command !== 'tag.find' || !findsNothing(ctx, resolved);
    if (page === 1 && found && !reply.question) ctx.lookedUp = { resolved, outgoing, page: ctx.page };
    return outgoing;
  }

  async function nextPage(ctx: Context, page: Page): Promise<Outgoing> {
    return page.kind === 'kept' ? ctx.finish(page.reply, undefined, page.next) : run(ctx, page.resolved, page.next);
  }

  async function batch(ctx: Context, lines: Extract<Resolution, { kind: 'batch' }>['lines']): Promise<Reply> {
    const writes = lines.flatMap(({ number, resolved }) => {
      const write = writeOf(resolved);
      return write ? [{ line: number, write }] : [];
    });
    if (writes.length === lines.length) return change(ctx, { kind: 'writes', writes });
    if (writes.length > 0) {
      const others = lines.filter(({ resolved }) => !writeOf(resolved));
      return {
        tone: 'warn',
        title: line`改动和查询请分开发`,
        lines: others.slice(0, 5).map(({ number, text }) => line`第 ${number} 行不是改动：${name(text)}`),
        hint: line`什么都没有改。`,
      };
    }
    const answers: Line[] = [];
    for (const { number, resolved } of lines) {
      if (!isLookup(resolved)) {
        answers.push(line`${number}. 这一条请单独发`);
        continue;
      }
      const handler = handlers[resolved.command] as (ctx: Context, resolved: Resolved) => Reply | Promise<Reply>;
      const reply = await handler(ctx, resolved);
      answers.push(line`${number}. ${reply.title}`, ...reply.lines);
    }
    return { tone: 'info', title: line`${lines.length} 条查询的结果`, lines: answers };
  }

  /** Rights for what is not a tag write (those are checked with their plan). Nothing is called without the right. */
  async function withoutRight(ctx: Context, resolved: Resolved): Promise<Reply | undefined> {
    switch (resolved.command) {
      case 'rule.create':
      case 'rule.delete':
        return ctx.botAdmin ? undefined : refusal(ctx, undefined, '新建和删除规则组');
      case 'rule.rename':
      case 'rule.admins':
      case 'rule.range':
        return ctx.rights.can('admin', resolved.target.id)
          ? undefined
          : refusal(ctx, resolved.target.id, '改规则组的设置');
      case 'tag.list':
      case 'tag.find':
      case 'group.list':
      case 'rule.list':
      case 'stats':
      case 'export':
        return ctx.rights.readable.size > 0 || resolved.command === 'rule.list' ? undefined : noRuleGroup(ctx);
      default:
        return undefined;
    }
  }

  // -- answers to questions --------------------------------------------------------------------------------------

  async function press(ctx: Context, message: IncomingOf<'press'>): Promise<Outgoing> {
    const { questionId, action } = readPress(message);
    const open = openQuestion(ctx.session, now);
    if (open?.id !== questionId) return ctx.finish(lateFor(ctx, questionId));
    if (action === 'cancel') return ctx.finish(await cancelled(ctx, open));
    if (action !== 'confirm')
      return take(
        ctx,
        open,
        action.choices.map((key) => Number(key) - 1),
      );
    return ctx.finish(
      open.kind === 'confirm' ? await confirmed(ctx, open.id, open.plan as Shown) : lateFor(ctx, questionId),
    );
  }

  async function take(ctx: Context, open: OpenQuestion, indexes: readonly number[]): Promise<Outgoing> {
    const chosen = chosenOf(open, indexes);
    if (!chosen && ctx.message.kind === 'press') return ctx.finish(askAgain(ctx, open, line`还没有选，请选好再点一次`));
    if (!chosen) return ctx.finish(again(open, 'range'));
    ctx.fate = `已选 ${chosen.label}`;
    if ('number' in chosen) return words(ctx, chosen.number);
    ctx.session = closeQuestion(ctx.session, 'done');
    await ctx.look();
    if ('resolved' in chosen) return run(ctx, chosen.resolved);
    ctx.session = { ...ctx.session, strategyId: chosen.ruleGroup };
    return understand(ctx, { kind: 'sentence', readings: [chosen.intent] });
  }

  // -- failures --------------------------------------------------------------------------------------------------

  /** The reason in words. `ctx` is missing when not even the session could be read. */
  async function failure(
    message: IncomingMessage,
    ctx: Context | undefined,
    error: unknown,
  ): Promise<Outgoing | undefined> {
    const known = error instanceof BotError ? error : undefined;
    const { member, key } = message;
    const fields = { member, key, code: codeOf(error), ...(known?.facts ?? {}) };
    if (!known || known.kind === 'bug') log.error({ ...fields, err: error }, 'message failed');
    else log.warn(fields, 'message failed');
    // Another replica has this very message in hand and will answer it.
    if (known?.code === 'store.taken') return undefined;
    const admin = isBotAdmin(deps.access, member);
    const { sentence, advice } = explain(error, { admin, now: now() });
    const bare: Outgoing = {
      text: `${sentence}\n${advice}`,
      ...(message.kind === 'press' ? { update: { kind: 'button', replaceName: '没有做成' } } : {}),
    };
    if (!ctx) return bare;
    try {
      return await ctx.finish({ tone: 'error', title: [sentence], lines: [], hint: [advice], fate: '没有做成' });
    } catch {
      return bare;
    }
  }

  return { handle, recover: (row, changes) => recover(deps, row, changes), tooOld };
}

/** What the member is about to be asked something for; undefined when nothing is asked. */
function commandAsked(resolution: Resolution): CommandId | undefined {
  switch (resolution.kind) {
    case 'slot':
    case 'chooseRuleGroup':
      return resolution.intent.command;
    case 'suggestion':
      return resolution.resolved.command;
    case 'choice':
      return resolution.options[0]?.resolved.command;
    case 'absent':
      return resolution.nearest[0]?.resolved.command;
    default:
      return undefined;
  }
}
