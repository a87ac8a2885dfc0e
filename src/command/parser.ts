/**
 * Text → readings. Pure: no catalog, no clock. Proposes everything the words can mean, best first; what exists decides
 * later (bot/resolve.ts). A write is read only where the whole text is a form of the grammar and nothing in it asks,
 * denies, quotes or tells.
 */

import { readBatch } from './batch.ts';
import { withoutHead, withoutTail } from './courtesy.ts';
import { Budget, type Match, matches } from './forms.ts';
import { acts, commands } from './grammar.ts';
import { guard, soundsLikeTalk } from './guard.ts';
import type { CommandId, Intent, Parsed } from './intent.ts';
import { phrase } from './phrase.ts';
import { keyWordsIn, nameOf, type Text, textOf, tidy } from './tokens.ts';
import { corrections } from './typo.ts';

/** What a member can send at most is 2,048 bytes; anything longer is cut here rather than read slowly. */
const MAX_LENGTH = 2_048;
const STEPS = 6_000;
const MOST_READINGS = 48;
/** A lookup longer than this is talk. */
const MAX_LOOKUP = 40;

/** Reads one message. Never throws; time is bounded for any input. */
export function parse(message: string): Parsed {
  const text = tidy(message.slice(0, MAX_LENGTH));
  if (text === '') return { kind: 'nothing', nearest: ['help'] };
  return readBatch(text, readSentence) ?? readSentence(text);
}

interface Found {
  readonly intent: Intent;
  readonly match: Match;
  /** Begins with the noun, like 标签 添加 …: a command beyond doubt. */
  readonly formal: boolean;
}

