/**
 * A provider as the platform knows it: its suites, the corps that may install them, who has authorised what. It knows
 * no socket; what happens between it and the bot is console.ts.
 */
import { randomBytes } from 'node:crypto';
import type { Company } from '../company.ts';
import type { ProviderVariants, WireEntry } from '../protocol.ts';
import { type Body, refuse } from '../refusal.ts';
import { Trouble } from '../trouble.ts';
import { encryptedIds, type ProviderIds, plainIds } from './ids.ts';
import { type Grant, Installation, USUAL_GRANT } from './installation.ts';
import { Suite, type SuiteOptions } from './suite.ts';

export interface ProviderOptions {
  /** Of the provider itself. */
  readonly corpId: string;
  readonly secret: string;
  readonly suites: readonly SuiteOptions[];
  /** Names of the corps that may install; the name of the sandbox's own corp means that one. */
  readonly companies: readonly string[];
  /** `plain`: as for those who authorised before 2022-06-28. */
  readonly ids?: 'encrypted' | 'plain';
}

const DEFAULT_PROVIDER_VARIANTS: ProviderVariants = {
  checkSealedFor: 'provider',
  createAuthTo: 'suite',
  authUserInfo: 'sent',
  adminList: 'sent',
  appInCorp: 'made',
  oldExchangeMs: 3000,
  olderTickets: 'refused',
  resetEndsOld: 'at-once',
  cancelledToken: 48004,
  userIdCase: 'exact',
  hiddenNames: 'id',
};

const TOKEN_LIFE_MS = 7_200_000;
const WIRE_KEPT = 200;
const FIRST_AGENT_ID = 1_000_002;
const ADMIN = 'wangzong';

export class Provider {
  readonly corpId: string;
  readonly now: () => number;
  readonly suites: readonly Suite[];
  readonly companies: readonly Company[];
  readonly trouble: Trouble;
  readonly wire: WireEntry[] = [];
  readonly #secret: string;
  readonly #ids: ProviderIds;
  readonly #changed: (entry?: WireEntry) => void;
  readonly #tokens = new Map<string, number>();
  readonly #installations = new Map<string, Installation>();
  readonly #lastAgentId = new Map<Company, number>();
  #variants = DEFAULT_PROVIDER_VARIANTS;

  /** `changed` hears of everything the page shows; of a call or callback with its entry. */
  constructor(
    options: ProviderOptions,
    companies: readonly Company[],
    plainIdOf: (company: Company) => string,
    now: () => number,
    changed: (entry?: WireEntry) => void,
  ) {
    this.corpId = options.corpId;
    this.#secret = options.secret;
    this.now = now;
    this.companies = companies;
    this.#changed = changed;
    this.#ids = options.ids === 'plain' ? plainIds(plainIdOf) : encryptedIds();
    this.suites = options.suites.map((suite) => new Suite(suite, now, () => this.#variants));
    this.trouble = new Trouble(() => changed());
  }

  get variants(): ProviderVariants {
    return this.#variants;
  }

  setVariants(variants: Partial<ProviderVariants>): ProviderVariants {
    this.#variants = { ...this.#variants, ...variants };
    this.changed();
    return this.#variants;
  }

  changed(): void {
    this.#changed();
  }

  record(entry: WireEntry): void {
    this.wire.push(entry);
    if (this.wire.length > WIRE_KEPT) this.wire.shift();
    this.#changed(entry);
  }

  installations(): readonly Installation[] {
    return [...this.#installations.values()];
  }

  /** The live one of the suite, by the provider's id of the corp. */
  installationOf(suite: Suite, corpId: string): Installation | undefined {
    return this.installations().find((each) => each.suite === suite && each.corpId === corpId);
  }

  installationIn(suite: Suite, company: Company): Installation | undefined {
    return this.#installations.get(keyOf(suite, company));
  }

  /** Authorises the suite for the corp; one that stands already gets another grant and stays the same app. */
  install(suite: Suite, company: Company, grant: Partial<Grant>): Installation {
    const whole = { ...USUAL_GRANT, ...grant };
    const present = this.installationIn(suite, company);
    if (present !== undefined) {
      present.grant = whole;
      return present;
    }
    const agentId = (this.#lastAgentId.get(company) ?? FIRST_AGENT_ID) + 1;
    this.#lastAgentId.set(company, agentId);
    const made = new Installation({ suite, company, agentId, admin: ADMIN }, this.#ids, {
      now: this.now,
      variants: () => this.#variants,
      grant: whole,
    });
    this.#installations.set(keyOf(suite, company), made);
    return made;
  }

  uninstall(installation: Installation): void {
    this.#installations.delete(keyOf(installation.suite, installation.company));
    installation.suite.forgetCodes(installation.company);
    installation.cancel(this.#variants.cancelledToken);
  }

  newPermanentCode(installation: Installation): string {
    const code = installation.newPermanentCode();
    this.changed();
    return code;
  }

  /** The suite whose token it is. @throws Refusal 41022, 40082, 42009. */
  suiteOf(token: string | null): Suite {
    if (!token) refuse(41022, 'missing suite_access_token');
    return this.suites.find((suite) => suite.owns(token)) ?? refuse(40082, 'invalid suite_access_token');
  }

  /** service/get_provider_token. */
  newToken(corpId: string, secret: string): Body {
    if (corpId !== this.corpId) refuse(40013, 'invalid corpid');
    if (secret !== this.#secret) refuse(40001, 'invalid credential');
    const token = randomBytes(120).toString('base64url');
    this.#tokens.set(token, this.now() + TOKEN_LIFE_MS);
    return { provider_access_token: token, expires_in: TOKEN_LIFE_MS / 1000 };
  }

  checkToken(token: string | null): void {
    if (!token) refuse(41001, 'provider_access_token missing');
    const end = this.#tokens.get(token) ?? refuse(40014, 'invalid provider_access_token');
    if (end <= this.now()) refuse(42001, 'provider_access_token expired');
  }

  /** What the exchange tells of the admin who has authorised; may be missing, and so may each field (doc 100776). */
  adminOf(installation: Installation): Body {
    const { authUserInfo } = this.#variants;
    if (authUserInfo === 'missing') return {};
    if (authUserInfo === 'empty') return { auth_user_info: { userid: '', open_userid: '', name: '', avatar: '' } };
    const userid = installation.corp.directory.idOf(installation.admin);
    const { directory, app } = installation.corp;
    const name = app.may('userNames') ? directory.person(installation.admin)?.name : undefined;
    return {
      auth_user_info: {
        userid,
        open_userid: userid,
        name: name ?? '',
        avatar: 'https://wework.qpic.cn/wwpic/sandbox/0',
      },
    };
  }

  /** The provider's ids of those who look after the app in the corp (service/get_admin_list). */
  adminsOf(installation: Installation): readonly string[] {
    if (this.#variants.adminList === 'empty') return [];
    return installation.company.members
      .filter(({ superAdmin }) => superAdmin)
      .map(({ userid }) => installation.corp.directory.idOf(userid));
  }
}

const keyOf = (suite: Suite, company: Company): string => `${suite.options.name}/${company.name}`;
