/**
 * What members do in a soak: look things up, send the same message again, write and take back, press cards, export; and an
 * admin who edits in the console. Each answer is checked, against the library as the platform has it where it says so.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ChatMessage } from '../../src/sandbox/protocol.ts';
import type { Sandbox, Sent } from '../../src/sandbox/server.ts';
import { Connection, type RawAnswer } from '../load/connection.ts';
import type { Prepared, Sealer } from '../load/sealed.ts';
import type { Tally } from './tally.ts';
import type { Trouble } from './trouble.ts';

export interface Surroundings {
  readonly sandbox: Sandbox;
  readonly sealer: Sealer;
  readonly port: number;
  readonly tally: Tally;
  readonly trouble: Trouble;
  readonly over: () => boolean;
}

/** Who writes, each in a group of their own; all of them may. */
export const WRITERS = ['zhangsan', 'lisi', 'chenjie', 'wangwu'] as const;
/** Gets cards, by push: at most a few a minute. */
export const CARD_MEMBER = 'wangzong';
export const LIBRARY = 1;
const LOOKERS = 160;
const CONSOLE_GROUP = '后台改的组';
/** Two neighbours share neither: one typo apart, the old name would do for the new one. */
const STEMS = '甲乙丙丁戊己庚辛壬癸';
const BRANCHES = '子丑寅卯辰巳午未申酉戌亥';
const KEPT = '留着';
const ANSWER_MS = 30_000;
/** After so many the bot ends a connection. */
const MESSAGES_PER_CONNECTION = 900;

export function groupOf(writer: string): string {
  return `浸泡${writer}组`;
}

/** What everybody finds there before the first message. */
export function furnish(sandbox: Sandbox): void {
  const { library } = sandbox.corp;
  for (const writer of [...WRITERS, CARD_MEMBER]) library.put(LIBRARY, groupOf(writer), [KEPT, `${writer}卡片`]);
  library.put(LIBRARY, CONSOLE_GROUP, ['巡检']);
}

/** Looks names up, a few a second; every tenth message is sent a second time and must get the very same answer. */
export async function lookUp(around: Surroundings, perSecond: number): Promise<void> {
  const { sandbox, sealer, port, tally, trouble, over } = around;
  const names = sandbox.corp.library.groupsOf(LIBRARY).flatMap((group) => group.tags.map((tag) => tag.name));
  const lines = [
    () => ({ text: 'VIP', expect: 'VIP' }),
    () => ({ text: '标签 查 老客', expect: '客户分级' }),
    () => ({ text: '标签 列表 上海客户来源', expect: '抖音·一月' }),
    () => ({ text: 'xhs', expect: '小红书' }),
    () => ({ text: '标签 列表', expect: '客户分级' }),
    () => ({ text: '帮助', expect: '标签' }),
    (n: number) => {
      const name = names[(n * 7) % names.length] ?? '';
      return { text: `标签 查 ${name}`, expect: name };
    },
  ];
  let connection = await Connection.open(port);
  for (let n = 0; !over(); n++) {
    const { text, expect } = (lines[n % lines.length] as (n: number) => { text: string; expect: string })(n);
    if (n % MESSAGES_PER_CONNECTION === 0) {
      connection.close();
      connection = await Connection.open(port);
    }
    const from = Date.now();
    const prepared = sealer.text(`m${1 + (n % LOOKERS)}`, text, expect);
    const kind = n % 10 === 0 ? 'repeats' : 'lookups';
    try {
      const answer = await exchange(connection, prepared);
      const fault =
        sealer.fault(prepared, answer) ?? (n % 10 === 0 ? await repeated(around, prepared, answer) : undefined);
      if (fault === undefined) tally.right(kind);
      else if (trouble.explains(from, Date.now())) tally.refused(kind);
      else tally.wrongly(kind, `${text}: ${fault}`);
    } catch (error) {
      tally.wrongly(kind, `${text}: ${String(error)}`);
      connection.close();
      connection = await Connection.open(port);
    }
    await pause(1000 / perSecond);
  }
  connection.close();
}

