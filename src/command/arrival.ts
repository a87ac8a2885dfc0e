/**
 * What of a message the member has written himself, before anything reads it: without what cannot be seen, without a
 * quotation he answers to, without signatures and the codes of built-in emoticons.
 */

import { EMOTICON } from './courtesy.ts';

/** A longer message is refused with its length rather than read in part. */
export const MOST_CHARACTERS = 20_000;

const BIDI_AND_BLANK = /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]/gu;
/** Joiners hold emoji together and are invisible anywhere else. */
const STRAY_JOINER =
  /(?<!\p{Extended_Pictographic}|\ufe0f|[\u{1f3fb}-\u{1f3ff}])[\u200c\u200d]|[\u200c\u200d](?!\p{Extended_Pictographic})/gu;

/** 「谁：…」 and a line of dashes: what WeCom puts in front of an answer to a message. */
const QUOTATION = /^\s*「[^\n」]{0,40}[:：][\s\S]*?」\s*\n[\s\-—–－_]{5,}\n/u;
const SIGNATURE = /\n[ \t]*(?:发自我的|来自我的|sent from my)[^\n]{0,30}$/iu;
const MENTION = /^\s*@[^\s@]{0,8}(?:助手|机器人|bot)[\s\u2005]+(?=\S)/iu;

/** At the end of a line, or with nothing but another one beside it: elsewhere brackets may belong to a name. */
const EMOTICON_AT_END = new RegExp(`(?:\\s*${EMOTICON})+(?=\\s*(?:$|\\n|[,，。！!？?；;]))`, 'giu');
const EMOTICON_WITHIN = new RegExp(`${EMOTICON}+`, 'giu');
const ANY_LETTER = /[\p{L}\p{N}]/u;

/** Many signs in a row say no more than some, and many spaces no more than one; in a short text these may belong to a name. */
function squeezed(text: string): string {
  const some = text.replace(SIGNS_IN_A_ROW, (signs) => signs.slice(0, MOST_SIGNS));
  return some.length > 200 ? some.replace(/[ \u3000\u00a0]{3,}/gu, ' ') : some;
}

/** Patterns that look for the end of a run try it from each of its signs. */
const MOST_SIGNS = 40;
const SIGNS_IN_A_ROW = new RegExp(`[^\\p{L}\\p{N}\\p{S}\\r\\n]{${MOST_SIGNS + 1},}`, 'gu');

/** The member's own words; the text as it came where nothing else is in it. */
export function ownWords(message: string): string {
  const seen = message.replace(BIDI_AND_BLANK, '').replace(STRAY_JOINER, '').trimEnd();
  const own = squeezed(seen.replace(QUOTATION, '').replace(SIGNATURE, '').replace(MENTION, '')).replace(
    /标签[儿ㄦ]/gu,
    '标签',
  );
  if (!own.includes('[')) return own;
  const spoken = own.replace(EMOTICON_AT_END, '').replace(EMOTICON_WITHIN, '，');
  return ANY_LETTER.test(spoken) ? spoken : own;
}
