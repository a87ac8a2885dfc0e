/**
 * The simulated corp as one of its apps meets it: everything it knows and every rule it keeps, without a socket. The
 * rules live in the parts (access, directory, strategies, tag-library, messages, cards, menu, media); this file holds
 * them together, starts them afresh, and tells whoever listens what has changed. What the corp's apps share is Company.
 */
import { Access } from './access.ts';
import { type AppProfile, ownApp } from './app-kind.ts';
import { Chats } from './chats.ts';
import { Company, type Holdings } from './company.ts';
import { editInConsole, type TagEvent } from './console.ts';
import { Directory, type Sight } from './directory.ts';
import type { Media } from './media.ts';
import { readMenu } from './menu.ts';
import { Messages } from './messages.ts';
import type {
  ConsoleEdit,
  CorpEvent,
  CorpState,
  Faults,
  MenuButton,
  SandboxGroup,
  SandboxRuleGroup,
  WireEntry,
} from './protocol.ts';
import { type Body, refuse } from './refusal.ts';
import { AGENT_NAME, CORP_NAME, fillLibrary, roleOf, seedCorpTags, seedRuleGroups } from './seed.ts';
import { Strategies } from './strategies.ts';
import { TagLibrary } from './tag-library.ts';
import { Trouble } from './trouble.ts';

/** `reset`: everything is another. */
export type CorpChange = CorpEvent | { readonly type: 'reset' };

export interface CorpIdentity {
  readonly corpId: string;
  readonly agentId: number;
  /** Undefined: an app of a provider, before its permanent code has been fetched. */
  readonly secret?: string | undefined;
}

/** Something the bot did that the platform refuses, cuts or hides; a healthy bot leaves none. */
export interface Violation {
  readonly at: number;
  readonly member: string;
  readonly what: string;
}

/** The app's view of what the corp has. */
interface View {
  readonly of: Holdings;
  readonly strategies: Strategies;
  readonly library: TagLibrary;
}

/** What a reset replaces. */
interface World {
  readonly chats: Chats;
  readonly messages: Messages;
  readonly wire: WireEntry[];
  menu: readonly MenuButton[] | undefined;
}

/** What a fresh corp holds. */
export interface Fresh {
  /** All tags together; 0 leaves none, and without it there are as many as an example needs. */
  readonly tags?: number;
  /** False: nobody has made a rule group yet. */
  readonly ruleGroups?: boolean;
}

const WIRE_KEPT = 200;

/** Which of a corp's apps it is, and how it sees the people; by default one of the corp's own. */
export interface CorpPlace {
  readonly company?: Company;
  readonly app?: AppProfile;
  readonly sight?: Sight;
}

export class Corp {
  readonly identity: CorpIdentity;
  readonly company: Company;
  readonly app: AppProfile;
  readonly now: () => number;
  readonly directory: Directory;
  readonly trouble: Trouble;
  readonly access: Access;
  readonly violations: Violation[] = [];
  /** Messages beyond 30 a minute or 1,000 an hour: WeCom accepts them and delivers nothing. */
  readonly dropped: { readonly at: number; readonly member: string }[] = [];
  readonly #hasCallback: () => boolean;
  readonly #listeners = new Set<(event: CorpChange) => void>();
  #view: View;
  #world: World;

