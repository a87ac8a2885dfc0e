/**
 * One HTTP exchange with the platform: no retries, no errcodes, no tokens. The only place that opens a connection.
 *
 * It is node:http with a keep-alive agent and not `fetch`, for two reasons: it costs less than half of the CPU per call,
 * and it knows whether a request can have reached the other side, which decides whether a write may be repeated.
 */
import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { TLSSocket } from 'node:tls';

/** Parallel calls per corp that the platform tolerates without 45033; further ones wait in the agent. */
const MAX_PARALLEL = 20;
/** Idle connections are closed before the other side does it: a write must not meet a half-closed socket. */
const IDLE_MS = 15_000;
/** Ten thousand tags are about 1.5 MB. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
const USUAL_HOST = 'qyapi.weixin.qq.com';

export interface Exchange {
  readonly method: 'GET' | 'POST';
  /** Below /cgi-bin, without query, e.g. `externalcontact/get_strategy_tag_list`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string | number>>;
  readonly body?: string | Buffer;
  readonly contentType?: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Who is asked, and through whom. Without credentials: it is shown. */
export interface Way {
  /** e.g. qyapi.weixin.qq.com or 10.0.0.5:8080 */
  readonly host: string;
  /** Host and port of the proxy, when there is one. */
  readonly proxy: string | undefined;
  /** The platform's own host, reached without a relay. */
  readonly usual: boolean;
}

export interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  readonly validTo: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  /** The other side's clock, ms, to the second. */
  readonly date: number | undefined;
  /** Scheme and host of where a redirect leads to. */
  readonly location: string | undefined;
  /** The proxy refused to connect, so the request never left for its aim. */
  readonly fromProxy: boolean;
}

/** How companies let a server out. */
export interface Egress {
  /** `http://user:password@host:port`; the credentials are sent and never shown. */
  readonly proxy: string | undefined;
  /** Hosts that are reached without it: names (their subdomains included), addresses, `*`; each perhaps with a port. */
  readonly noProxy: readonly string[];
}

export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly reason: 'unreachable' | 'timeout' | 'broken' | 'stopped' | 'too-large';
  /** False when no byte of the request can have reached the other side. */
  readonly sent: boolean;
  /** The one the other side showed, when that is what was wrong. */
  readonly certificate: Certificate | undefined;

  constructor(reason: TransportError['reason'], sent: boolean, cause?: unknown, certificate?: Certificate) {
    super(reason, { cause });
    this.reason = reason;
    this.sent = sent;
    this.certificate = certificate;
  }
}

export interface Transport {
  /** Resolves with any HTTP status. Throws TransportError only. `timeoutMs` covers waiting, sending and receiving. */
  exchange(what: Exchange): Promise<HttpAnswer>;
  readonly way: Way;
  /** Closes idle connections; calls under way are cut off. */
  close(): void;
}

/**
 * `baseUrl` is scheme, host and perhaps a prefix, e.g. https://qyapi.weixin.qq.com; user and password in it are sent with
 * every request (Basic). The proxy is used for https only: plain http stays on this machine or in the house.
 */
export function createTransport(baseUrl: string, egress: Egress = { proxy: undefined, noProxy: [] }): Transport {
  const base = new URL(baseUrl);
  const secure = base.protocol === 'https:';
  const prefix = `${base.pathname.replace(/\/+$/, '')}/cgi-bin/`;
  const proxy = secure && !bypasses(base, egress.noProxy) ? egress.proxy : undefined;
  // The agent's timeout concerns idle sockets only: a call has its own deadline below.
  const options = { keepAlive: true, maxSockets: MAX_PARALLEL, timeout: IDLE_MS };
  let agent: HttpAgent | undefined;
  const ready = async (): Promise<HttpAgent> => {
    agent ??=
      proxy !== undefined ? await tunnel(proxy, options) : secure ? new HttpsAgent(options) : new HttpAgent(options);
    return agent;
  };
  const target = { protocol: base.protocol, hostname: base.hostname.replace(/^\[|\]$/g, ''), port: base.port };
  const auth =
    base.username === '' ? {} : { auth: `${decodeURIComponent(base.username)}:${decodeURIComponent(base.password)}` };
  const send = secure ? httpsRequest : httpRequest;

  return {
    way: { host: base.host, proxy: proxy && new URL(proxy).host, usual: base.hostname === USUAL_HOST },
    close: () => agent?.destroy(),
    async exchange(what) {
      if (what.signal?.aborted) throw new TransportError('stopped', false);
      const through = agent ?? (await ready());
      return new Promise((resolve, reject) => {
        const { body } = what;
        const headers: Record<string, string | number> = { accept: 'application/json' };
        if (body !== undefined) {
          headers['content-type'] = what.contentType ?? 'application/json';
          headers['content-length'] = Buffer.byteLength(body);
        }
        const request = send({
          ...target,
          ...auth,
          agent: through,
          method: what.method,
          path: prefix + what.path + queryOf(what.query),
          headers,
        });
        const watched = watchConnecting(request, secure);

        let settled = false;
        const settle = (outcome: HttpAnswer | TransportError): void => {
          if (settled) return;
          settled = true;
          clearTimeout(deadline);
          what.signal?.removeEventListener('abort', stop);
          if (outcome instanceof TransportError) {
            request.destroy();
            reject(outcome);
          } else resolve(outcome);
        };
        const fail = (reason: TransportError['reason'], cause?: unknown): void => {
          const { sent, certificate } = watched();
          // What kept it from being sent is still told: a timeout is not a refusal.
          const told = sent || reason === 'stopped' || reason === 'timeout' ? reason : 'unreachable';
          settle(new TransportError(told, sent, cause, certificate));
        };
        const stop = (): void => fail('stopped');
        const deadline = setTimeout(() => fail('timeout'), what.timeoutMs);
        what.signal?.addEventListener('abort', stop, { once: true });

        request.on('error', (cause) => fail('broken', cause));
        request.on('response', (response) => collect(response, watched().refusedByProxy, settle, fail));
        request.end(body);
      });
    },
  };
}

