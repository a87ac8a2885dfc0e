/**
 * What the chat page and the tests say to the sandbox, and what they hear from it.
 * The bot itself never sees this: it only knows the platform's API paths under /cgi-bin and sealed callbacks.
 *
 * GET  /                      the chat page (static files of src/sandbox/page)
 * GET  /sandbox/state         SandboxState
 * GET  /sandbox/events        text/event-stream of SandboxEvent (one `data:` line of JSON each), starts with {type:'state'}
 * POST /sandbox/say           {member, text}                          → {id}   a text message, sealed and delivered with retries
 * POST /sandbox/press         {member, messageId, key, selected?: {[question_key]: string[]}} → {id}  a card press
 * POST /sandbox/click         {member, key}                           → {id}   an app menu click
 * POST /sandbox/enter         {member}                                → {id}   enter_agent
 * POST /sandbox/subscribe     {member}                                → {id}
 * POST /sandbox/media         {member, media: 'image'|'voice'|'video'|'location'|'link'} → {id}
 * POST /sandbox/console       ConsoleEdit                             → {events: number}   an admin edits in the web console
 * POST /sandbox/faults        Partial<Faults>                         → Faults
 * POST /sandbox/variants      Partial<Variants>                       → Variants
 * POST /sandbox/reset         {tags?: number, ruleGroups?: boolean}   → SandboxState       fresh corp: with so many tags, or without rule groups
 * POST /sandbox/provider      ProviderOrder                           → what came of it at once   an act in the provider's console
 * GET  /sandbox/media/:id     the bytes of an uploaded file
 * Every path takes `?app=<key>` of `SandboxState.apps`; without it the sandbox's first app is meant.
 * Errors of these paths: 400 {error: string}.
 */

export interface SandboxMember {
  readonly userid: string;
  /** What the app calls the member, where that is not the userid. */
  readonly id?: string;
  readonly name: string;
  /** 部门 id → see departments. */
  readonly department: number;
  /** Shown in the member switch: 超级管理员 / 规则组负责人 / 同事. */
  readonly role: string;
}

export interface SandboxTag {
  readonly id: string;
  readonly name: string;
  readonly order: number;
  /** False when a person made it in the client or the console. */
  readonly ownApp: boolean;
}

export interface SandboxGroup {
  readonly group_id: string;
  readonly group_name: string;
  readonly order: number;
  readonly ownApp: boolean;
  readonly tag: readonly SandboxTag[];
}

export interface SandboxRuleGroup {
  readonly strategy_id: number;
  readonly parent_id: number;
  readonly strategy_name: string;
  readonly admin_list: readonly string[];
  /** False for the seeded one that was made by hand in the client: the app cannot see it. */
  readonly ownApp: boolean;
  readonly groups: readonly SandboxGroup[];
}

export type MessageBody =
  | { readonly msgtype: 'text'; readonly text: { readonly content: string } }
  | { readonly msgtype: 'markdown'; readonly markdown: { readonly content: string } }
  | { readonly msgtype: 'template_card'; readonly template_card: Readonly<Record<string, unknown>> }
  | {
      readonly msgtype: 'file';
      readonly file: { readonly media_id: string; readonly filename: string; readonly size: number };
    }
  | { readonly msgtype: 'event'; readonly event: string };

/** One bubble in a member's chat. */
export interface ChatMessage {
  readonly id: string;
  readonly member: string;
  readonly from: 'member' | 'bot';
  /** unix ms */
  readonly at: number;
  readonly body: MessageBody;
  /** How the bot's message came: inside the callback's answer, or by message/send. */
  readonly via?: 'passive' | 'push';
  /** For a passive answer: the id of the member's message it answers. */
  readonly answers?: string;
  /** For a card: text on its disabled buttons after an update; absent while it can be pressed. */
  readonly disabledText?: string;
  /** Delivery of the member's message to the bot. */
  readonly delivery?: Delivery;
}

/** sending → (retry n) → delivered | failed. */
export interface Delivery {
  readonly state: 'sending' | 'retrying' | 'delivered' | 'failed';
  /** 1 for the first try; WeCom repeats three times. */
  readonly attempt: number;
  readonly status?: number;
  readonly note?: string;
}

export interface WireEntry {
  readonly id: string;
  readonly at: number;
  readonly direction: 'callback' | 'api';
  /** e.g. POST /wecom/callback or POST /cgi-bin/externalcontact/add_strategy_tag; access_token is shown shortened. */
  readonly line: string;
  readonly status: number;
  readonly ms: number;
  /** For callbacks: the sealed body; for API calls: the request JSON. */
  readonly request: string;
  /** For callbacks: the plaintext XML that was sealed. */
  readonly plaintext?: string;
  readonly response: string;
  /** For callbacks with a passive reply: its plaintext XML. */
  readonly responsePlaintext?: string;
}

