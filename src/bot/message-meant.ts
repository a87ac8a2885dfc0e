/** Which message is meant, in an answer that does nothing for it and may come long after it. */

import { parse } from '../command/parser.ts';
import type { Parsed } from '../command/reading.ts';
import { acts } from '../command/table/grammar.ts';
import { type IncomingMessage, wordsIn } from '../message.ts';
import { type Line, line, name } from '../reply/reply.ts';
import { isCommand } from './dialog/question.ts';
import type { Question } from './session.ts';

/** What would have been changed: the plan that `open` shows where the message confirms it, else the member's words. */
export function changeMeant(message: IncomingMessage, open: Question | undefined): Line | undefined {
  const parsed = message.kind === 'text' ? parse(message.text) : undefined;
  const confirms = message.kind === 'press' || (parsed !== undefined && isCommand(parsed, 'confirm'));
  if (confirms && open?.kind === 'confirm') return line`「确认」（${open.plan.title}）`;
  return parsed !== undefined && wouldAct(parsed) ? messageMeant(message) : undefined;
}

/** The member's words, or the plan that they confirm. */
export function messageMeant(message: IncomingMessage, open?: Question): Line {
  const words = wordsIn(message);
  return (open && changeMeant(message, open)) ?? (words === undefined ? [] : [name(words)]);
}

function wouldAct(parsed: Parsed): boolean {
  if (parsed.kind === 'batch') return true;
  if (parsed.kind !== 'sentence' && parsed.kind !== 'suggestion') return false;
  const [best] = parsed.readings;
  return best !== undefined && acts(best.command);
}
