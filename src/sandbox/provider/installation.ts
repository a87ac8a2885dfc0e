/** One corp's authorisation of one suite: what it grants, the permanent code, and the app that stands in the corp. */

import type { AppProfile, Right } from '../app-kind.ts';
import type { Company } from '../company.ts';
import { Corp } from '../corp.ts';
import type { Sight } from '../directory.ts';
import { randomText } from '../ids.ts';
import type { Seat } from '../place.ts';
import type { ProviderVariants } from '../protocol.ts';
import { AGENT_NAME } from '../seed.ts';
import type { ProviderIds } from './ids.ts';
import type { Suite } from './suite.ts';

/** What the corp's admin decides, at the install and later. */
export interface Grant {
  readonly rights: readonly Right[];
  /** Departments that see the app; absent: those that the corp shows to its apps anyway. */
  readonly departments?: readonly number[] | undefined;
  readonly enabled: boolean;
}

/** Names are asked for apart (doc 99052); a 第三方 app never gets them. */
export const USUAL_GRANT: Grant = { rights: ['corpTags', 'ruleGroups', 'customers'], enabled: true };

export class Installation {
  readonly suite: Suite;
  readonly company: Company;
  readonly corp: Corp;
  /** Set once: the callbacks need the corp, and the corp is asked whether there are any. */
  seat: Seat | undefined;
  /** The provider's id of the corp. */
  readonly corpId: string;
  /** Who has authorised: a userid of the corp. */
  readonly admin: string;
  grant: Grant;
  #permanentCode: string | undefined;
  #cancelled = false;

  constructor(
    at: { readonly suite: Suite; readonly company: Company; readonly agentId: number; readonly admin: string },
    ids: ProviderIds,
    options: { readonly now: () => number; readonly variants: () => ProviderVariants; readonly grant: Grant },
  ) {
    this.suite = at.suite;
    this.company = at.company;
    this.admin = at.admin;
    this.grant = options.grant;
    this.corpId = ids.corpIdOf(at.company);
    const place = { company: at.company, app: this.#profile(), sight: this.#sight(ids, options.variants) };
    const identity = { corpId: this.corpId, agentId: at.agentId };
    this.corp = new Corp(identity, options.now, () => this.seat?.callbacks.hasUrl === true, place);
  }

  /** Of the suite in this corp: `template/未来零售`. */
  get key(): string {
    return this.corp.app.key;
  }

  /** A code that opens: the former one and its tokens no longer do. */
  newPermanentCode(): string {
    const code = randomText(43);
    this.#setCode(code);
    return code;
  }

  endPermanentCode(): void {
    this.#setCode(undefined);
  }

  /** Whether the provider has fetched the permanent code that counts. */
  get isOpen(): boolean {
    return this.#permanentCode !== undefined;
  }

  opensWith(permanentCode: string): boolean {
    return permanentCode === this.#permanentCode;
  }

  /** Nothing of it opens any more; `errcode` answers tokens that are still about. */
  cancel(errcode: number): void {
    this.#permanentCode = undefined;
    this.#cancelled = true;
    this.corp.access.close(errcode);
  }

  #setCode(code: string | undefined): void {
    this.#permanentCode = code;
    // The permanent code of 代开发 is an ordinary secret; of 第三方 it only works in get_corp_token (doc 97164).
    this.corp.access.changeSecret(this.suite.options.kind === 'customized' ? code : undefined);
  }

  #profile(): AppProfile {
    const { kind, name, appName } = this.suite.options;
    return {
      kind,
      key: `${name}/${this.company.name}`,
      name: appName ?? AGENT_NAME,
      may: (right) => this.grant.rights.includes(right) && !(kind === 'third-party' && NAMES.has(right)),
      isEnabled: () => this.grant.enabled,
      isThere: () => !this.#cancelled,
    };
  }

  #sight(ids: ProviderIds, variants: () => ProviderVariants): Sight {
    const hidden = (id: string | number): string | undefined =>
      variants().hiddenNames === 'id' ? String(id) : undefined;
    const idOf = (userid: string): string => ids.userIdOf(this.company, userid);
    return {
      idOf,
      same: (id, other) =>
        variants().userIdCase === 'exact' ? id === other : id.toLowerCase() === other.toLowerCase(),
      userName: ({ userid, name }) => (this.corp.app.may('userNames') ? name : hidden(idOf(userid))),
      departmentName: ({ id, name }) => (this.corp.app.may('departmentNames') ? name : hidden(id)),
      sees: ({ id, visible }) => this.grant.departments?.includes(id) ?? visible,
    };
  }
}

const NAMES: ReadonlySet<Right> = new Set(['userNames', 'departmentNames']);
