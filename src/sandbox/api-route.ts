/**
 * The API on its socket: reads the request, lets broken lines break, answers late, and keeps a record of every call.
 * What the call means is api.ts, or for a provider's own calls provider/service-api.ts.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type ApiAnswer, type ApiRequest, answerApi, isApiPath, isSerial } from './api.ts';
import { readBody, readUpload, sendFile, sendJson } from './bodies.ts';
import type { Corp } from './corp.ts';
import type { Corps } from './corps.ts';
import { randomText } from './ids.ts';
import { MAX_UPLOAD_BYTES } from './media.ts';
import type { WireEntry } from './protocol.ts';
import { type Body, isBody } from './refusal.ts';
import type { Trouble } from './trouble.ts';
import { answerText, requestLine, requestText, SECRETS } from './wire-text.ts';

/** One call the bot made, for tests to look at. */
export interface ApiCall {
  readonly method: string;
  /** e.g. /cgi-bin/message/send */
  readonly path: string;
  /** Without access_token and corpsecret. */
  readonly query: Readonly<Record<string, string>>;
  /** The parsed JSON; undefined for a GET, an upload, or what is not JSON. */
  readonly body: Body | undefined;
  /** Undefined when no errcode was sent: a broken line, a bad gateway, a file. */
  readonly errcode: number | undefined;
  /** unix ms, and how long it took. */
  readonly at: number;
  readonly ms: number;
}

/** Whose call it is: an app of a corp, or a provider. */
export interface Counterpart {
  readonly now: () => number;
  readonly trouble: Trouble;
  record(entry: WireEntry): void;
  /** `overlaps`: another call that must not overlap is running. */
  answer(call: ApiRequest, overlaps: boolean): ApiAnswer;
  /** How long the call takes by itself, ms. */
  takes(path: string): number;
}

/** Calls that belong to no corp, by the start of their path. */
export interface Service {
  isPath(path: string): boolean;
  readonly counterpart: Counterpart;
}

const MAX_JSON_BYTES = 1024 * 1024;
/** How long a call that must not overlap takes: long enough for a second one to be noticed. */
const SERIAL_WORK_MS = 20;

export class ApiRoute {
  readonly calls: ApiCall[] = [];
  readonly #corps: Corps;
  readonly #service: Service;
  /** Corps in which a call runs that must not overlap with another. */
  readonly #serialRunning = new Set<Corp>();

  constructor(corps: Corps, service: Service) {
    this.#corps = corps;
    this.#service = service;
  }

  async handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const path = url.pathname;
    if (this.#service.isPath(path)) {
      await this.#answer(request, response, url, this.#service.counterpart, false, () => undefined);
      return;
    }
    if (!isApiPath(path)) {
      request.resume();
      response.writeHead(404).end();
      return;
    }
    const corp = this.#corps.called(path, url.searchParams);
    const serial = isSerial(path);
    const overlaps = serial && this.#serialRunning.has(corp);
    const mine = serial && !overlaps;
    if (mine) this.#serialRunning.add(corp);
    const finished = (): void => {
      if (mine) this.#serialRunning.delete(corp);
    };
    try {
      await this.#answer(request, response, url, counterpartOf(corp, mine), overlaps, finished);
    } catch (error) {
      finished();
      throw error;
    }
  }

  /** `finished` is called before the answer leaves: the caller may send the next call as soon as it has this one's answer. */
  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    counterpart: Counterpart,
    overlaps: boolean,
    finished: () => void,
  ): Promise<void> {
    const at = counterpart.now();
    const started = performance.now();
    const path = url.pathname;
    const { trouble } = counterpart;
    const { call, shown } = await this.#read(request, url);
    const record = (status: number, answer: string, errcode?: number): void => {
      const ms = Math.round(performance.now() - started);
      const query = Object.fromEntries([...url.searchParams].filter(([name]) => !SECRETS.has(name)));
      this.calls.push({ method: call.method, path, query, body: call.body, errcode, at, ms });
      const line = requestLine(call.method, url);
      counterpart.record({
        id: randomText(12),
        at,
        direction: 'api',
        line,
        status,
        ms,
        request: shown,
        response: answer,
      });
    };

    if (trouble.hits('brokenBefore', path)) {
      finished();
      record(0, '(connection broken before the call)');
      response.destroy();
      return;
    }
    if (trouble.hits('badGateway', path)) {
      finished();
      record(502, BAD_GATEWAY);
      response.writeHead(502, { 'content-type': 'text/html' }).end(BAD_GATEWAY);
      return;
    }
    const late = trouble.faults.landsLate.ms;
    if (trouble.hits('landsLate', path)) {
      finished();
      response.destroy();
      await delay(late, undefined, { ref: false });
      counterpart.answer(call, overlaps);
      record(0, '(the connection broke, then carried out)');
      return;
    }
    const answer = counterpart.answer(call, overlaps);
    const taken = counterpart.takes(path);
    if (taken > 0) await delay(taken, undefined, { ref: false });
    if (trouble.hits('slow', path)) await delay(trouble.faults.slow.ms, undefined, { ref: false });
    finished();
    if (trouble.hits('brokenAfter', path)) {
      record(0, '(carried out, then the connection broke)');
      response.destroy();
      return;
    }
    const errcode = answer.kind === 'json' ? answer.json.errcode : undefined;
    const text = answer.kind === 'json' ? answerText(answer.json) : `(${answer.file.bytes.length} bytes)`;
    record(200, text, typeof errcode === 'number' ? errcode : undefined);
    send(response, answer);
  }

  async #read(request: IncomingMessage, url: URL): Promise<{ readonly call: ApiRequest; readonly shown: string }> {
    const ip = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    const method = request.method ?? 'GET';
    const base = { method, path: url.pathname, query: url.searchParams, ip };
    const contentType = request.headers['content-type'] ?? '';
    if (contentType.startsWith('multipart/form-data')) {
      const bytes = await readBody(request, MAX_UPLOAD_BYTES);
      const form = bytes === undefined ? undefined : await readUpload(bytes, contentType);
      // A body beyond every limit is a file that is too large, and told as such.
      const upload = form ?? {
        filename: '',
        contentType: '',
        bytes: new Uint8Array(bytes === undefined ? MAX_UPLOAD_BYTES : 0),
      };
      return {
        call: { ...base, body: undefined, upload },
        shown: `(form with ${upload.bytes.length} bytes: ${upload.filename})`,
      };
    }
    const text = (await readBody(request, MAX_JSON_BYTES))?.toString() ?? '';
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    return { call: { ...base, body: isBody(json) ? json : undefined }, shown: requestText(text) };
  }
}

const counterpartOf = (corp: Corp, serial: boolean): Counterpart => ({
  now: corp.now,
  trouble: corp.trouble,
  record: (entry) => corp.record(entry),
  answer: (call, overlaps) => answerApi(corp, call, overlaps),
  takes: () => (serial ? SERIAL_WORK_MS : 0),
});

const BAD_GATEWAY =
  '<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>\n';

function send(response: ServerResponse, answer: ApiAnswer): void {
  if (response.destroyed) return;
  if (answer.kind === 'file') {
    sendFile(response, answer.file);
    return;
  }
  const { errcode, errmsg } = answer.json;
  if (errcode !== undefined) response.setHeader('Error-Code', String(errcode));
  if (typeof errmsg === 'string') response.setHeader('Error-Msg', errmsg.replace(/[^\x20-\x7e]/g, '?'));
  sendJson(response, 200, answer.json);
}
