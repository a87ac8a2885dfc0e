/**
 * Every utterance of the corpus through the whole bot: sealed callback, real database, the platform's own state as the
 * judge. What a lookup should find is the resolver's test; here it counts what happens to the library.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asks, type Chat, openChat } from '../chat.ts';
import { readCorpus } from '../resolve/utterances.ts';

const corpus = readCorpus();
const ADMIN = 'wangzong';
/** The seeded corp has rule groups 1 to 4. */
const FIRST_ID = 5;
let chat: Chat;

beforeAll(async () => {
  chat = await openChat({ env: { DEFAULT_STRATEGY_ID: String(FIRST_ID), REPLY_FORMAT: 'plain' } });
  const { corp } = chat.sandbox;
  for (const { groups } of corp.ruleGroups()) {
    for (const group of groups) await chat.sandbox.consoleEdit({ action: 'delete', id: group.group_id });
  }
  const rights = ['manage_customer_tag'];
  const ids = new Map(
    corpus.ruleGroups.map((name) => {
      const made = corp.strategies.put({
        parentId: 0,
        rights,
        ownApp: true,
        name,
        admins: ['zhangsan'],
        range: [{ type: 2, partyid: 2 }],
      });
      return [name, made.id] as const;
    }),
  );
  for (const [index, group] of corpus.groups.entries()) {
    corp.library.put(ids.get(group.ruleGroup) ?? 0, group.name, [...group.tags], 1000 - index);
  }
  await chat.restart();
  await chat.say(ADMIN, `规则组 切换 ${corpus.ruleGroups[0]}`);
});

afterAll(() => chat.stop());

interface Seen {
  readonly name: string;
  readonly group: string;
  readonly order: number;
}

/** Every tag (by id) and every group (by id) as the platform has them. */
function library(): Map<string, Seen> {
  const seen = new Map<string, Seen>();
  for (const { groups } of chat.sandbox.corp.ruleGroups()) {
    for (const group of groups) {
      seen.set(group.group_id, { name: group.group_name, group: '', order: group.order });
      for (const tag of group.tag) seen.set(tag.id, { name: tag.name, group: group.group_name, order: tag.order });
    }
  }
  return seen;
}

/** What changed, in the notation of the corpus; groups that came with tags are `create`. */
function changes(before: ReadonlyMap<string, Seen>, after: ReadonlyMap<string, Seen>): string[] {
  const out: string[] = [];
  for (const [id, now] of after) {
    const was = before.get(id);
    if (!was) {
      if (now.group !== '') out.push(`+${now.group}/${now.name}`);
      continue;
    }
    if (was.name !== now.name) out.push(`${was.group}/${was.name} → ${now.name}`);
    if (was.order !== now.order) out.push(`order ${now.group}/${now.name}`);
  }
  for (const [id, was] of before) if (!after.has(id)) out.push(`-${was.group}/${was.name}`);
  return out.sort();
}

/** The changes an effect may have. undefined: the effect writes nothing before another answer of the member. */
function allowed(effect: string): ((change: string) => boolean) | undefined {
  if (effect.startsWith('batch: ')) {
    const parts = effect.slice('batch: '.length).split(' ; ');
    if (parts.some((part) => part.includes('?'))) return undefined;
    const each = parts.map(allowed);
    return (change) => each.some((one) => one?.(change));
  }
  const adds = /^(?:add|create) (?!new )(.+?): (.+)$/.exec(effect);
  if (adds) {
    const names = adds[2]?.split(', ') ?? [];
    return (change) => names.some((name) => change === `+${adds[1]}/${name}`);
  }
  if (effect.startsWith('import ')) return (change) => change.startsWith('+');
  const renames = /^rename (.+?)\/(.+) → (.+)$/.exec(effect);
  if (renames) return (change) => change === `${renames[1]}/${renames[2]} → ${renames[3]}`;
  const renamesGroup = /^rename-group (.+) → (.+)$/.exec(effect);
  if (renamesGroup) return (change) => change === `/${renamesGroup[1]} → ${renamesGroup[2]}`;
  const orders = /^(?:order|top) (.+?\/.+?)(?: \d+)?$/.exec(effect);
  if (orders) return (change) => change === `order ${orders[1]}`;
  const ordersGroup = /^(?:order-group|top-group) (.+?)(?: \d+)?$/.exec(effect);
  if (ordersGroup) return (change) => change === `order /${ordersGroup[1]}`;
  if (/^undo \d/.test(effect)) return () => true;
  return undefined;
}

/** What the whole bot must say when a plan is to be shown. */
function mustAsk(effect: string): boolean {
  return /^(?:delete|delete-group|delete-rule)\? /.test(effect);
}

describe('the corpus, said to the whole bot', () => {
  it('changes what is meant, nothing else, and can all be taken back', async () => {
    const wrong: string[] = [];
    const accidents: string[] = [];
    for (const { text, effects } of corpus.utterances) {
      const before = library();
      const answer = await chat.say(ADMIN, text);
      const made = changes(before, library());
      const tell = `${JSON.stringify(text)}: ${made.join(', ') || 'nothing'}, not ${effects.join(' | ')}; said ${JSON.stringify(answer.slice(0, 80))}`;
      const fits = effects.some((effect) => {
        const may = allowed(effect);
        if (!may) return made.length === 0 && (!mustAsk(effect) || asks(answer) === 'confirm');
        return made.every((change) => may(change));
      });
      if (answer === '') wrong.push(`no answer to ${JSON.stringify(text)}`);
      if (!fits) {
        wrong.push(tell);
        if (made.length > 0) accidents.push(tell);
      }
      await chat.say(ADMIN, '取消');
      if (made.length > 0) {
        const undone = await chat.say(ADMIN, '撤销');
        if (asks(undone) === 'confirm') await chat.say(ADMIN, '确认');
        const left = changes(before, library());
        if (left.length > 0)
          wrong.push(
            `${JSON.stringify(text)} not taken back: ${left.join(', ')}; said ${JSON.stringify(undone.slice(0, 120))}`,
          );
      }
      if (effects.some((effect) => /^(?:switch|settings|create-rule|rename-rule|admins|range)/.test(effect))) {
        await chat.say(ADMIN, '设置 纯文本');
        if (!effects.some((effect) => /^(?:switch|settings)/.test(effect))) await chat.say(ADMIN, '撤销');
        await chat.say(ADMIN, '确认');
        await chat.say(ADMIN, `规则组 切换 ${corpus.ruleGroups[0]}`);
      }
    }
    const total = corpus.utterances.length;
    const right = (100 * (total - wrong.length)) / total;
    console.log(
      `${total} utterances through the whole bot, ${right.toFixed(1)} % right, ${accidents.length} accidental writes`,
    );
    for (const each of wrong) console.log(each);
    expect(accidents).toEqual([]);
    expect(right).toBeGreaterThanOrEqual(98);
    expect(chat.sandbox.violations).toEqual([]);
  }, 240_000);
});