/** Reads one sentence: no line breaks, no semicolons that part sentences. */
export function readSentence(sentence: string): Parsed {
  const whole = textOf(sentence.trim().replace(/^[/#／＃]\s*(?=\S)/u, ''));
  const started = withoutHead(whole);
  const ended = withoutTail(started);
  const words = keyWordsIn(started);
  const formal = FORMAL.test(started.plain);
  const found = readingsOf(variants(whole, started, ended));
  const verdict = guard(started, ended, words, formal);
  if (verdict !== undefined) {
    const harmless = found.filter((one) => !acts(one.intent.command) && !one.match.open && !mentionsVerb(one));
    if (harmless.length > 0) return { kind: 'sentence', readings: intentsOf(harmless) };
    return { kind: 'refused', why: verdict.why, command: verdict.command, text: sentence };
  }
  const sure = found.filter((one) => !one.match.open);
  if (sure.length === 0) {
    const corrected = correct(ended);
    if (corrected !== undefined) return withTyped(corrected, found);
  }
  const lookup = lookupOf(ended);
  const [best] = found;
  if (best === undefined) return lookup ?? { kind: 'nothing', nearest: nearestCommands(started) };
  const readings = arrange(found, lookup);
  const doubtful = found.find((one) => acts(one.intent.command));
  if (doubtful !== undefined && doubtful === best && !doubtful.formal && newNames(doubtful.intent).some(soundsLikeTalk)) {
    const intents = intentsOf(found);
    return { kind: 'suggestion', why: 'talk', text: ended.raw, wrote: ended.raw, meant: phrase(doubtful.intent), readings: intents };
  }
  return { kind: 'sentence', readings, text: ended.raw };
}

const FORMAL = /^(?:标签组|标签|规则组|tag group|group|tag|rule group|rule)\s+\S/;

/** Without courtesies at both ends, then with those that may belong to a name. */
function variants(whole: Text, started: Text, ended: Text): Text[] {
  const endedOnly = withoutTail(whole);
  const all = [ended, started, endedOnly];
  return all.filter((text, index) => all.findIndex((other) => other.raw === text.raw) === index);
}

function readingsOf(texts: readonly Text[]): Found[] {
  const budget = new Budget(STEPS);
  const found: (Found & { readonly rank: readonly [number, number, number] })[] = [];
  for (const [variant, text] of texts.entries()) {
    const words = keyWordsIn(text);
    let order = 0;
    for (const row of commands) {
      for (const form of row.forms) {
        order++;
        for (const match of matches(form, text, words, budget)) {
          for (const intent of row.read(match.slots) ?? []) {
            found.push({ intent, match, formal: form.formal, rank: [variant, -match.covered, order] });
          }
        }
      }
    }
  }
  found.sort((a, b) => a.rank[0] - b.rank[0] || a.rank[1] - b.rank[1] || a.rank[2] - b.rank[2]);
  const seen = new Set<string>();
  return found
    .filter(({ intent }) => {
      const key = JSON.stringify(intent);
      return seen.has(key) ? false : seen.add(key);
    })
    .slice(0, MOST_READINGS);
}

function intentsOf(found: readonly Found[]): Intent[] {
  return found.map((one) => one.intent);
}

/** Short key words glued to a name (加班) come after the lookup; everything else before it. */
function arrange(found: readonly Found[], lookup: Parsed | undefined): Intent[] {
  const strong = found.filter((one) => !one.match.open || one.match.longest >= 2);
  const weak = found.filter((one) => one.match.open && one.match.longest < 2);
  const bare = lookup?.kind === 'sentence' ? lookup.readings : [];
  return [...intentsOf(strong), ...bare, ...intentsOf(weak)];
}

function mentionsVerb(one: Found): boolean {
  return Object.values(one.match.slots).some((slot) => VERB_INSIDE.test(slot.plain));
}

const VERB_INSIDE = /删|移除|添加|新增|加到|改名|重命名|改成|置顶|撤销|delete|remove|rename|add/;

/** Names that the command would make: they can be anything, so they are looked at twice. */
function newNames(intent: Intent): string[] {
  const names =
    intent.command === 'tag.add'
      ? intent.tags
      : intent.command === 'group.create'
        ? [intent.group, ...intent.tags]
        : intent.command === 'tag.rename' || intent.command === 'group.rename' || intent.command === 'rule.rename'
          ? [intent.to ?? '']
          : intent.command === 'rule.create'
            ? [intent.rule]
            : [];
  return names.map(nameOf).filter(({ literal }) => !literal).map(({ name }) => name);
}

/** A bare word is a lookup; greetings, noise and whole paragraphs are not. */
function lookupOf(text: Text): Parsed | undefined {
  const query = text.raw.replace(/[?？]+$/u, '').trim();
  if (query === '' || [...query].length > MAX_LOOKUP || SMALL_TALK.test(text.plain) || !/[\p{L}\p{N}\p{S}]/u.test(query)) return undefined;
  return { kind: 'sentence', readings: [{ command: 'tag.find', query }], text: query };
}

const SMALL_TALK =
  /^(?:你好+|您好|hi+|hello|hey|哈喽|嗨|在吗|在不在|在么|谢谢.*|多谢.*|感谢.*|thx|thanks?( you)?|辛苦.*|好的?[呢呀啊吧嘞]?|好滴|ok(ay)?|嗯+|哦+|噢|啊+|额+|呃+|哈+|呵+|嘿+|嘻+|收到|知道了|明白了?|了解|可以|不错|厉害|牛|棒|赞|早|早上好|早安|晚安|晚上好|中午好|下午好|再见|拜拜|bye|好|是的?|对的?|不是|不对|没有?|没事|test|测试一下|在干嘛|干嘛|怎么回事|什么|什么意思|啥|为什么|[0-9]{1,2}|y|n|yes|no|啊这|无语|笨蛋|傻.?|滚|垃圾.?|草|靠|妈的|fuck.*|shit)[!。.~?？！～\s]*$/;

function correct(text: Text): Parsed | undefined {
  for (const correction of corrections(text)) {
    const found = readingsOf([correction.text]);
    const good = found.filter((one) => !one.match.open || one.match.longest >= 2);
    const [best] = good;
    if (best === undefined || best.match.longest < 2 || !uses(best, correction.meant)) continue;
    if (guard(correction.text, correction.text, keyWordsIn(correction.text), false) !== undefined) continue;
    const readings = intentsOf(good);
    if (!acts(best.intent.command)) {
      return { kind: 'sentence', text: text.raw, readings, typo: { wrote: correction.wrote, meant: correction.meant } };
    }
    return { kind: 'suggestion', why: 'typo', text: text.raw, wrote: correction.wrote, meant: correction.meant, readings };
  }
  return undefined;
}

/** The corrected word has become a key word of the reading rather than a part of a name. */
function uses(found: Found, meant: string): boolean {
  return !Object.values(found.match.slots).some((slot) => slot.plain.includes(meant));
}

function withTyped(parsed: Parsed, found: readonly Found[]): Parsed {
  if (parsed.kind === 'suggestion') return { ...parsed, asTyped: intentsOf(found) };
  return parsed.kind === 'sentence' ? { ...parsed, readings: [...parsed.readings, ...intentsOf(found)] } : parsed;
}

/** The commands whose words occur in the text; help when none does. */
function nearestCommands(text: Text): CommandId[] {
  const near = commands.filter((row) => row.words.some((word) => word.split(' ').every((part) => text.plain.includes(part))));
  return near.length === 0 ? ['help'] : near.slice(0, 3).map((row) => row.id);
}
