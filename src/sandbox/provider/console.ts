/** The provider's console as tests and the page have it in hand, and what admins of corps do about its apps. */
import type { Place } from '../place.ts';
import type { UrlCheck } from '../post.ts';
import type { Delivery, Faults, ProviderVariants } from '../protocol.ts';
import type { Grant } from './installation.ts';

export interface Installed {
  /** The provider's id of the corp. */
  readonly corpId: string;
  readonly agentId: number;
  /** As create_auth carries it, or the redirect of the provider's own site. */
  readonly authCode: string;
  /** What became of create_auth; undefined when none is sent. */
  readonly delivered: Delivery | undefined;
  /** The app in this corp. */
  readonly app: Place;
}

export interface InstallOptions extends Partial<Grant> {
  /** Of the link or QR code. */
  readonly state?: string;
  /** The pre auth code of an install from the provider's own site: no create_auth comes, the code is in the redirect. */
  readonly preAuthCode?: string;
}

export interface TicketOptions {
  /** The ticket and the SuiteId are this suite's, although the URL is the other's. */
  readonly of?: string;
  /** Whose id is sealed in when the ticket is another suite's; by default that other one's. */
  readonly sealedFor?: 'url' | 'ticket';
}

export interface PushOptions {
  readonly sealedFor?: string;
  readonly to?: string;
}

/** Suites and corps are called by their names. What cannot be done throws. */
export interface ProviderConsole {
  readonly corpId: string;
  readonly variants: ProviderVariants;
  /** The bot's addresses: `app` is 代开发's own URL or the 数据 URL, in which `$CORPID$` stands for the corp. */
  setUrls(suite: string, urls: { readonly suite?: string; readonly app?: string }): void;
  /** The console's check of both; the app's is checked as its first installation. */
  verifyUrls(suite: string): Promise<{ readonly suite: UrlCheck; readonly app: UrlCheck }>;
  /** 手动推送 suite_ticket. */
  pushTicket(suite: string, options?: TicketOptions): Promise<Delivery>;
  /** Pushes a ticket to every suite now and then every `everyMs` (default ten minutes). */
  startTickets(everyMs?: number): Promise<void>;
  /** No further tickets; the last one lives on for its 30 minutes. */
  stopTickets(): void;
  /** All tickets and suite tokens have run out. */
  expireTickets(suite: string): void;
  install(suite: string, company: string, options?: InstallOptions): Promise<Installed>;
  /** The corp's admin changes rights, range, or switches the app off or on. */
  change(suite: string, company: string, grant: Partial<Grant>): Promise<Delivery>;
  cancel(suite: string, company: string): Promise<Delivery>;
  /** 重新获取 secret, of 代开发. */
  resetSecret(suite: string, company: string): Promise<Delivery>;
  /** Another member looks after the app: change_app_admin. */
  changeAdmin(suite: string, company: string): Promise<Delivery>;
  /** The corp edits a member. */
  changeMember(suite: string, company: string, userid: string): Promise<Delivery>;
  /** Any plaintext, sealed as an event of the suite. */
  push(suite: string, plaintext: string, options?: PushOptions): Promise<Delivery>;
  /** The last events of the suite once more. */
  again(suite: string, count?: number): Promise<readonly Delivery[]>;
  /** Events wait until `release`; the promises of the acts with them. */
  hold(): void;
  release(order?: 'as-sent' | 'reversed'): Promise<readonly Delivery[]>;
  /** The app of the suite in a corp that has it. */
  app(suite: string, company: string): Place;
  /** The provider's id of a member of a corp that has installed. */
  userId(suite: string, company: string, userid: string): string;
  setFaults(faults: Partial<Faults>): Faults;
  setVariants(variants: Partial<ProviderVariants>): ProviderVariants;
}
