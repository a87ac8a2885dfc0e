/**
 * What the provider's console does: every act changes what the platform knows and tells
 * the bot as the platform does, or, where that is the point of the act, otherwise.
 */
import { Actions, Impossible } from '../actions.ts';
import { type CallbackOptions, Callbacks } from '../callbacks.ts';
import type { Company } from '../company.ts';
import { openPlace, type Place, type Seat } from '../place.ts';
import { Post, type UrlCheck } from '../post.ts';
import type { Delivery, Faults, ProviderVariants } from '../protocol.ts';
import type { Installed, InstallOptions, ProviderConsole, PushOptions, TicketOptions } from './console.ts';
import type { Grant, Installation } from './installation.ts';
import type { Provider } from './provider.ts';
import type { Suite } from './suite.ts';
import {
  appAdminXml,
  authXml,
  createAuthXml,
  memberEventXml,
  memberInfoXml,
  resetXml,
  tagInfoXml,
  ticketXml,
} from './suite-events.ts';
import { appEnvelope, SuiteLine, suiteEnvelope } from './suite-line.ts';

/** An id that no provider, suite or corp of the sandbox has. */
export const STRANGE_ID = 'wwffffffffffffffff';

export interface DeskSurroundings extends Pick<CallbackOptions, 'retryDelayMs' | 'answerWindowMs' | 'log'> {
  /** Makes the app reachable: its API calls, its neighbours in the corp. */
  readonly seated: (seat: Seat) => void;
  readonly unseated: (seat: Seat) => void;
  readonly inCorp: (company: Company) => Iterable<Actions>;
}

const TICKET_EVERY_MS = 600_000;

export class Desk implements ProviderConsole {
  readonly provider: Provider;
  readonly line: SuiteLine;
  readonly #around: DeskSurroundings;
  readonly #post: Post;
  readonly #appUrls = new Map<Suite, string>();
  readonly #places = new Map<Installation, Place>();
  #timer: NodeJS.Timeout | undefined;

