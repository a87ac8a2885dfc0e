/**
 * Whether a callback comes from WeCom, now. One function of what was sent, the keys and the clock; the rules, in the order
 * in which they are tried:
 *
 * 1. msg_signature, timestamp and nonce are each given exactly once, and the timestamp is a number       `query`
 * 2. the signature over token, timestamp, nonce and ciphertext is right, compared in constant time     `signature`
 * 3. the ciphertext opens, and everything under the seal is as WeCom makes it    `ciphertext` `padding` `length` `utf8`
 * 4. the timestamp is no further from our clock than the window                                         `timestamp`
 * 5. what a GET brings is an echo: short, and nothing that could be a message or an answer                     `echo`
 *
 * 2 and 3 stand in envelope.ts; for whom it was sealed is looked at in route.ts. WeCom docs 90930 and 90968.
 */
import { BotError } from '../errors.ts';
import type { Seal, SignedQuery } from './envelope.ts';

export interface Claim {
  /** As it stood in the request, still encoded. */
  readonly querystring: string;
  /** Of the body of a POST; undefined for a GET, whose ciphertext is the `echostr` of the query. */
  readonly encrypt: string | undefined;
}

export interface Verified {
  readonly plaintext: string;
  /** For whom it was sealed. */
  readonly receiveId: string;
  /** Rule 4 was broken: for the caller to throw, unless this is a repeat of a message that is known. */
  readonly stale: BotError | undefined;
}

/** How far a timestamp may be from our clock, either way, in ms. */
const WINDOW_MS = 10 * 60_000;
/** Documented is a text to be sent back as it is; seen are digits. Neither XML nor JSON can begin like this. */
const ECHO = /^[\w+/=.-]{1,64}$/;

/**
 * Applies the rules. `now` is in ms.
 * @throws BotError of kind `callback` for the first rule that is broken, but for rule 4
 */
export function verify({ querystring, encrypt }: Claim, seal: Pick<Seal, 'open'>, now: number): Verified {
  const query = readQuery(querystring);
  // A proxy that decodes the query once too often leaves spaces where base64 has its plus signs.
  const { text: plaintext, receiveId } = seal.open(query, encrypt ?? query.echostr.replaceAll(' ', '+'));

  const offMs = now - Number(query.timestamp) * 1000;
  const stale =
    Math.abs(offMs) > WINDOW_MS ? refused('callback.timestamp', { minutesOff: Math.round(offMs / 60_000) }) : undefined;
  if (encrypt === undefined && !ECHO.test(plaintext)) throw refused('callback.echo');
  return { plaintext, receiveId, stale };
}

const TIMESTAMP = /^\d{1,12}$/;

/**
 * The signed parameters, each given exactly once. Nothing but percent-decoding is done to them: a raw `+` stays one,
 * where form decoding (querystring, URLSearchParams) would make it a space.
 */
function readQuery(raw: string): SignedQuery & { readonly echostr: string } {
  const found = { msg_signature: '', timestamp: '', nonce: '', echostr: '' };
  for (const pair of raw.split('&')) {
    const equals = pair.indexOf('=');
    const key = percentDecode(equals === -1 ? pair : pair.slice(0, equals));
    // nonce[]=a and nonce[0]=a are ways to say an array.
    const bracket = key.indexOf('[');
    const name = bracket === -1 ? key : key.slice(0, bracket);
    if (name !== 'msg_signature' && name !== 'timestamp' && name !== 'nonce' && name !== 'echostr') continue;
    const value = equals === -1 ? '' : percentDecode(pair.slice(equals + 1));
    if (bracket !== -1 || value === '' || found[name] !== '') throw refused('callback.query');
    found[name] = value;
  }
  if (found.msg_signature === '' || found.nonce === '' || !TIMESTAMP.test(found.timestamp)) {
    throw refused('callback.query');
  }
  return found;
}

function percentDecode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw refused('callback.query');
  }
}

function refused(code: string, facts: Record<string, number> = {}): BotError {
  return new BotError(code, 'callback', { facts });
}
