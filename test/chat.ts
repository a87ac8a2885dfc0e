/**
 * A conversation with the real bot: real Koa, real sealing, a real database file, the sandbox as the platform.
 * `say` returns what the member then sees, so that a test reads like a dialogue.
 */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type App, type AppOptions, createApp } from '../src/app.ts';
import { loadSession } from '../src/bot/session.ts';
import { type Environment, loadConfig } from '../src/config.ts';
import { createLog } from '../src/log.ts';
import type { ChatMessage } from '../src/sandbox/protocol.ts';
import { type Sandbox, type SandboxOptions, type Sent, startSandbox } from '../src/sandbox/server.ts';
import { openStore } from '../src/store/open.ts';
import type { Step } from '../src/tags/change/step.ts';
import { newFolder } from './folder.ts';

export const CREDENTIALS = {
  corpId: 'wwchat0123456789ab',
  agentId: 1000002,
  secret: 'chat-secret-that-nobody-must-ever-read-0001',
  token: 'chatToken0123456789',
  encodingAesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
} as const;

/** The same as the environment has them. */
export const CREDENTIAL_ENV = {
  WECOM_CORP_ID: CREDENTIALS.corpId,
  WECOM_AGENT_ID: String(CREDENTIALS.agentId),
  WECOM_SECRET: CREDENTIALS.secret,
  WECOM_TOKEN: CREDENTIALS.token,
  WECOM_ENCODING_AES_KEY: CREDENTIALS.encodingAesKey,
} as const;

/** What configures the bot for the sandbox: 王总 is the one admin, the ports are free ones. */
export function environment(apiUrl: string, databaseUrl: string): Record<string, string> {
  return {
    ...CREDENTIAL_ENV,
    WECOM_API_BASE_URL: apiUrl,
    DATABASE_URL: databaseUrl,
    BOT_ADMINS: 'wangzong',
    DEFAULT_STRATEGY_ID: '1',
    HOST: '127.0.0.1',
    PORT: '0',
    OPERATOR_PORT: '0',
  };
}

/** For `loadConfig`: the config file of this machine is not there. */
export function noFile(): never {
  throw Object.assign(new Error('no file'), { code: 'ENOENT' });
}

export interface Chat {
  readonly sandbox: Sandbox;
  readonly app: App;
  /** Base URL of the bot. */
  readonly botUrl: string;
  /** Of its port for operators. */
  readonly operatorUrl: string;
  readonly log: readonly Record<string, unknown>[];
  /** The environment the bot is configured with. */
  readonly env: Environment;
  /** What the bot answered, in the order seen; a card is drawn as its words. */
  say(member: string, text: string): Promise<string>;
  /** What the bot answers to anything else that `act` does with the sandbox. */
  sees(member: string, act: (sandbox: Sandbox) => Promise<Sent>): Promise<string>;
  /** Presses a button of the member's last card. */
  press(member: string, key: string, selected?: Record<string, string[]>): Promise<string>;
  /** The member's last card, whole. */
  card(member: string): { id: string; card: Record<string, unknown>; disabledText: string | undefined };
  /** Names of the tags in a group, as shown; undefined when there is no such group. */
  tags(group: string, ruleGroup?: string): string[] | undefined;
  /** Stops the bot and starts it again, with `changed` in its environment; `meanwhile` acts while it is down. */
  restart(meanwhile?: () => Promise<void>, changed?: Record<string, string>): Promise<void>;
  stop(): Promise<void>;
}

export interface ChatOptions {
  readonly env?: Record<string, string>;
  readonly app?: Partial<Omit<AppOptions, 'log'>>;
  readonly sandbox?: Partial<SandboxOptions>;
  readonly tags?: number;
  /** Hears every line of the log at the moment it is written. */
  readonly onLog?: (line: Record<string, unknown>) => void;
}

/** How many apps stand behind the address of a chat; each reads the library for itself. */
export const APPS = process.env.TWO_APPS === '1' ? 2 : 1;

