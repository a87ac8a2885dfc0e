/**
 * A template (代开发, dk…) or an app (第三方, ww…) of a provider, as the platform keeps it: its tickets, its tokens, and the
 * codes that stand for an authorisation (docs 90600, 90628, 97162). Nothing of one suite works in another.
 */
import { randomBytes } from 'node:crypto';
import type { AppKind } from '../app-kind.ts';
import type { Company } from '../company.ts';
import { randomText } from '../ids.ts';
import type { ProviderVariants } from '../protocol.ts';
import { refuse } from '../refusal.ts';

export interface SuiteOptions {
  /** How tests, page and control paths call it. */
  readonly name: string;
  readonly kind: Exclude<AppKind, 'own'>;
  readonly suiteId: string;
  readonly secret: string;
  /** Of the 指令 or template URL; of a 第三方 app also of its 数据 URL. */
  readonly token: string;
  readonly encodingAesKey: string;
  /** 代开发: of the apps' own URL, one pair for all corps; by default that of the template. */
  readonly app?: { readonly token: string; readonly encodingAesKey: string };
  /** What members see; by default 标签助手. */
  readonly appName?: string;
}

/** What an auth code stands for. */
export interface Authorisation {
  readonly company: Company;
  readonly state: string;
}

const TICKET_LIFE_MS = 30 * 60_000;
const TOKEN_LIFE_MS = 7_200_000;
const CODE_LIFE_MS = 10 * 60_000;
const PRE_AUTH_LIFE_MS = 1_200_000;

interface Until<T> {
  readonly value: T;
  readonly until: number;
}

export class Suite {
  readonly options: SuiteOptions;
  readonly #now: () => number;
  readonly #variants: () => ProviderVariants;
  /** Newest last. */
  readonly #tickets: Until<string>[] = [];
  /** Dead ones stay known, so that they answer 42009 and not 40082. */
  readonly #tokens = new Map<string, number>();
  readonly #codes = new Map<string, Until<Authorisation>>();
  readonly #preAuthCodes = new Map<string, Until<{ authType: number }>>();

  constructor(options: SuiteOptions, now: () => number, variants: () => ProviderVariants) {
    this.options = options;
    this.#now = now;
    this.#variants = variants;
  }

  get id(): string {
    return this.options.suiteId;
  }

  /** When the newest ticket was made, unix ms; undefined when none counts any more. */
  get ticketAt(): number | undefined {
    const newest = this.#tickets.at(-1);
    return newest !== undefined && newest.until > this.#now() ? newest.until - TICKET_LIFE_MS : undefined;
  }

  /** The newest ticket while it counts. */
  get ticket(): string | undefined {
    return this.ticketAt === undefined ? undefined : this.#tickets.at(-1)?.value;
  }

  newTicket(): string {
    const value = randomText(64);
    this.#tickets.push({ value, until: this.#now() + TICKET_LIFE_MS });
    return value;
  }

  /** All tickets have run out, and nobody is given another. */
  forgetTickets(): void {
    this.#tickets.length = 0;
  }

  /** service/get_suite_token. @throws Refusal 40080, 40085. */
  getToken(secret: string, ticket: string): { readonly suite_access_token: string; readonly expires_in: number } {
    if (secret !== this.options.secret) refuse(40080, 'invalid suite secret');
    const counting = this.#variants().olderTickets === 'accepted' ? this.#tickets : this.#tickets.slice(-1);
    const live = counting.some(({ value, until }) => value === ticket && until > this.#now());
    if (!live) refuse(40085, 'invalid suite ticket');
    const token = randomBytes(120).toString('base64url');
    this.#tokens.set(token, this.#now() + TOKEN_LIFE_MS);
    return { suite_access_token: token, expires_in: TOKEN_LIFE_MS / 1000 };
  }

  /** Whether the token was ever one of this suite. @throws Refusal 42009 when it has run out. */
  owns(token: string): boolean {
    const end = this.#tokens.get(token);
    if (end === undefined) return false;
    return end > this.#now() || refuse(42009, 'suite_access_token expired');
  }

  expireTokens(): void {
    for (const token of this.#tokens.keys()) this.#tokens.set(token, 0);
  }

  newCode(authorisation: Authorisation): string {
    const code = randomText(64);
    this.#codes.set(code, { value: authorisation, until: this.#now() + CODE_LIFE_MS });
    return code;
  }

  /** What the code stands for; it works once, within ten minutes, in this suite. @throws Refusal 40078. */
  redeem(code: string): Authorisation {
    const found = this.#codes.get(code);
    this.#codes.delete(code);
    if (found === undefined || found.until <= this.#now()) refuse(40078, 'invalid auth code');
    return found.value;
  }

  /** The corp has taken its authorisation back: its codes stand for nothing. */
  forgetCodes(company: Company): void {
    for (const [code, { value }] of this.#codes) if (value.company === company) this.#codes.delete(code);
  }

  /** service/get_pre_auth_code (doc 90601): for an install from the provider's own site. */
  newPreAuthCode(): { readonly pre_auth_code: string; readonly expires_in: number } {
    const code = randomText(64);
    this.#preAuthCodes.set(code, { value: { authType: 0 }, until: this.#now() + PRE_AUTH_LIFE_MS });
    return { pre_auth_code: code, expires_in: PRE_AUTH_LIFE_MS / 1000 };
  }

  /** What has been set for the code; 1 is a test install. @throws Refusal 40077, 42007. */
  preAuth(code: string): { authType: number } {
    const found = this.#preAuthCodes.get(code) ?? refuse(40077, 'invalid pre auth code');
    if (found.until <= this.#now()) refuse(42007, 'pre auth code expired');
    return found.value;
  }
}
