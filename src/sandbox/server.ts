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
import { Actions } from './actions.ts';
import { type ApiCall, ApiRoute } from './api-route.ts';
import { ownApp } from './app-kind.ts';
import { sendJson } from './bodies.ts';
import { Callbacks } from './callbacks.ts';
import { Company, stockedCompany } from './company.ts';
import { Control } from './control.ts';
import { Corp } from './corp.ts';
import { Corps } from './corps.ts';
import { Overview } from './overview.ts';
import { sendPageFile } from './page-files.ts';
import { openPlace, type Place, type Seat, type Sent } from './place.ts';
import type { ProviderConsole } from './provider/console.ts';
import { Desk } from './provider/desk.ts';
import { carryOut } from './provider/orders.ts';
import { Provider, type ProviderOptions } from './provider/provider.ts';
import { serviceOf } from './provider/service-api.ts';
import { shownProvider } from './provider/shown.ts';
import { AGENT_NAME, CORP_NAME } from './seed.ts';
import { isFromHere } from './visitor.ts';

/** An app that a corp has built for itself, and how it is called back. */
export interface CorpOptions {
  readonly corpId: string;
  readonly agentId: number;
  readonly secret: string;
  /** Of the callback configuration. */
  readonly token: string;
  readonly encodingAesKey: string;
  readonly callbackUrl?: string;
}

export type { Place, ProviderConsole, Sent };

export interface SandboxOptions extends CorpOptions {
  /** Further corps, each with people, tags and an app of its own; see `Sandbox.at`. */
  readonly corps?: readonly (CorpOptions & { readonly name: string })[];
  /** A provider with its suites, and the corps that may install them; see `Sandbox.provider`. */
  readonly provider?: ProviderOptions;
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

export interface Sandbox extends Place {
  /** e.g. http://127.0.0.1:4000: the chat page, and the bot's WECOM_API_BASE_URL. */
  readonly url: string;
  /** Every API call since the start or `clearCalls`, in the order of their answers. */
  readonly calls: readonly ApiCall[];
  clearCalls(): void;
  /** The app of a further corp (`corps`), by its corp id. @throws when there is none. */
  at(corpId: string): Place;
  /** The console of the provider, if there is one: its suites, and the corps that may install them. */
  readonly provider: ProviderConsole;
  /** Resolves when no callback is under way. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the sandbox. @throws BotError of kind `setup` when a callback configuration is malformed. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { host = '127.0.0.1', now = Date.now, log = () => undefined } = options;
  const timing = { answerWindowMs: options.answerWindowMs ?? 5000, retryDelayMs: options.retryDelayMs ?? 5000, log };
  const corps = new Corps();
  const overview = new Overview();
  /** Everything that may still be sending, apps included that are gone. */
  const posts: { idle(): Promise<void>; stop(): Promise<void> }[] = [];
  const inCorp = (company: Company): Iterable<Actions> =>
    overview
      .seats()
      .filter(({ corp }) => corp.company === company)
      .map(({ actions }) => actions);

  function seatOwn(own: CorpOptions, company: Company, key: string): Seat {
    const { corpId, agentId, secret, token, encodingAesKey } = own;
    const corp: Corp = new Corp({ corpId, agentId, secret }, now, () => callbacks.hasUrl, {
      company,
      app: ownApp(key, AGENT_NAME),
    });
    const envelope = createEnvelope({ token, encodingAesKey, receiveId: corpId });
    const callbacks = new Callbacks(corp, { ...timing, envelope });
    if (own.callbackUrl !== undefined) callbacks.setUrl(own.callbackUrl);
    const seat = { corp, callbacks, actions: new Actions(corp, callbacks, { inCorp: () => inCorp(company) }) };
    corps.add(corp);
    overview.add(seat);
    posts.push(callbacks);
    corp.reset();
    return seat;
  }

  const company = new Company(CORP_NAME, now, options.others);
  const first = seatOwn(options, company, 'app');
  const { corp } = first;
  const places = new Map<string, Place>();
  for (const further of options.corps ?? []) {
    const seat = seatOwn(further, new Company(further.name, now), further.name);
    places.set(further.corpId, openPlace(seat));
  }

  const providing = options.provider ?? { corpId: 'wwprovider', secret: '', suites: [], companies: [] };
  const ownIdOf = new Map(overview.seats().map(({ corp: each }) => [each.company, each.identity.corpId]));
  const companies = providing.companies.map(
    (name) => [...ownIdOf.keys()].find((known) => known.name === name) ?? stockedCompany(name, now),
  );
  const plainIdOf = (each: Company): string => ownIdOf.get(each) ?? `wwplain-${companies.indexOf(each)}`;
  const provider = new Provider(providing, companies, plainIdOf, now, (entry) => overview.providerChanged(entry));
  const desk = new Desk(provider, {
    ...timing,
    inCorp,
    seated: (seat) => {
      corps.add(seat.corp);
      overview.add(seat);
      posts.push(seat.callbacks);
    },
    unseated: (seat) => overview.remove(seat),
  });
  posts.push(desk);
  if (options.provider !== undefined)
    overview.provider = {
      wire: provider.wire,
      state: () => shownProvider(desk),
      order: (body) => carryOut(desk, body),
    };
  const api = new ApiRoute(corps, serviceOf(provider));
  const control = new Control(overview);

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

  return {
    ...openPlace(first),
    url: `http://${host}:${address.port}`,
    calls: api.calls,
    clearCalls: () => {
      api.calls.length = 0;
    },
    reset: (contents) => {
      api.calls.length = 0;
      corp.reset(contents);
    },
    at: (corpId) => {
      const place = places.get(corpId);
      if (place === undefined) throw new Error(`no corp of the sandbox has the id ${corpId}`);
      return place;
    },
    provider: desk,
    idle: async () => {
      for (const post of posts) await post.idle();
    },
    stop: async () => {
      await Promise.all(posts.map((post) => post.stop()));
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