  /** `now` in unix ms. `hasCallback`: without a callback URL an app may not send interactive cards. */
  constructor(identity: CorpIdentity, now: () => number, hasCallback: () => boolean, place: CorpPlace = {}) {
    this.identity = identity;
    this.company = place.company ?? new Company(CORP_NAME, now);
    this.app = place.app ?? ownApp('app', AGENT_NAME);
    this.directory = new Directory(this.company.members, this.company.departments, place.sight);
    this.now = now;
    this.#hasCallback = hasCallback;
    this.access = new Access(identity, now);
    this.trouble = new Trouble(() =>
      this.#emit({ type: 'faults', faults: this.trouble.faults, variants: this.trouble.variants }),
    );
    this.#view = this.#newView();
    this.#world = this.#newWorld();
    if (place.company === undefined) this.#fill({});
    this.company.watch(() => {
      if (this.#listeners.size > 0) this.#emit({ type: 'tree', ...this.#tree() });
    });
  }

  get strategies(): Strategies {
    return this.#seen().strategies;
  }
  get library(): TagLibrary {
    return this.#seen().library;
  }
  get media(): Media {
    return this.company.holdings.media;
  }
  get chats(): Chats {
    return this.#world.chats;
  }
  get messages(): Messages {
    return this.#world.messages;
  }

  /** Access tokens stay: they belong to the app, not to its data. What is put in is as if this app had made it. */
  reset(fresh: Fresh = {}): void {
    this.violations.length = 0;
    this.dropped.length = 0;
    this.access.forgiveWrongSecrets();
    this.trouble.clear();
    this.company.clear();
    this.#world = this.#newWorld();
    this.#fill(fresh);
    this.#emit({ type: 'reset' });
    this.company.changed();
  }

  /** What the corp lets the app see is another. */
  granted(): void {
    this.#emit({ type: 'reset' });
  }

  setFaults(faults: Partial<Faults>): Faults {
    if (faults.expiredToken?.on) this.access.expireTokens();
    if (faults.wrongSecret?.on === false) this.access.forgiveWrongSecrets();
    return this.trouble.setFaults(faults);
  }

  /** gettoken; a new token ends the fault of expired ones. */
  getToken(query: URLSearchParams, ip: string): Body {
    return this.#freed(this.access.getToken(query, ip, this.trouble.faults.wrongSecret.on));
  }

  /** A token of the corp for the provider who has shown its permanent code; the rest as `getToken`. */
  issueToken(): Body {
    return this.#freed(this.access.issue());
  }

  /** A person edits in the console; returns the events WeCom sends about it. */
  console(edit: ConsoleEdit): readonly TagEvent[] {
    const events = editInConsole(this.library, this.strategies, edit);
    this.treeChanged();
    return events;
  }

  get menu(): readonly MenuButton[] {
    return this.#world.menu ?? [];
  }

  createMenu(body: Body): Body {
    return this.#setMenu(readMenu(body));
  }

  getMenu(): Body {
    return { button: this.#world.menu ?? refuse(46003, 'no menu is published') };
  }

  deleteMenu(): Body {
    return this.#setMenu(undefined);
  }

  /** Keeps what went over the wire for the page. */
  record(entry: WireEntry): void {
    this.#world.wire.push(entry);
    if (this.#world.wire.length > WIRE_KEPT) this.#world.wire.shift();
    this.#emit({ type: 'wire', entry });
  }

  violated(member: string, what: string): void {
    this.violations.push({ at: this.now(), member, what });
  }

  treeChanged(): void {
    this.company.changed();
  }

  listen(listener: (event: CorpChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  corpTags(): readonly SandboxGroup[] {
    return this.library.shown('corp');
  }

  ruleGroups(): readonly SandboxRuleGroup[] {
    return this.strategies.all().map((strategy) => ({
      strategy_id: strategy.id,
      parent_id: strategy.parentId,
      strategy_name: strategy.name,
      admin_list: strategy.admins,
      ownApp: strategy.ownApp,
      groups: this.library.shown(strategy.id),
    }));
  }

  state(): CorpState {
    return {
      corpName: this.company.name,
      agentName: this.app.name,
      members: this.directory.visibleMembers().map((member) => ({
        userid: member.userid,
        ...(this.directory.idOf(member.userid) === member.userid ? {} : { id: this.directory.idOf(member.userid) }),
        name: member.name,
        department: member.department,
        role: roleOf(member, this.strategies),
      })),
      departments: this.directory.departments.map(({ id, name }) => ({ id, name })),
      ...this.#tree(),
      chats: this.chats.all(),
      menu: this.menu,
      faults: this.trouble.faults,
      variants: this.trouble.variants,
      wire: this.#world.wire,
    };
  }

  #tree() {
    return { corpTags: this.corpTags(), ruleGroups: this.ruleGroups(), tagCount: this.library.tagCount };
  }

  #freed(answer: Body): Body {
    if (this.trouble.faults.expiredToken.on) this.trouble.setFaults({ expiredToken: { on: false } });
    return answer;
  }

  /** Another app may have started the corp afresh meanwhile. */
  #seen(): View {
    if (this.#view.of !== this.company.holdings) this.#view = this.#newView();
    return this.#view;
  }

  #newView(): View {
    const { now, directory, app } = this;
    const of = this.company.holdings;
    const variants = () => this.trouble.variants;
    const strategies = new Strategies(of.strategies, app.key, directory, variants, now);
    return { of, strategies, library: new TagLibrary(of.tags, app.key, strategies, variants, now) };
  }

  #newWorld(): World {
    const { now, directory } = this;
    const chats: Chats = new Chats(now, (message) => {
      // A callback still under way when the corp was reset ends in a chat nobody sees any more.
      if (this.chats === chats) this.#emit({ type: 'message', message });
    });
    const messages = new Messages({
      agentId: this.identity.agentId,
      directory,
      chats,
      media: () => this.media,
      now,
      hasCallback: this.#hasCallback,
      quietly: (what, member) => {
        if (what === 'dropped') this.dropped.push({ at: now(), member });
        else this.violated(member, 'message/send: a text beyond 2048 bytes was cut');
      },
    });
    return { chats, messages, wire: [], menu: undefined };
  }

  #fill({ tags, ruleGroups = true }: Fresh): void {
    const { library, strategies } = this;
    if (tags !== 0) seedCorpTags(library);
    if (ruleGroups) seedRuleGroups(strategies, library, tags !== 0);
    if (tags !== undefined) fillLibrary(library, ruleGroups ? 1 : 'corp', tags);
  }

  #setMenu(menu: readonly MenuButton[] | undefined): Body {
    this.#world.menu = menu;
    this.#emit({ type: 'menu', menu: this.menu });
    return {};
  }

  #emit(event: CorpChange): void {
    for (const listener of this.#listeners) listener(event);
  }
}