/** What is wrong with the answer to the same message sent once more, over a connection of its own. */
async function repeated(
  { port, sealer }: Surroundings,
  prepared: Prepared,
  first: RawAnswer,
): Promise<string | undefined> {
  const connection = await Connection.open(port);
  const second = await exchange(connection, prepared);
  connection.close();
  const [one, other] = [first, second].map((answer) => sealer.words(answer));
  return one === other ? undefined : `answered with ${one}, the repeat with ${other}`;
}

function exchange(connection: Connection, { request }: Prepared): Promise<RawAnswer> {
  return new Promise((resolve, reject) => connection.send(request, resolve, reject));
}

/** Adds, renames, deletes after a plan, takes back, deletes again: what the library has in the end is what it had. */
export async function write(around: Surroundings, writer: string): Promise<void> {
  const { sandbox, over } = around;
  const group = groupOf(writer);
  const has = (name: string) => namesIn(sandbox, group).includes(name);
  for (let n = 0; !over(); n++) {
    const name = `${writer}${n}号`;
    const renamed = `${writer}${n}号新`;
    const steps: readonly Step[] = [
      { text: `标签 添加 ${name} 到 ${group}`, says: /已添加/, true: () => has(name) },
      { text: `把${name}改名为${renamed}`, says: /已改名/, true: () => has(renamed) && !has(name) },
      { text: `删除标签 ${renamed}`, says: /要删除/, true: () => has(renamed) },
      { text: '确认', says: /已从|已删除/, true: () => !has(renamed) },
      { text: '撤销', says: /已撤销|已添加|重新/, true: () => has(renamed) },
      { text: `删除标签 ${renamed}`, says: /要删除/, true: () => has(renamed) },
      { text: '确认', says: /已从|已删除/, true: () => !has(renamed) },
    ];
    for (const step of steps) {
      const went = await take(around, writer, 'writes', step);
      await pause(250);
      // In trouble the rest of the round would speak of what is not there.
      if (!went) break;
    }
    await tidy(around, writer, [name, renamed].filter(has));
  }
}

const REFUSED = /^(❌|⚠️)/;

interface Step {
  readonly text: string;
  /** Of what has gone well. */
  readonly says: RegExp;
  /** Whether the library agrees. */
  readonly true: () => boolean;
}

/** Whether it went well; what did not is wrong unless trouble explains it, and a lie is wrong whatever explains it. */
async function take(
  { sandbox, tally, trouble }: Surroundings,
  member: string,
  kind: string,
  step: Step,
): Promise<boolean> {
  const from = Date.now();
  const answer = await answerTo(sandbox, member, () => sandbox.say(member, step.text));
  const done = step.says.test(answer) && !REFUSED.test(answer);
  if (done && !step.true()) tally.wrongly(kind, `${step.text}: not true: ${answer}`);
  else if (done) {
    tally.right(kind);
    return true;
  } else if (trouble.explains(from, Date.now()))
    if (answer === '') tally.owed(kind);
    else tally.refused(kind);
  else tally.wrongly(kind, `${step.text}: ${answer || 'no answer'}`);
  return false;
}

/** Names that a round in trouble has left. */
async function tidy(around: Surroundings, member: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await answerTo(around.sandbox, member, () => around.sandbox.say(member, `删除标签 ${name}`));
    await answerTo(around.sandbox, member, () => around.sandbox.say(member, '确认'));
  }
}

/** Deletes by pressing the card's button, and takes it back. */
export async function pressCards(around: Surroundings): Promise<void> {
  const { sandbox, tally, trouble, over } = around;
  await answerTo(sandbox, CARD_MEMBER, () => sandbox.say(CARD_MEMBER, '设置 富文本'));
  const name = `${CARD_MEMBER}卡片`;
  const has = () => namesIn(sandbox, groupOf(CARD_MEMBER)).includes(name);
  while (!over()) {
    const from = Date.now();
    const fault = await deletedByPress(sandbox, name, has);
    if (fault === undefined) tally.right('cards');
    else if (trouble.explains(from, Date.now())) tally.refused('cards');
    else tally.wrongly('cards', fault);
    if (!has())
      await answerTo(sandbox, CARD_MEMBER, () =>
        sandbox.say(CARD_MEMBER, `标签 添加 ${name} 到 ${groupOf(CARD_MEMBER)}`),
      );
    await rest(around, 20_000);
  }
}

