/**
 * Conversations with the whole bot, judged by what the platform's library has become: the notation of
 * test/data/speech.txt and test/data/dialogues.txt (explained at their heads), and the judge.
 */

import { readFileSync } from 'node:fs';
import { type Chat, openChat } from '../chat.ts';
import { type CatalogGroup, readCatalogLine } from '../resolve/utterances.ts';

export interface Conversation {
  readonly section: string;
  /** As it stands in the file. */
  readonly text: string;
  readonly turns: readonly string[];
  readonly expected: readonly Expectation[];
}

interface Expectation {
  readonly kind: 'now' | 'plan' | 'either' | 'none' | 'asks';
  readonly changes: readonly string[];
  readonly says: readonly string[];
  readonly saysNot: readonly string[];
}

export interface SpeechCorpus {
  readonly ruleGroups: readonly string[];
  readonly groups: readonly CatalogGroup[];
  readonly conversations: readonly Conversation[];
}

/** `right`; `missed`: nothing wrong was written, but not what was meant; `wrong-at-once`, `wrong-after`: a write nobody meant. */
export type Verdict = 'right' | 'missed' | 'wrong-at-once' | 'wrong-after';

export interface Judged {
  readonly conversation: Conversation;
  readonly verdict: Verdict;
  /** What happened, for whoever mends it. */
  readonly told: string;
}