  constructor(provider: Provider, around: DeskSurroundings) {
    this.provider = provider;
    this.#around = around;
    const { retryDelayMs, log } = around;
    this.#post = new Post({ now: provider.now, retryDelayMs, log, record: (entry) => provider.record(entry) });
    this.line = new SuiteLine(this.#post, provider.now, () => provider.changed());
  }

  get corpId(): string {
    return this.provider.corpId;
  }

  get variants(): ProviderVariants {
    return this.provider.variants;
  }

  setUrls(suite: string, urls: { readonly suite?: string; readonly app?: string }): void {
    const one = this.#suite(suite);
    if (urls.suite !== undefined) this.line.setUrl(one, urls.suite);
    if (urls.app === undefined) return;
    this.#appUrls.set(one, urls.app);
    for (const each of this.provider.installations()) if (each.suite === one) this.#setAppUrl(each);
  }

  async verifyUrls(suite: string): Promise<{ readonly suite: UrlCheck; readonly app: UrlCheck }> {
    const one = this.#suite(suite);
    const installation = this.provider.installations().find((each) => each.suite === one);
    const appUrl = this.#appUrls.get(one)?.replace('$CORPID$', installation?.corpId ?? this.corpId);
    const receiveId = this.#checkedId(one, installation?.corpId);
    const check = (url: URL | undefined, envelope: ReturnType<typeof suiteEnvelope>): Promise<UrlCheck> =>
      url === undefined
        ? Promise.resolve({ ok: false, status: undefined, ms: 0, note: 'no callback url is set' })
        : this.#post.check(url, envelope);
    const checks = {
      suite: await check(this.line.urlOf(one), suiteEnvelope(one, this.#checkedId(one, undefined))),
      app: await check(appUrl === undefined ? undefined : new URL(appUrl), appEnvelope(one, receiveId)),
    };
    const templateOrCommands = one.options.kind === 'customized' ? '模板' : '指令';
    this.line.checked(one, `校验${templateOrCommands}回调`, checks.suite);
    this.line.checked(one, one.options.kind === 'customized' ? '校验应用回调' : '校验数据回调', checks.app);
    return checks;
  }

  async pushTicket(suite: string, { of, sealedFor = 'ticket' }: TicketOptions = {}): Promise<Delivery> {
    const url = this.#suite(suite);
    const owner = of === undefined ? url : this.#suite(of);
    // One that goes astray is no newer than what the other suite has got itself, or its own would count no more.
    const ticket = owner === url ? owner.newTicket() : (owner.ticket ?? owner.newTicket());
    const plaintext = ticketXml(this.#head(owner), ticket);
    const sealed = sealedFor === 'ticket' ? owner.id : url.id;
    return this.line.send({ suite: url, what: '推送 ticket', plaintext, sealedFor: sealed });
  }

  async startTickets(everyMs = TICKET_EVERY_MS): Promise<void> {
    this.stopTickets();
    const push = (): Promise<unknown> =>
      Promise.all(this.provider.suites.map(({ options }) => this.pushTicket(options.name)));
    this.#timer = setInterval(() => void push(), everyMs);
    this.#timer.unref();
    this.provider.changed();
    await push();
  }

  stopTickets(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.provider.changed();
  }

  appUrlOf(suite: Suite): string | undefined {
    return this.#appUrls.get(suite);
  }

  /** For an install from the provider's own site, as the site itself would have fetched it. */
  preAuthCode(suite: string): string {
    return this.#suite(suite).newPreAuthCode().pre_auth_code;
  }

  get pushesTickets(): boolean {
    return this.#timer !== undefined;
  }

  expireTickets(suite: string): void {
    const one = this.#suite(suite);
    one.forgetTickets();
    one.expireTokens();
    this.provider.changed();
  }

  async install(suite: string, company: string, options: InstallOptions = {}): Promise<Installed> {
    const { state = '', preAuthCode, ...grant } = options;
    const one = this.#suite(suite);
    if (preAuthCode !== undefined) one.preAuth(preAuthCode);
    const installation = this.provider.install(one, this.#company(company), grant);
    const app = this.#places.get(installation) ?? this.#seat(installation);
    const authCode = one.newCode({ company: installation.company, state });
    this.provider.changed();
    const { corpId, corp } = installation;
    const delivered =
      preAuthCode === undefined
        ? await this.line.send({
            suite: one,
            what: `${company} 安装`,
            plaintext: createAuthXml(this.#head(one), authCode, state),
            ...(this.provider.variants.createAuthTo === 'provider' ? { to: this.corpId } : {}),
          })
        : undefined;
    return { corpId, agentId: corp.identity.agentId, authCode, delivered, app };
  }

  async change(suite: string, company: string, grant: Partial<Grant>): Promise<Delivery> {
    const installation = this.#installation(suite, company);
    installation.grant = { ...installation.grant, ...grant };
    installation.corp.granted();
    this.provider.changed();
    return this.#tellAuth(installation, 'change_auth', `${company} 改权限`);
  }

  async cancel(suite: string, company: string): Promise<Delivery> {
    const installation = this.#installation(suite, company);
    this.provider.uninstall(installation);
    this.#places.delete(installation);
    if (installation.seat !== undefined) this.#around.unseated(installation.seat);
    this.provider.changed();
    return this.#tellAuth(installation, 'cancel_auth', `${company} 取消授权`);
  }

  async resetSecret(suite: string, company: string): Promise<Delivery> {
    const installation = this.#installation(suite, company);
    const one = installation.suite;
    if (one.options.kind !== 'customized') throw new Impossible('only a 代开发 app has a secret to reset');
    if (this.provider.variants.resetEndsOld === 'at-once') installation.endPermanentCode();
    const authCode = one.newCode({ company: installation.company, state: '' });
    const plaintext = resetXml(this.#head(one), authCode);
    return this.line.send({ suite: one, what: `${company} 重置 secret`, plaintext });
  }

  async changeAdmin(suite: string, company: string): Promise<Delivery> {
    const { suite: one, corpId, corp } = this.#installation(suite, company);
    const plaintext = appAdminXml(corpId, corp.identity.agentId, this.#seconds());
    const what = `${company} 换负责人`;
    return this.line.send({ suite: one, what, plaintext, sealedFor: corpId, asAppEvent: true });
  }

  async changeMember(suite: string, company: string, userid: string): Promise<Delivery> {
    const installation = this.#installation(suite, company);
    const { suite: one, corpId, corp, seat } = installation;
    const id = corp.directory.idOf(userid);
    if (one.options.kind === 'third-party') {
      const plaintext = memberInfoXml(this.#head(one), corpId, id);
      return this.line.send({ suite: one, what: `${company} 改成员`, plaintext });
    }
    if (seat === undefined) throw new Impossible('the app stands in no corp');
    const plaintext = memberEventXml(corpId, this.#seconds(), id);
    return (await seat.callbacks.send({ member: 'sys', plaintext, question: 'sys' })).delivery;
  }

  async push(suite: string, plaintext: string, options: PushOptions = {}): Promise<Delivery> {
    return this.line.send({ suite: this.#suite(suite), what: '自定义事件', plaintext, ...options });
  }

  async again(suite: string, count = 1): Promise<readonly Delivery[]> {
    return Promise.all(this.line.again(this.#suite(suite), count));
  }

  hold(): void {
    this.line.hold();
    this.provider.changed();
  }

  release(order: 'as-sent' | 'reversed' = 'as-sent'): Promise<readonly Delivery[]> {
    return this.line.release(order);
  }

  app(suite: string, company: string): Place {
    const place = this.#places.get(this.#installation(suite, company));
    if (place === undefined) throw new Impossible('the app stands in no corp');
    return place;
  }

  userId(suite: string, company: string, userid: string): string {
    return this.#installation(suite, company).corp.directory.idOf(userid);
  }

  setFaults(faults: Partial<Faults>): Faults {
    return this.provider.trouble.setFaults(faults);
  }

  setVariants(variants: Partial<ProviderVariants>): ProviderVariants {
    return this.provider.setVariants(variants);
  }

  idle(): Promise<void> {
    return this.#post.idle();
  }

  async stop(): Promise<void> {
    this.stopTickets();
    this.line.drop();
    await this.#post.stop();
  }

  #seat(installation: Installation): Place {
    const { corp, suite } = installation;
    const callbacks = new Callbacks(corp, {
      ...this.#around,
      envelope: appEnvelope(suite, installation.corpId),
      checkEnvelope: () => appEnvelope(suite, this.#checkedId(suite, installation.corpId)),
    });
    const actions = new Actions(corp, callbacks, {
      inCorp: () => this.#around.inCorp(installation.company),
      ...(suite.options.kind === 'third-party' ? { tellTags: (event) => this.#tellTag(installation, event) } : {}),
    });
    installation.seat = { corp, callbacks, actions };
    this.#setAppUrl(installation);
    const place = openPlace(installation.seat);
    this.#places.set(installation, place);
    this.#around.seated(installation.seat);
    return place;
  }

  #setAppUrl({ suite, corpId, seat }: Installation): void {
    const url = this.#appUrls.get(suite);
    if (url !== undefined) seat?.callbacks.setUrl(url.replace('$CORPID$', corpId));
  }

  async #tellTag(installation: Installation, event: Parameters<typeof tagInfoXml>[2]): Promise<{ delivery: Delivery }> {
    const { suite, corpId, corp } = installation;
    const plaintext = tagInfoXml(this.#head(suite), corpId, event, corp.trouble.variants.eventStrategyId);
    return { delivery: await this.line.send({ suite, what: `${installation.company.name} 改标签`, plaintext }) };
  }

  #tellAuth({ suite, corpId }: Installation, type: 'change_auth' | 'cancel_auth', what: string): Promise<Delivery> {
    return this.line.send({ suite, what, plaintext: authXml(this.#head(suite), type, corpId) });
  }

  #checkedId(suite: Suite, corpId: string | undefined): string {
    switch (this.provider.variants.checkSealedFor) {
      case 'provider':
        return this.corpId;
      case 'suite':
        return suite.id;
      case 'corp':
        return corpId ?? this.corpId;
      case 'other':
        return STRANGE_ID;
    }
  }

  #suite(name: string): Suite {
    const suite = this.provider.suites.find(({ options }) => options.name === name);
    if (suite === undefined) throw new Impossible(`no suite is called ${name}`);
    return suite;
  }

  #company(name: string): Company {
    const company = this.provider.companies.find((each) => each.name === name);
    if (company === undefined) throw new Impossible(`no corp is called ${name}`);
    return company;
  }

  #installation(suite: string, company: string): Installation {
    const installation = this.provider.installationIn(this.#suite(suite), this.#company(company));
    if (installation === undefined) throw new Impossible(`${company} has not installed ${suite}`);
    return installation;
  }

  #head(suite: Suite): { readonly suiteId: string; readonly timeStamp: number } {
    return { suiteId: suite.id, timeStamp: this.#seconds() };
  }

  #seconds(): number {
    return Math.floor(this.provider.now() / 1000);
  }
}
