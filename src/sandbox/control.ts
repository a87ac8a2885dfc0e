/** The control paths (/sandbox/…, see protocol.ts): the page's hands. Whatever is not understood is 400 {error}. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { type Doing, Impossible } from './actions.ts';
import { readBody, sendFile, sendJson } from './bodies.ts';
import type { Overview } from './overview.ts';
import type { Seat } from './place.ts';
import { Refusal } from './refusal.ts';
import { streamTo } from './stream.ts';

const MAX_BODY_BYTES = 256 * 1024;

const member = z.string().min(1).max(64);
const names = z.array(z.string()).max(1000);
const say = z.strictObject({ member, text: z.string().min(1).max(20_000) });
const press = z.strictObject({
  member,
  messageId: z.string(),
  key: z.string(),
  selected: z.record(z.string(), z.array(z.string())).default({}),
});
const click = z.strictObject({ member, key: z.string().min(1).max(128) });
const who = z.strictObject({ member });
const media = z.strictObject({ member, media: z.enum(['image', 'voice', 'video', 'location', 'link']) });
const consoleEdit = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('createGroup'),
    strategyId: z.int().exactOptional(),
    name: z.string(),
    tags: names,
  }),
  z.strictObject({ action: z.literal('addTags'), groupId: z.string(), tags: names }),
  z.strictObject({ action: z.literal('rename'), id: z.string(), name: z.string() }),
  z.strictObject({ action: z.literal('delete'), id: z.string() }),
  z.strictObject({ action: z.literal('shuffle'), groupId: z.string(), tagIds: names }),
]);
const reset = z.strictObject({
  tags: z.int().min(0).max(10_000).exactOptional(),
  ruleGroups: z.boolean().exactOptional(),
});

const on = z.boolean();
const times = z.int().positive().exactOptional();
const path = z.string().min(1).exactOptional();
const counted = z.strictObject({ on, times, path }).exactOptional();
const plain = z.strictObject({ on }).exactOptional();
const faults = z.strictObject({
  busy: counted,
  slow: z.strictObject({ on, ms: z.int().min(0).max(600_000), path }).exactOptional(),
  rateLimited: counted,
  errcode: z.strictObject({ on, code: z.int(), times, path }).exactOptional(),
  expiredToken: plain,
  wrongSecret: plain,
  brokenBefore: counted,
  brokenAfter: counted,
  landsLate: z.strictObject({ on, ms: z.int().min(0).max(600_000), times, path }).exactOptional(),
  untrustedIp: plain,
  badGateway: counted,
  wrongShape: counted,
});
const variants = z.strictObject({
  addExisting: z.enum(['all', 'onlyNew', 'refuse']).exactOptional(),
  foreignStrategy: z.literal([60030, 40058, 40068]).exactOptional(),
  unknownIds: z.enum(['error', 'omit']).exactOptional(),
  optionIds: z.enum(['OptionIds', 'OpitonIds']).exactOptional(),
  eventStrategyId: z.boolean().exactOptional(),
  foreignTag: z.literal([40068, 40058]).exactOptional(),
  addToForeign: z.enum(['allow', 'refuse']).exactOptional(),
  deletedFlags: z.enum(['shown', 'hidden']).exactOptional(),
  emptyLists: z.enum(['sent', 'omitted']).exactOptional(),
});

export class Control {
  readonly #overview: Overview;

  constructor(overview: Overview) {
    this.#overview = overview;
  }

  async handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const { pathname } = url;
    const key = url.searchParams.get('app');
    if (request.method === 'GET') {
      request.resume();
      // A window may have stayed open on an app that is gone.
      this.#get(response, pathname, this.#overview.seat(key) ?? this.#overview.seat(null));
      return;
    }
    try {
      const seat = this.#overview.seat(key);
      if (seat === undefined) throw new Impossible('no such app');
      const bytes = await readBody(request, MAX_BODY_BYTES);
      if (bytes === undefined) throw new Impossible('the body is too long');
      const answer = request.method === 'POST' ? await this.#post(pathname, parseJson(bytes), seat) : undefined;
      if (answer === undefined) sendJson(response, 404, { error: 'no such path' });
      else sendJson(response, 200, answer);
    } catch (error) {
      if (!(error instanceof Impossible || error instanceof Refusal || error instanceof z.ZodError)) throw error;
      sendJson(response, 400, { error: error instanceof z.ZodError ? z.prettifyError(error) : error.message });
    }
  }

  #get(response: ServerResponse, pathname: string, seat: Seat | undefined): void {
    if (seat === undefined) sendJson(response, 404, { error: 'no app stands in any corp' });
    else if (pathname === '/sandbox/state') sendJson(response, 200, this.#overview.state(seat));
    else if (pathname === '/sandbox/events') streamTo(response, seat, this.#overview);
    else {
      const id = /^\/sandbox\/media\/([\w-]+)$/.exec(pathname)?.[1];
      const file = id === undefined ? undefined : this.#overview.file(id);
      if (file === undefined) sendJson(response, 404, { error: 'no such path' });
      else sendFile(response, file);
    }
  }

  /** Undefined for a path that does not exist. Deliveries go on after the answer; the stream tells how. */
  #post(pathname: string, body: unknown, seat: Seat): object | Promise<object> | undefined {
    const { corp, actions } = seat;
    const id = ({ id: bubble }: Doing): object => ({ id: bubble });
    switch (pathname) {
      case '/sandbox/say': {
        const { member: from, text } = say.parse(body);
        return id(actions.say(from, text));
      }
      case '/sandbox/press': {
        const { member: from, messageId, key, selected } = press.parse(body);
        return id(actions.press(from, messageId, key, selected));
      }
      case '/sandbox/click': {
        const { member: from, key } = click.parse(body);
        return id(actions.click(from, key));
      }
      case '/sandbox/enter':
        return id(actions.enter(who.parse(body).member));
      case '/sandbox/subscribe':
        return id(actions.subscribe(who.parse(body).member));
      case '/sandbox/media': {
        const { member: from, media: kind } = media.parse(body);
        return id(actions.media(from, kind));
      }
      case '/sandbox/console':
        return { events: actions.console(consoleEdit.parse(body)).length };
      case '/sandbox/faults':
        return corp.setFaults(faults.parse(body));
      case '/sandbox/variants':
        return corp.trouble.setVariants(variants.parse(body));
      case '/sandbox/reset':
        corp.reset(reset.parse(body));
        return this.#overview.state(seat);
      case '/sandbox/provider':
        return this.#overview.provider?.order(body);
      default:
        return undefined;
    }
  }
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw new Impossible('the body is not JSON');
  }
}
