/**
 * WeCom in a box: starts the simulated platform on a port of its own. The bot reaches it like the real one, over HTTP
 * through WECOM_API_BASE_URL, and is called back with sealed envelopes; people reach it through the chat page, tests
 * through the `Sandbox` returned here.
 *
 *   /cgi-bin/…   api-route.ts → api.ts → corp.ts
 *   /sandbox/…   control.ts → actions.ts → callbacks.ts → the bot
 *   else         the chat page
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createEnvelope } from '../callback/envelope.ts';
import { Actions, type Doing, type Selected } from './actions.ts';
import { type ApiCall, ApiRoute } from './api-route.ts';
import { sendJson } from './bodies.ts';
import { Callbacks, type Delivered, type UrlCheck } from './callbacks.ts';
import { Control } from './control.ts';
import { Corp, type Fresh, type Violation } from './corp.ts';
import type { MediaKind } from './incoming.ts';
import { sendPageFile } from './page-files.ts';
import type { ChatMessage, ConsoleEdit, Delivery, Faults, Variants } from './protocol.ts';
import { isFromHere } from './visitor.ts';

export interface SandboxOptions {
  readonly corpId: string;
  readonly agentId: number;
  readonly secret: string;
  /** Of the callback configuration. */
  readonly token: string;
  readonly encodingAesKey: string;
  readonly callbackUrl?: string;
  /** 0 (default) takes any free port. */
  readonly port?: number;
  readonly host?: string;
  /** So many members beside the seeded ones: m1, m2 … */
  readonly others?: number;
  /** unix ms; default Date.now. */
  readonly now?: () => number;
  /** From one try of a callback to the next; default 5000. */
  readonly retryDelayMs?: number;
  /** How long a callback may take; default 5000. */
  readonly answerWindowMs?: number;
  readonly log?: (what: string, facts: Readonly<Record<string, string | number>>) => void;
}

/** What became of something a member did. `reply` is the bubble of the passive reply, if there was one. */
export interface Sent extends Partial<Pick<Delivered, 'reply'>> {
  readonly id: string;
  readonly delivered: Delivery;
}

