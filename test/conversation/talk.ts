/** What the conversation tests share: the library as people see it, and the tag calls a message has caused. */

import { onTestFinished, type TestContext } from 'vitest';
import { asks, type Chat, type ChatOptions, openChat } from '../chat.ts';

export const MEMBER = 'wangzong';

/** A conversation that ends with the test; `test` is its context, where it runs beside others. */
export async function startChat(
  options: ChatOptions = {},
  test: Pick<TestContext, 'onTestFinished'> = { onTestFinished },
): Promise<Chat> {
  const chat = await openChat(options);
  test.onTestFinished(() => chat.stop());
  return chat;
}

/** One whose bot has read the library: `tagCalls` are those of the test. */
export async function startWarm(): Promise<Chat> {
  const chat = await startChat();
  await chat.say(MEMBER, '标签组 列表');
  chat.sandbox.clearCalls();
  return chat;
}

export type Tree = Record<string, readonly string[]>;

/** Groups of one rule group as shown, with their tags as shown: `{客户分级: ['普通', …]}`. */
export function treeOf(chat: Chat, ruleGroup = '华东大区'): Tree {
  const found = chat.sandbox.corp.ruleGroups().find((each) => each.strategy_name === ruleGroup);
  return Object.fromEntries((found?.groups ?? []).map((group) => [group.group_name, group.tag.map((tag) => tag.name)]));
}

/** Everything about every tag and group: for "nothing else has changed". */
export function everything(chat: Chat): string {
  return JSON.stringify(chat.sandbox.corp.ruleGroups());
}

/** Calls about tags and rule groups since `clearCalls`: the last part of the path, and the body. */
export function tagCalls(chat: Chat): [name: string, body: unknown][] {
  return chat.sandbox.calls.flatMap(({ path, body }): [string, unknown][] =>
    path.includes('/externalcontact/') ? [[path.split('/').at(-1) ?? '', body]] : [],
  );
}

/** The calls that change something. */
export function writes(chat: Chat): [name: string, body: unknown][] {
  return tagCalls(chat).filter(([name]) => /^(?:add|edit|del|create)/.test(name));
}

export function groupId(chat: Chat, name: string): string {
  return groupOf(chat, name).id;
}

export function groupOf(chat: Chat, name: string, strategyId = 1) {
  const group = chat.sandbox.corp.library.groupsOf(strategyId).find((each) => each.name === name);
  if (!group) throw new Error(`no group ${name}`);
  return group;
}

export function tagOf(chat: Chat, group: string, name: string) {
  const tag = groupOf(chat, group).tags.find((each) => each.name === name);
  if (!tag) throw new Error(`no tag ${name}`);
  return tag;
}

/** Says it, and 确认 when that is asked for: what the member sees in the end. */
export async function sayAndConfirm(chat: Chat, member: string, text: string): Promise<string> {
  const answer = await chat.say(member, text);
  return asks(answer) === 'confirm' ? chat.say(member, '确认') : answer;
}