/** What went wrong with a tag that is deleted by a press on the card and taken back. */
async function deletedByPress(sandbox: Sandbox, name: string, has: () => boolean): Promise<string | undefined> {
  const { id } = await sandbox.say(CARD_MEMBER, `删除标签 ${name}`);
  const card = await sandbox.nextFromBot(CARD_MEMBER, id, ANSWER_MS).catch(() => undefined);
  const words = wordsOf(card);
  if (card?.body.msgtype !== 'template_card' || !words.includes('"key":"confirm"')) return `no plan: ${words}`;
  await answerTo(sandbox, CARD_MEMBER, () => sandbox.press(CARD_MEMBER, card.id, 'confirm'));
  if (has()) return 'pressed, but not deleted';
  await answerTo(sandbox, CARD_MEMBER, () => sandbox.say(CARD_MEMBER, '撤销'));
  return has() ? undefined : 'not taken back';
}

/** An admin renames in the console, and a member who looks for the new name finds it. */
export async function editInConsole(around: Surroundings): Promise<void> {
  const { sandbox, tally, trouble, over } = around;
  for (let n = 1; !over(); n++) {
    const from = Date.now();
    const tag = sandbox.corp.library.groupsOf(LIBRARY).find(({ name }) => name === CONSOLE_GROUP)?.tags[0];
    const name = `${STEMS[n % STEMS.length]}${BRANCHES[n % BRANCHES.length]}巡检`;
    await sandbox.consoleEdit({ action: 'rename', id: tag?.id ?? '', name });
    const answer = await answerTo(sandbox, 'm161', () => sandbox.say('m161', `标签 查 ${name}`));
    if (answer.includes(name) && answer.includes(CONSOLE_GROUP)) tally.right('console edits');
    else if (trouble.explains(from, Date.now())) tally.refused('console edits');
    else tally.wrongly('console edits', answer);
    await rest(around, 7_000);
  }
}

/** The whole library as a file. */
export async function exportAll(around: Surroundings): Promise<void> {
  const { sandbox, tally, trouble, over } = around;
  while (!over()) {
    const from = Date.now();
    const { id } = await sandbox.say('m162', '导出');
    const file = await fileAfter(sandbox, 'm162', id);
    if (file !== undefined && file > 100_000) tally.right('exports');
    else if (trouble.explains(from, Date.now())) tally.refused('exports');
    else tally.wrongly('exports', file === undefined ? 'no file' : `${file} bytes`);
    await rest(around, 30_000);
  }
}

/** Size of the file that comes after a message; undefined when none does. */
async function fileAfter(sandbox: Sandbox, member: string, afterId: string): Promise<number | undefined> {
  const until = Date.now() + ANSWER_MS;
  for (let last = afterId; Date.now() < until; ) {
    const message = await sandbox.nextFromBot(member, last, ANSWER_MS).catch(() => undefined);
    if (message === undefined) return undefined;
    if (message.body.msgtype === 'file') return message.body.file.size;
    last = message.id;
  }
  return undefined;
}

/** Every member's last word, with which they get what they are still owed. */
export async function takeLeave({ sandbox }: Surroundings): Promise<void> {
  for (const member of [...WRITERS, CARD_MEMBER, 'm161', 'm162'])
    await answerTo(sandbox, member, () => sandbox.say(member, '帮助'));
}

function namesIn(sandbox: Sandbox, group: string): string[] {
  const found = sandbox.corp.library.groupsOf(LIBRARY).find(({ name }) => name === group);
  return found?.tags.map(({ name }) => name) ?? [];
}

/** The words of the answer, however it came; '' when none did. */
async function answerTo(sandbox: Sandbox, member: string, act: () => Promise<Sent>): Promise<string> {
  const { id, reply } = await act();
  return wordsOf(reply ?? (await sandbox.nextFromBot(member, id, ANSWER_MS).catch(() => undefined)));
}

function wordsOf(message: ChatMessage | undefined): string {
  if (message === undefined) return '';
  const { body } = message;
  if (body.msgtype === 'text') return body.text.content;
  return body.msgtype === 'markdown' ? body.markdown.content : JSON.stringify(body);
}

async function rest({ over }: Surroundings, ms: number): Promise<void> {
  const until = Date.now() + ms;
  while (Date.now() < until && !over()) await pause(200);
}