export async function openChat(options: ChatOptions = {}): Promise<Chat> {
  const front = APPS > 1 ? await (await import('./replicas/two-apps.ts')).openFront() : undefined;
  const sandbox = await startSandbox({ ...CREDENTIALS, ...options.sandbox });
  if (options.tags !== undefined) sandbox.reset({ tags: options.tags });
  const directory = newFolder('chat');
  const log: Record<string, unknown>[] = [];
  let env: Environment = {
    ...environment(sandbox.url, front?.databaseUrl ?? `file:${join(directory, 'bot.db')}`),
    ...options.env,
  };
  const heard = (entry: string) => {
    const line = JSON.parse(entry) as Record<string, unknown>;
    log.push(line);
    options.onLog?.(line);
  };
  const startOne = async () => {
    const config = options.env?.CONFIG_FILE === undefined ? await loadConfig(env, noFile) : await loadConfig(env);
    const app = createApp(config, {
      log: createLog(config.logLevel, { write: heard }),
      now: Date.now,
      lookAgainMs: [20, 40],
      // A test that sets the clock on makes time pass.
      ticks: options.app?.now ?? (() => performance.now()),
      ...options.app,
    });
    const { port, operatorPort } = await app.start();
    return { app, url: `http://127.0.0.1:${port}`, operatorUrl: `http://127.0.0.1:${operatorPort}` };
  };
  const start = async () => {
    const first = await startOne();
    const others = await Promise.all(Array.from({ length: APPS - 1 }, startOne));
    if (front) front.spreader.targets = [first, ...others].map(({ url }) => url);
    const url = front?.spreader.url ?? first.url;
    sandbox.setCallbackUrl(`${url}/wecom/callback`);
    return { ...first, url, stop: () => Promise.all([first, ...others].map(({ app }) => app.stop())) };
  };
  let running = await start();

  const card = (member: string) => {
    const message = sandbox.chat(member).findLast((each) => each.body.msgtype === 'template_card');
    if (message?.body.msgtype !== 'template_card') throw new Error(`${member} has no card`);
    return {
      id: message.id,
      card: message.body.template_card as Record<string, unknown>,
      disabledText: message.disabledText,
    };
  };

  return {
    sandbox,
    get app() {
      return running.app;
    },
    get operatorUrl() {
      return running.operatorUrl;
    },
    get botUrl() {
      return running.url;
    },
    log,
    get env() {
      return env;
    },
    say: (member, text) => shownBy(sandbox, member, () => sandbox.say(member, text)),
    sees: (member, act) => shownBy(sandbox, member, () => act(sandbox)),
    press: (member, key, selected) =>
      shownBy(sandbox, member, () => sandbox.press(member, card(member).id, key, selected)),
    card,
    tags: (group, ruleGroup) => {
      const tree = sandbox.corp.ruleGroups();
      for (const each of tree) {
        if (ruleGroup !== undefined && each.strategy_name !== ruleGroup) continue;
        const found = each.groups.find((candidate) => candidate.group_name === group);
        if (found) return found.tag.map((tag) => tag.name);
      }
      return undefined;
    },
    restart: async (meanwhile, changed) => {
      await running.stop();
      await meanwhile?.();
      env = { ...env, ...changed };
      running = await start();
    },
    stop: async () => {
      await sandbox.idle();
      await running.stop();
      await sandbox.stop();
      await front?.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Everything that the bot showed the member because of `act`, in the order seen; a card is drawn as its words. */
export async function shownBy(
  place: Pick<Sandbox, 'chat' | 'nextFromBot'>,
  member: string,
  act: () => Promise<Sent>,
): Promise<string> {
  const before = new Set(place.chat(member).map((message) => message.id));
  const sent = await act();
  if (sent.delivered.state !== 'delivered') return `[${sent.delivered.state}] ${sent.delivered.note ?? ''}`;
  const fresh = () => place.chat(member).filter((message) => message.from === 'bot' && !before.has(message.id));
  if (fresh().length === 0) await place.nextFromBot(member, sent.id, 8_000).catch(() => undefined);
  return fresh().map(words).join('\n---\n');
}

/** A bubble as its words. */
export function words(message: ChatMessage): string {
  const { body } = message;
  switch (body.msgtype) {
    case 'text':
      return body.text.content;
    case 'markdown':
      return body.markdown.content;
    case 'template_card':
      return `[card ${kindOf(body.template_card)}] ${strings(body.template_card).join('\n')}`;
    case 'file':
      return `[file] ${body.file.filename}`;
    case 'event':
      return `[event] ${body.event}`;
  }
}

type Asked = 'confirm' | 'choice' | 'pick';

function kindOf(card: Record<string, unknown>): Asked | 'notice' {
  if (card.card_type === 'vote_interaction') return 'pick';
  if (card.card_type !== 'button_interaction') return 'notice';
  const buttons = Array.isArray(card.button_list) ? (card.button_list as { key?: string }[]) : [];
  return buttons.some(({ key }) => key === 'confirm') ? 'confirm' : 'choice';
}

/** How the last line but the hints says what can be answered; a card says it by its kind. */
const HOW_TO_ANSWER: readonly (readonly [asked: Asked, said: RegExp])[] = [
  ['confirm', /^\[card confirm\]|^(?:> )?回复[「`]确认[」`]执行/m],
  ['pick', /^\[card pick\]|^(?:> )?回复前面的数字，可以选几个/m],
  ['choice', /^\[card choice\]|^(?:> )?回复前面的数字选择/m],
];

/** What an answer asks for with numbers, buttons or 确认, whatever its words are; undefined for one that asks nothing. */
export function asks(answer: string): Asked | undefined {
  return HOW_TO_ANSWER.find(([, said]) => said.test(answer))?.[0];
}

/** Whether an answer says that the member's wish was not done: its headline is a warning or an error. */
export function refused(answer: string): boolean {
  return /^(?:⚠️ |❌ |<font color="warning">)/.test(answer);
}

/** The steps that wait for the member's 确认, as the store keeps them; undefined when no plan does. */
export async function planOf(chat: Chat, member: string): Promise<readonly Step[] | undefined> {
  const store = await openStore(chat.env.DATABASE_URL ?? '', CREDENTIALS.corpId, { now: Date.now, readOnly: true });
  try {
    const { question } = await loadSession(store, member);
    return question?.kind === 'confirm' ? (JSON.parse(question.plan.fingerprint) as Step[]) : undefined;
  } finally {
    await store.close();
  }
}

function strings(value: unknown, key = ''): string[] {
  if (typeof value === 'string')
    return ['task_id', 'card_type', 'key', 'id', 'question_key', 'selected_id'].includes(key) ? [] : [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => strings(inner, Array.isArray(value) ? key : name));
}