export interface Sandbox {
  /** e.g. http://127.0.0.1:4000: the chat page, and the bot's WECOM_API_BASE_URL. */
  readonly url: string;
  readonly corp: Corp;
  /** Every API call since the start or `clearCalls`, in the order of their answers. */
  readonly calls: readonly ApiCall[];
  /** What the platform refused to show or cut; empty for a healthy bot. */
  readonly violations: readonly Violation[];
  clearCalls(): void;
  setCallbackUrl(url: string): void;
  /** The console's check of the callback URL. */
  verifyUrl(): Promise<UrlCheck>;
  /** These settle when the bot has answered the callback or the last repeat has failed. They throw when it cannot be done. */
  say(member: string, text: string): Promise<Sent>;
  press(member: string, messageId: string, key: string, selected?: Selected): Promise<Sent>;
  click(member: string, key: string): Promise<Sent>;
  enter(member: string): Promise<Sent>;
  subscribe(member: string): Promise<Sent>;
  media(member: string, kind: MediaKind): Promise<Sent>;
  consoleEdit(edit: ConsoleEdit): Promise<{ readonly events: number; readonly delivered: readonly Delivery[] }>;
  setFaults(faults: Partial<Faults>): Faults;
  setVariants(variants: Partial<Variants>): Variants;
  reset(contents?: Fresh): void;
  chat(member: string): readonly ChatMessage[];
  /** Hears of every new or changed bubble; returns how to stop. */
  onMessage(listener: (message: ChatMessage) => void): () => void;
  /**
   * The first message of the bot that stands after `afterId` in the member's chat (without it: the next one to come).
   * @throws when none has come within `timeoutMs` (default 10 s).
   */
  nextFromBot(member: string, afterId?: string, timeoutMs?: number): Promise<ChatMessage>;
  /** Resolves when no callback is under way. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the sandbox. @throws BotError of kind `setup` when the callback configuration is malformed. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { corpId, agentId, secret, token, encodingAesKey, host = '127.0.0.1' } = options;
  const log = options.log ?? (() => undefined);
  const corp: Corp = new Corp(
    { corpId, agentId, secret },
    options.now ?? Date.now,
    () => callbacks.hasUrl,
    options.others,
  );
  const callbacks = new Callbacks(corp, {
    envelope: createEnvelope({ token, encodingAesKey, receiveId: corpId }),
    answerWindowMs: options.answerWindowMs ?? 5000,
    retryDelayMs: options.retryDelayMs ?? 5000,
    log,
  });
  if (options.callbackUrl !== undefined) callbacks.setUrl(options.callbackUrl);
  const actions = new Actions(corp, callbacks);
  const api = new ApiRoute(corp);
  const control = new Control(corp, actions);

  const route = (request: IncomingMessage, response: ServerResponse): Promise<void> | void => {
    if (!isFromHere(request, host)) {
      request.resume();
      return sendJson(response, 403, { error: 'only this machine may talk to the sandbox' });
    }
    const url = new URL(request.url ?? '/', 'http://sandbox.invalid');
    if (url.pathname.startsWith('/cgi-bin/')) return api.handle(request, response, url);
    if (url.pathname.startsWith('/sandbox/')) return control.handle(request, response, url);
    request.resume();
    if (request.method === 'GET') return sendPageFile(response, url.pathname);
    response.writeHead(404).end();
  };
  const server = createServer(async (request, response) => {
    response.on('error', () => response.destroy());
    try {
      await route(request, response);
    } catch (error) {
      log('request failed', { reason: error instanceof Error ? error.message : String(error) });
      if (response.headersSent) response.destroy();
      else response.writeHead(400).end();
    }
  });
  server.listen(options.port ?? 0, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the sandbox listens on no port');

  const settle = async ({ id, done }: Doing): Promise<Sent> => {
    const { delivery, reply } = await done;
    return { id, delivered: delivery, ...(reply === undefined ? {} : { reply }) };
  };

  return {
    url: `http://${host}:${address.port}`,
    corp,
    calls: api.calls,
    violations: corp.violations,
    clearCalls: () => {
      api.calls.length = 0;
    },
    setCallbackUrl: (url) => callbacks.setUrl(url),
    verifyUrl: () => callbacks.verifyUrl(),
    say: async (member, text) => settle(actions.say(member, text)),
    press: async (member, messageId, key, selected) => settle(actions.press(member, messageId, key, selected)),
    click: async (member, key) => settle(actions.click(member, key)),
    enter: async (member) => settle(actions.enter(member)),
    subscribe: async (member) => settle(actions.subscribe(member)),
    media: async (member, kind) => settle(actions.media(member, kind)),
    consoleEdit: async (edit) => {
      const deliveries = await Promise.all(actions.console(edit));
      return { events: deliveries.length, delivered: deliveries.map(({ delivery }) => delivery) };
    },
    setFaults: (faults) => corp.setFaults(faults),
    setVariants: (variants) => corp.trouble.setVariants(variants),
    reset: (contents) => {
      api.calls.length = 0;
      corp.reset(contents);
    },
    chat: (member) => [...corp.chats.of(member)],
    onMessage: (listener) => listenToMessages(corp, listener),
    nextFromBot: (member, afterId, timeoutMs) => nextFromBot(corp, member, afterId, timeoutMs),
    idle: () => callbacks.idle(),
    stop: async () => {
      await callbacks.stop();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function listenToMessages(corp: Corp, listener: (message: ChatMessage) => void): () => void {
  return corp.listen((event) => {
    if (event.type === 'message') listener(event.message);
  });
}

function nextFromBot(
  corp: Corp,
  member: string,
  afterId: string | undefined,
  timeoutMs = 10_000,
): Promise<ChatMessage> {
  const chat = corp.chats.of(member);
  const start = afterId === undefined ? chat.length : chat.findIndex((bubble) => bubble.id === afterId) + 1;
  const seen = new Set(chat.slice(0, start).map((bubble) => bubble.id));
  const present = chat.find((bubble) => bubble.from === 'bot' && !seen.has(bubble.id));
  if (present !== undefined) return Promise.resolve(present);
  return new Promise((resolve, reject) => {
    const forget = listenToMessages(corp, (bubble) => {
      if (bubble.member !== member || bubble.from !== 'bot' || seen.has(bubble.id)) return;
      clearTimeout(timer);
      forget();
      resolve(bubble);
    });
    const timer = setTimeout(() => {
      forget();
      reject(new Error(`the bot has not written to ${member} within ${timeoutMs} ms`));
    }, timeoutMs);
  });
}