/** Switchable trouble. All off by default. `times` counts down per affected call; absent = until switched off. */
export interface Faults {
  /** API answers errcode -1. */
  readonly busy: { readonly on: boolean; readonly times?: number; readonly path?: string };
  /** Every API answer comes this many ms late. */
  readonly slow: { readonly on: boolean; readonly ms: number; readonly path?: string };
  /** 45009. */
  readonly rateLimited: { readonly on: boolean; readonly times?: number; readonly path?: string };
  /** Any errcode at will, e.g. 45033, 6000, 48002, 40001. */
  readonly errcode: { readonly on: boolean; readonly code: number; readonly times?: number; readonly path?: string };
  /** Every token is reported as expired (42001) until a new one is fetched; on → the present tokens die at once. */
  readonly expiredToken: { readonly on: boolean };
  /** gettoken answers 40001. */
  readonly wrongSecret: { readonly on: boolean };
  /** The socket is destroyed before the call is carried out. */
  readonly brokenBefore: { readonly on: boolean; readonly times?: number; readonly path?: string };
  /** The call is carried out, then the socket is destroyed without an answer. */
  readonly brokenAfter: { readonly on: boolean; readonly times?: number; readonly path?: string };
  /** The socket is destroyed at once, and the call is carried out this many ms later. */
  readonly landsLate: { readonly on: boolean; readonly ms: number; readonly times?: number; readonly path?: string };
  /** 60020 with the caller's IP in errmsg. */
  readonly untrustedIp: { readonly on: boolean };
  /** HTTP 502 with an HTML body. */
  readonly badGateway: { readonly on: boolean; readonly times?: number; readonly path?: string };
  /** HTTP 200 with `{}`, with its content missing, or with something else where a list should be. */
  readonly wrongShape: { readonly on: boolean; readonly times?: number; readonly path?: string };
}

/** Where the documentation is silent the sandbox can behave either way; tests run every variant. */
export interface Variants {
  /** What add_strategy_tag does with names that exist: returns all ids, only new ids, or fails with 40071. */
  readonly addExisting: 'all' | 'onlyNew' | 'refuse';
  /** Code for a foreign or child rule group. */
  readonly foreignStrategy: 60030 | 40058 | 40068;
  /** list with unknown ids: 40068 or quietly left out. */
  readonly unknownIds: 'error' | 'omit';
  /** Spelling in template_card_event. */
  readonly optionIds: 'OptionIds' | 'OpitonIds';
  /** Whether tag events of strategy tags carry StrategyId. */
  readonly eventStrategyId: boolean;
  /** Code for changing a corp tag that the app has not made. */
  readonly foreignTag: 40068 | 40058;
  /** Whether add_corp_tag takes tags for a group that the app has not made. */
  readonly addToForeign: 'allow' | 'refuse';
  /** Whether corp tags carry `deleted`, and deleted ones come when they are asked for by id. */
  readonly deletedFlags: 'shown' | 'hidden';
  /** Whether an answer carries its list when there is nothing in it. */
  readonly emptyLists: 'sent' | 'omitted';
}

/** What is unsure about providers; tests run every variant. */
export interface ProviderVariants {
  /** For whom the echo of a URL check is sealed: the provider (seen), the suite, the corp (of an app's URL), or an id that nobody has. */
  readonly checkSealedFor: 'provider' | 'suite' | 'corp' | 'other';
  /** What stands outside the seal of create_auth: the suite id, or as once seen the provider's corp id. */
  readonly createAuthTo: 'suite' | 'provider';
  /** Whether the exchange tells who has authorised: whole, with empty fields, or not at all. */
  readonly authUserInfo: 'sent' | 'empty' | 'missing';
  /** Whether get_admin_list names anybody. */
  readonly adminList: 'sent' | 'empty';
  /** Whether get_auth_info tells of an app: of 代开发 the provider makes it after the company has authorised. */
  readonly appInCorp: 'made' | 'not-yet';
  /** What the old service/get_permanent_code takes, ms. */
  readonly oldExchangeMs: number;
  /** Whether a ticket that is not the newest still counts within its 30 minutes. */
  readonly olderTickets: 'refused' | 'accepted';
  /** When a reset ends the former permanent code: with the button, or once the new one is fetched. */
  readonly resetEndsOld: 'at-once' | 'at-exchange';
  /** How a token of a cancelled authorisation is refused. */
  readonly cancelledToken: 40014 | 48004;
  /** Whether the provider's userids differ by case. */
  readonly userIdCase: 'exact' | 'ignored';
  /** What stands where a name would that the app may not know: the id, or no field. */
  readonly hiddenNames: 'id' | 'omitted';
}

export type ConsoleEdit =
  | {
      readonly action: 'createGroup';
      /** Absent: among the corp tags. */
      readonly strategyId?: number;
      readonly name: string;
      readonly tags: readonly string[];
    }
  | { readonly action: 'addTags'; readonly groupId: string; readonly tags: readonly string[] }
  | { readonly action: 'rename'; readonly id: string; readonly name: string }
  | { readonly action: 'delete'; readonly id: string }
  | { readonly action: 'shuffle'; readonly groupId: string; readonly tagIds: readonly string[] };

