/**
 * One message → what it may mean. Pure: the library is asked about names through `Known` alone.
 *
 *   arrival.ts   what of the message is the member's own words
 *   batch.ts     its lines: several orders, lists, pasted tables
 *   clauses.ts   the clauses of a line: orders, reasons, remarks, corrections, denials
 *   sentence.ts  one clause → readings, by the forms of the table (table/)
 *   reader.ts    how much of it is read
 *
 * docs/language.md follows a sentence through all of it.
 */

import { MOST_CHARACTERS, ownWords } from './arrival.ts';
import { readBatch } from './batch.ts';
import { readLine } from './clauses.ts';
import { type Known, NOTHING_KNOWN } from './known.ts';
import { Reader, TooMuch } from './reader.ts';
import { type Parsed, under } from './reading.ts';
import { heard } from './typo.ts';

/** Reads one message. Never throws; time is bounded for any input. */
export function parse(message: string, known: Known = NOTHING_KNOWN): Parsed {
  if (message.length > MOST_CHARACTERS) return tooLong(message);
  const text = closedUp(ownWords(message).trim());
  if (text === '') return { kind: 'nothing', nearest: ['help'] };
  const reader = new Reader(known);
  const read = (line: string): Parsed => readHeard(line, reader) ?? readLine(line, reader);
  try {
    return readBatch(text, read, reader) ?? read(text);
  } catch (error) {
    if (error instanceof TooMuch) return tooLong(message);
    throw error;
  }
}

function tooLong(message: string): Parsed {
  return { kind: 'too-long', length: [...message].length };
}

/** 金卡 还有银卡 is one list, as 金卡还有银卡 is; 还有把… begins another order. Quotes keep their spaces. */
function closedUp(text: string): string {
  return /["“”「」『』【】'‘’]/.test(text) ? text : text.replace(MORE_BEHIND_A_SPACE, '');
}

const MORE_BEHIND_A_SPACE =
  /(?<=[^\s,，、;；。])[ \u3000]+(?=(?:还有|還有|以及)(?!把|给|給|在|将|將|再|一?[个個]|没|沒|什么|哪)\S)/gu;

/** 天加标签儿钻石卡 with its words put right, unless it names something as it stands; what comes of it is shown first. */
function readHeard(line: string, reader: Reader): Parsed | undefined {
  const meant = heard(line);
  if (meant === undefined || reader.tag(line) || reader.group(line)) return undefined;
  return under({ careful: true }, readLine(meant, reader));
}