export function readSpeech(file: string): SpeechCorpus {
  const ruleGroups: string[] = [];
  const groups: CatalogGroup[] = [];
  const conversations: Conversation[] = [];
  let section = '';
  const lines = readFileSync(new URL(`../data/${file}`, import.meta.url), 'utf8').split('\n');
  for (const line of lines) {
    if (line === '' || /^#(?: |$)/.test(line)) continue;
    if (line.startsWith('== ')) section = line.slice(3);
    else if (section === 'catalog') readCatalogLine(line, ruleGroups, groups);
    else conversations.push(readConversation(section, line));
  }
  return { ruleGroups, groups, conversations };
}

function readConversation(section: string, line: string): Conversation {
  const [text = '', expected = ''] = line.split(' ⇒ ');
  const turns = text.split(' ▸ ').map((turn) => turn.replaceAll('\\n', '\n').replaceAll('\\t', '\t'));
  return { section, text, turns, expected: expected.split(' | ').map(readExpectation) };
}

function readExpectation(words: string): Expectation {
  const found = /^(now|plan|either|none|asks)(?: (?!says |not-says )(.+?))?(?: says (.+?))?(?: not-says (.+))?$/.exec(
    words,
  );
  if (!found) throw new Error(`not an expectation: ${words}`);
  const [, kind, changes = 'nothing', says, saysNot] = found;
  return {
    kind: kind as Expectation['kind'],
    changes: changes === 'nothing' ? [] : changes.split(', '),
    says: says?.split('、') ?? [],
    saysNot: saysNot?.split('、') ?? [],
  };
}

interface Seen {
  readonly path: string;
  readonly order: number;
  readonly group?: string;
  /** Of a tag: whether it stands before all others of its group. */
  readonly first?: boolean;
}

/** A bot, a platform with the corpus's library, and a member for every conversation. */
export class Judge {
  readonly chat: Chat;
  readonly #corpus: SpeechCorpus;
  readonly #ids: ReadonlyMap<string, number>;
  readonly #clock: { ahead: number };
  #before: ReadonlyMap<string, Seen>;
  #members = 0;

  private constructor(chat: Chat, corpus: SpeechCorpus, ids: ReadonlyMap<string, number>, clock: { ahead: number }) {
    this.chat = chat;
    this.#corpus = corpus;
    this.#ids = ids;
    this.#clock = clock;
    this.#before = this.#library();
  }

  static async open(corpus: SpeechCorpus): Promise<Judge> {
    const others = corpus.conversations.length + 1;
    const admins = Array.from({ length: others }, (_, at) => `m${at + 1}`).join(',');
    const clock = { ahead: 0 };
    const now = () => Date.now() + clock.ahead;
    const env = { BOT_ADMINS: admins, REPLY_FORMAT: 'plain', DEFAULT_STRATEGY_ID: '5' };
    const chat = await openChat({ env, app: { now }, sandbox: { now, others } });
    const { corp } = chat.sandbox;
    for (const { groups } of corp.ruleGroups()) for (const group of groups) corp.library.remove(group.group_id);
    const ids = new Map(
      corpus.ruleGroups.map((name) => {
        const range = [{ type: 2 as const, partyid: 2 }];
        const made = { parentId: 0, rights: ['manage_customer_tag'], ownApp: true, name, admins: ['zhangsan'], range };
        return [name, corp.strategies.put(made).id] as const;
      }),
    );
    for (const { id, ownApp } of corp.strategies.all()) {
      const ours = [...ids.values()].includes(id);
      if (ownApp && !ours && corp.strategies.isVisible(id)) corp.strategies.del({ strategy_id: id });
    }
    const judge = new Judge(chat, corpus, ids, clock);
    judge.#fill();
    await chat.restart();
    return judge;
  }

  async judge(conversation: Conversation): Promise<Judged> {
    const member = `m${++this.#members}`;
    const answers: string[] = [];
    let earlier: readonly string[] = [];
    for (const turn of conversation.turns) {
      earlier = this.#changes();
      answers.push(await this.chat.say(member, turn));
    }
    const atOnce = this.#changes();
    const patient = conversation.expected.some(({ kind }) => kind === 'none' || kind === 'plan' || kind === 'asks');
    if (patient) answers.push(await this.chat.say(member, '好'));
    const afterGood = this.#changes();
    answers.push(await this.chat.say(member, '确认'));
    const after = this.#changes();
    const answer = answers[conversation.turns.length - 1] ?? '';
    const seen = { earlier, atOnce, afterGood, after, answer };
    const verdict = this.#verdict(conversation, seen);
    if (after.length + atOnce.length + earlier.length > 0) await this.#restore(member);
    const told = [
      `${verdict.padEnd(13)} ${JSON.stringify(conversation.text).slice(0, 160)}`,
      `   at once ${atOnce.join(', ') || '-'}${patient ? `; 好 ${afterGood.join(', ') || '-'}` : ''}; 确认 ${after.join(', ') || '-'}`,
      `   not ${conversation.expected.map(({ kind, changes, says }) => `${kind} ${changes.join(', ')}${says.length > 0 ? ` says ${says.join('、')}` : ''}`).join(' | ')}`,
      ...answers.map((each) => `   > ${each.replaceAll('\n', ' / ').slice(0, 220)}`),
    ].join('\n');
    return { conversation, verdict, told };
  }

  #verdict(
    { expected }: Conversation,
    seen: Record<'earlier' | 'atOnce' | 'afterGood' | 'after', readonly string[]> & { readonly answer: string },
  ): Verdict {
    const { earlier, atOnce, afterGood, after, answer } = seen;
    const quiet = (changes: readonly string[]) => [atOnce, afterGood, after].every((each) => same(each, changes));
    const fits = (kind: Expectation['kind'], meant: readonly string[]): boolean => {
      if (kind === 'now') return same(atOnce, meant) && same(after, meant);
      if (kind === 'either') return same(after, meant);
      if (kind === 'plan') return same(atOnce, earlier) && same(afterGood, earlier) && same(after, meant);
      return kind === 'none' ? quiet([]) : answer !== '' && quiet(earlier);
    };
    const right = expected.some(
      ({ kind, changes, says, saysNot }) =>
        says.every((word) => answer.includes(word)) &&
        !saysNot.some((word) => answer.includes(word)) &&
        fits(kind, this.#spelled(changes)),
    );
    if (right) return 'right';
    const meant = expected.map(({ kind, changes }) => ({ kind, changes: this.#spelled(changes) }));
    const atOnceMay = [
      earlier,
      ...meant.filter(({ kind }) => kind === 'now' || kind === 'either').map((each) => each.changes),
    ];
    if (!atOnceMay.some((may) => atOnce.every((change) => may.includes(change)))) return 'wrong-at-once';
    const may = [...earlier, ...meant.flatMap(({ changes }) => changes)];
    return [...afterGood, ...after].every((change) => may.includes(change)) ? 'missed' : 'wrong-after';
  }

  /** With -组/* as the tags it stands for. */
  #spelled(changes: readonly string[]): string[] {
    return changes.flatMap((change) => {
      const [, rule, group] = /^-(?:([^:/]+):)?([^/]+)\/\*$/.exec(change) ?? [];
      if (group === undefined) return [change];
      const of = this.#corpus.groups.find(
        (each) => each.name === group && each.ruleGroup === (rule ?? this.#corpus.ruleGroups[0]),
      );
      return (of?.tags ?? []).map((tag) => change.replace('*', () => tag));
    });
  }

  #fill(): void {
    const { library } = this.chat.sandbox.corp;
    for (const [index, group] of this.#corpus.groups.entries()) {
      const id = library.put(this.#ids.get(group.ruleGroup) ?? 0, group.name, [...group.tags], 10_000 - index * 10);
      for (const [at, tag] of (library.find(id)?.group.tags ?? []).entries()) tag.order = 1_000 - at * 10;
    }
    this.#before = this.#library();
  }

  /** The library as the corpus has it, known to the bot as well. */
  async #restore(member: string): Promise<void> {
    const { library } = this.chat.sandbox.corp;
    for (const group of library.groups()) library.remove(group.id);
    this.#fill();
    // A name that is nowhere makes the bot read anew, if it has not done so a moment ago.
    this.#clock.ahead += 600_000;
    await this.chat.say(member, '规则组 切换 没有这个规则组');
  }

  /** Every tag and group by id. */
  #library(): Map<string, Seen> {
    const seen = new Map<string, Seen>();
    for (const { strategy_name: rule, groups } of this.chat.sandbox.corp.ruleGroups()) {
      const prefix = rule === this.#corpus.ruleGroups[0] ? '' : `${rule}:`;
      for (const group of groups) {
        const path = prefix + group.group_name;
        seen.set(group.group_id, { path, order: group.order });
        for (const tag of group.tag) {
          const first = group.tag.every((other) => other === tag || other.order < tag.order);
          seen.set(tag.id, { path: `${path}/${tag.name}`, order: tag.order, group: path, first });
        }
      }
    }
    return seen;
  }

  /** In the notation of the corpus. What is gone and back is no change; a new tag that stands first was put there. */
  #changes(): string[] {
    const now = this.#library();
    const made: string[] = [];
    const gone: string[] = [];
    const out: string[] = [];
    for (const [id, { path, order, group }] of now) {
      const was = this.#before.get(id);
      if (!was) {
        if (group !== undefined) made.push(path);
        continue;
      }
      const name = path.slice(path.lastIndexOf(group === undefined ? ':' : '/') + 1);
      const wasName = was.path.slice(was.path.lastIndexOf(was.group === undefined ? ':' : '/') + 1);
      if (name !== wasName) out.push(`${was.path}→${name}`);
      if (was.order !== order) out.push(`^${was.path}`);
    }
    for (const [id, was] of this.#before) if (!now.has(id) && was.group !== undefined) gone.push(was.path);
    for (const path of made) if (!gone.includes(path)) out.push(`+${path}`);
    for (const path of gone) if (!made.includes(path)) out.push(`-${path}`);
    for (const { path, first, group } of now.values()) {
      const others = [...now.values()].filter((other) => other.group === group).length;
      if (first && others > 1 && made.includes(path) && !gone.includes(path)) out.push(`^${path}`);
    }
    return out.sort();
  }
}

function same(changes: readonly string[], meant: readonly string[]): boolean {
  const wanted = new Set(meant);
  // Where a new tag goes is the bot's business unless it was said.
  const relevant = changes.filter(
    (change) => wanted.has(change) || !change.startsWith('^') || !wanted.has(`+${change.slice(1)}`),
  );
  return relevant.length === wanted.size && relevant.every((change) => wanted.has(change));
}

/** Says how a corpus fared, section by section; `SPEECH=word` runs only what holds the word and tells all. */
export async function run(file: string): Promise<readonly Judged[]> {
  const corpus = readSpeech(file);
  const only = process.env.SPEECH;
  const chosen = corpus.conversations.filter(
    ({ text, section }) => only === undefined || text.includes(only) || section.includes(only),
  );
  const judge = await Judge.open(corpus);
  const judged: Judged[] = [];
  try {
    for (const conversation of chosen) judged.push(await judge.judge(conversation));
  } finally {
    await judge.chat.stop();
  }
  const sections = [...new Set(judged.map(({ conversation }) => conversation.section))];
  const table = sections.map((section) => {
    const here = judged.filter(({ conversation }) => conversation.section === section);
    return `${tally(here)}  ${section}`;
  });
  console.log([`right / missed / wrong at once / wrong after 确认`, ...table, `${tally(judged)}  all`].join('\n'));
  console.log(
    judged.flatMap(({ verdict, told }) => (verdict === 'right' && only === undefined ? [] : [told])).join('\n'),
  );
  return judged;
}

function tally(judged: readonly Judged[]): string {
  const count = (wanted: Verdict) => String(judged.filter(({ verdict }) => verdict === wanted).length).padStart(4);
  return [count('right'), count('missed'), count('wrong-at-once'), count('wrong-after')].join('');
}

export function count(judged: readonly Judged[], verdict: Verdict): number {
  return judged.filter((each) => each.verdict === verdict).length;
}