export interface MenuButton {
  readonly name: string;
  readonly type?: string;
  readonly key?: string;
  readonly url?: string;
  readonly sub_button?: readonly MenuButton[];
}

/** One app in one corp: each has a chat with every member. */
export interface SandboxApp {
  readonly key: string;
  readonly corpName: string;
  readonly agentName: string;
  readonly kind: 'own' | 'customized' | 'third-party';
}

export type ProviderRight = 'corpTags' | 'ruleGroups' | 'customers' | 'userNames' | 'departmentNames';

export interface ProviderSuite {
  readonly name: string;
  readonly kind: 'customized' | 'third-party';
  readonly suiteId: string;
  /** Where its events go, where the messages of its apps go; absent: not set. */
  readonly url?: string;
  readonly appUrl?: string;
  /** When the newest ticket was made, unix ms; absent: none that still counts. */
  readonly ticketAt?: number;
}

export interface ProviderInstallation {
  /** Of its app among `SandboxState.apps`. */
  readonly key: string;
  readonly suite: string;
  readonly company: string;
  /** The provider's id of the corp. */
  readonly corpId: string;
  readonly agentId: number;
  readonly rights: readonly ProviderRight[];
  /** Departments that see the app. */
  readonly departments: readonly number[];
  readonly enabled: boolean;
  /** Whether the bot has fetched the permanent code that counts now. */
  readonly exchanged: boolean;
}

/** An event of a suite on its way, newest last. */
export interface ProviderEvent {
  readonly id: string;
  readonly at: number;
  readonly suite: string;
  readonly what: string;
  /** Absent while it is held back. */
  readonly delivery?: Delivery;
}

export interface ProviderState {
  readonly corpId: string;
  readonly suites: readonly ProviderSuite[];
  readonly companies: readonly string[];
  readonly departments: readonly { readonly id: number; readonly name: string }[];
  readonly installations: readonly ProviderInstallation[];
  readonly events: readonly ProviderEvent[];
  readonly pushesTickets: boolean;
  readonly holds: boolean;
  readonly variants: ProviderVariants;
}

interface OfInstallation {
  readonly suite: string;
  readonly company: string;
}

export type ProviderOrder =
  | { readonly act: 'ticket'; readonly suite: string; readonly of?: string; readonly sealedFor?: 'url' | 'ticket' }
  | { readonly act: 'tickets'; readonly on: boolean }
  | { readonly act: 'expire' | 'verify'; readonly suite: string }
  | ({ readonly act: 'install'; readonly fromSite?: boolean; readonly state?: string } & OfInstallation)
  | ({
      readonly act: 'change';
      readonly rights?: readonly ProviderRight[];
      readonly departments?: readonly number[];
      readonly enabled?: boolean;
    } & OfInstallation)
  | ({ readonly act: 'cancel' | 'reset' | 'admin' } & OfInstallation)
  | ({ readonly act: 'member'; readonly member: string } & OfInstallation)
  | { readonly act: 'again'; readonly suite: string; readonly count?: number }
  | { readonly act: 'hold' }
  | { readonly act: 'release'; readonly order: 'as-sent' | 'reversed' }
  | { readonly act: 'variants'; readonly variants: Partial<ProviderVariants> };

/** One app and what it sees of its corp. */
export interface CorpState {
  readonly corpName: string;
  readonly agentName: string;
  readonly members: readonly SandboxMember[];
  readonly departments: readonly { readonly id: number; readonly name: string }[];
  readonly corpTags: readonly SandboxGroup[];
  readonly ruleGroups: readonly SandboxRuleGroup[];
  readonly chats: Readonly<Record<string, readonly ChatMessage[]>>;
  readonly menu: readonly MenuButton[];
  readonly faults: Faults;
  readonly variants: Variants;
  readonly wire: readonly WireEntry[];
  /** Corp tags and rule-group tags together. */
  readonly tagCount: number;
}

export interface SandboxState extends CorpState {
  /** Key of the app that is shown. */
  readonly app: string;
  readonly apps: readonly SandboxApp[];
  /** Absent: the sandbox plays no provider. */
  readonly provider?: ProviderState;
}

export type SandboxEvent =
  | { readonly type: 'state'; readonly state: SandboxState }
  | { readonly type: 'apps'; readonly apps: readonly SandboxApp[] }
  | { readonly type: 'provider'; readonly provider: ProviderState }
  | CorpEvent;

/** What changes in one app. */
export type CorpEvent =
  /** A new bubble, or a changed one with the same id (delivery, card update). */
  | { readonly type: 'message'; readonly message: ChatMessage }
  | ({ readonly type: 'tree' } & Pick<SandboxState, 'corpTags' | 'ruleGroups' | 'tagCount'>)
  | { readonly type: 'wire'; readonly entry: WireEntry }
  | { readonly type: 'menu'; readonly menu: readonly MenuButton[] }
  | { readonly type: 'faults'; readonly faults: Faults; readonly variants: Variants };