/** Credentials go in a header of their own: the library's debug output prints the URL. */
async function tunnel(proxy: string, options: ConstructorParameters<typeof HttpsAgent>[0]): Promise<HttpAgent> {
  const { HttpsProxyAgent } = await import('https-proxy-agent');
  const url = new URL(proxy);
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const headers: Record<string, string> =
    url.username === '' ? {} : { 'Proxy-Authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
  url.username = '';
  url.password = '';
  return new HttpsProxyAgent(url, { ...options, headers });
}

/** Whether a host is to be reached without the proxy. */
export function bypasses(url: URL, noProxy: readonly string[]): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return noProxy.some((entry) => {
    const [, name = '', only] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    if (only !== undefined && only !== port) return false;
    const bare = name.replace(/^\*?\./, '');
    return bare === '*' || host === bare || host.endsWith(`.${bare}`);
  });
}

interface Connecting {
  /** Whether the request's bytes can have left: true from the moment its socket is connected (and encrypted). */
  readonly sent: boolean;
  readonly certificate: Certificate | undefined;
  readonly refusedByProxy: boolean;
}

function watchConnecting(request: ClientRequest, secure: boolean): () => Connecting {
  let sent = false;
  let refusedByProxy = false;
  let certificate: Certificate | undefined;
  request.once('proxyConnect', (answer: { readonly statusCode: number }) => {
    refusedByProxy = answer.statusCode !== 200;
  });
  request.once('socket', (socket) => {
    if (refusedByProxy) return;
    // Through a tunnel the socket is connected before it is encrypted.
    if (secure ? !(socket instanceof TLSSocket) || socket.authorized : !socket.connecting) sent = true;
    else {
      socket.once(secure ? 'secureConnect' : 'connect', () => {
        sent = true;
      });
      // Before Node looks at the certificate, and drops the connection for it.
      socket.prependOnceListener('secure', () => {
        if (socket instanceof TLSSocket) certificate = shown(socket);
      });
    }
  });
  return () => ({ sent, certificate, refusedByProxy });
}

function shown(socket: TLSSocket): Certificate | undefined {
  const { subject, issuer, valid_to: validTo } = socket.getPeerCertificate();
  return subject === undefined
    ? undefined
    : { subject: nameIn(subject), issuer: nameIn(issuer), validTo: String(validTo) };
}

function nameIn({ CN, O }: { readonly CN?: unknown; readonly O?: unknown }): string {
  return String(CN ?? O ?? '未知').slice(0, 100);
}

function collect(
  response: IncomingMessage,
  fromProxy: boolean,
  settle: (answer: HttpAnswer) => void,
  fail: (reason: TransportError['reason'], cause?: unknown) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) fail('too-large');
    else chunks.push(chunk);
  });
  response.on('error', (cause) => fail('broken', cause));
  response.on('end', () => {
    const { date = '', location = '' } = response.headers;
    settle({
      status: response.statusCode ?? 0,
      text: Buffer.concat(chunks).toString('utf8'),
      date: Date.parse(date) || undefined,
      location: URL.canParse(location) ? new URL(location).origin : undefined,
      fromProxy,
    });
  });
}

function queryOf(query: Exchange['query']): string {
  const pairs = Object.entries(query).map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}
