/**
 * Who may call: access tokens (doc 91039) with their life, the block for repeated wrong secrets,
 * and the call frequency per API (doc 90312).
 */
import { randomBytes } from 'node:crypto';
import { type Body, refuse } from './refusal.ts';

const TOKEN_LIFE_MS = 7_200_000;
const BLOCK_MS = 3_600_000;
const WRONG_SECRETS_ALLOWED = 20;
const CALLS_PER_MINUTE = 10_000;

export class Access {
  readonly #corpId: string;
  readonly #now: () => number;
  /** token → unix ms of its end; dead ones stay known so that they answer 42001 and not 40014. */
  readonly #tokens = new Map<string, number>();
  readonly #wrongSecrets = new Map<string, number[]>();
  readonly #calls = new Map<string, { minute: number; count: number }>();
  #secret: string | undefined;
  #current: string | undefined;
  #closedWith: number | undefined;

  /** Without a secret nobody gets a token yet. */
  constructor(credentials: { readonly corpId: string; readonly secret?: string | undefined }, now: () => number) {
    this.#corpId = credentials.corpId;
    this.#secret = credentials.secret;
    this.#now = now;
  }

  isFor(corpId: string): boolean {
    return corpId === this.#corpId;
  }

  opensWith(secret: string): boolean {
    return secret === this.#secret;
  }

  knows(token: string): boolean {
    return this.#tokens.has(token);
  }

  /** From now on every token of this app is refused with this errcode, and no secret opens. */
  close(errcode: number): void {
    this.#secret = undefined;
    this.#closedWith = errcode;
  }

  /** Another secret, or none any more: tokens of the former one are invalid. */
  changeSecret(secret: string | undefined): void {
    this.#secret = secret;
    this.#current = undefined;
    this.#tokens.clear();
  }

  /**
   * gettoken. The same token comes back while it is valid, and asking does not prolong it.
   * `wrongSecret` treats every secret as wrong. Twenty wrong secrets within an hour block the address for an hour.
   */
  getToken(query: URLSearchParams, ip: string, wrongSecret: boolean): Body {
    const now = this.#now();
    const wrong = (this.#wrongSecrets.get(ip) ?? []).filter((at) => now - at < BLOCK_MS);
    if (wrong.length >= WRONG_SECRETS_ALLOWED) refuse(45009, 'api freq out of limit, ip blocked');
    const secret = query.get('corpsecret');
    const corpId = query.get('corpid');
    if (!secret) refuse(41004, 'corpsecret missing');
    if (!corpId) refuse(41002, 'corpid missing');
    if (!this.isFor(corpId)) refuse(40013, 'invalid corpid');
    if (wrongSecret || !this.opensWith(secret)) {
      this.#wrongSecrets.set(ip, [...wrong, now]);
      refuse(40001, 'invalid credential');
    }
    return this.issue();
  }

  /** A token for whoever has shown that they may have one. */
  issue(): { readonly access_token: string; readonly expires_in: number } {
    const now = this.#now();
    const end = this.#current === undefined ? 0 : (this.#tokens.get(this.#current) ?? 0);
    if (this.#current !== undefined && end > now) {
      return { access_token: this.#current, expires_in: Math.ceil((end - now) / 1000) };
    }
    this.#current = randomBytes(120).toString('base64url');
    this.#tokens.set(this.#current, now + TOKEN_LIFE_MS);
    return { access_token: this.#current, expires_in: TOKEN_LIFE_MS / 1000 };
  }

  /** Checks the token of a call: absent 41001, unknown 40014, expired 42001. */
  check(token: string | null): void {
    if (!token) refuse(41001, 'access_token missing');
    if (this.#closedWith !== undefined) refuse(this.#closedWith, 'the authorization is gone');
    const end = this.#tokens.get(token) ?? refuse(40014, 'invalid access_token');
    if (end <= this.#now()) refuse(42001, 'access_token expired');
  }

  /** Counts a call; more than 10,000 a minute to one API is 45009. */
  count(path: string): void {
    const minute = Math.floor(this.#now() / 60_000);
    const seen = this.#calls.get(path);
    const count = seen?.minute === minute ? seen.count + 1 : 1;
    this.#calls.set(path, { minute, count });
    if (count > CALLS_PER_MINUTE) refuse(45009, 'api freq out of limit');
  }

  /** All present tokens end now. */
  expireTokens(): void {
    for (const token of this.#tokens.keys()) this.#tokens.set(token, 0);
  }

  forgiveWrongSecrets(): void {
    this.#wrongSecrets.clear();
  }
}
