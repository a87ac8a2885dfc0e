/**
 * One message → what it may mean. Pure: the library is asked about names through `Known` alone.
 *
 *   arrival.ts   what of the message is the member's own words
 *   batch.ts     its lines: several orders, lists, pasted tables
 *   clauses.ts   the clauses of a line: orders, reasons, remarks, corrections, denials
 *   sentence.ts  one clause → readings, by the forms of the table (table/)
 *
 * docs/language.md follows a sentence through all of it.
 */

import { MOST_CHARACTERS, ownWords } from './arrival.ts';
import { readBatch } from './batch.ts';
import { readLine } from './clauses.ts';
import { type Known, NOTHING_KNOWN } from './known.ts';
import type { Parsed } from './reading.ts';
import { tidy } from './tokens.ts';

/** Reads one message. Never throws; time is bounded for any input. */
export function parse(message: string, known: Known = NOTHING_KNOWN): Parsed {
  if (message.length > MOST_CHARACTERS) return { kind: 'too-long', length: [...message].length };
  const text = tidy(ownWords(message));
  if (text === '') return { kind: 'nothing', nearest: ['help'] };
  const read = (line: string): Parsed => readLine(line, known);
  return readBatch(text, read) ?? read(text);
}
