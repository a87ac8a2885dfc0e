/**
 * The simulated corp: everything it knows and every rule it keeps, without a socket. The rules live in the parts
 * (access, directory, strategies, tag-library, messages, cards, menu, media); this file holds them together,
 * starts them afresh, and tells whoever listens what has changed.
 */
import { Access } from './access.ts';
import { Chats } from './chats.ts';
import { editInConsole, type TagEvent } from './console.ts';
import { Directory } from './directory.ts';
import { Media } from './media.ts';
import { readMenu } from './menu.ts';
import { Messages } from './messages.ts';
import type {
  ConsoleEdit,
  Faults,
  MenuButton,
  SandboxEvent,
  SandboxGroup,
  SandboxRuleGroup,
  SandboxState,
  WireEntry,
} from './protocol.ts';
import { type Body, refuse } from './refusal.ts';
import {
  AGENT_NAME,
  CORP_NAME,
  crowd,
  DEPARTMENTS,
  fillLibrary,
  MEMBERS,
  roleOf,
  seedCorpTags,
  seedRuleGroups,
} from './seed.ts';
import { Strategies } from './strategies.ts';
import { TagLibrary } from './tag-library.ts';
import { Trouble } from './trouble.ts';

export interface CorpIdentity {
  readonly corpId: string;
  readonly agentId: number;
  readonly secret: string;
}

/** Something the bot did that the platform refuses, cuts or hides; a healthy bot leaves none. */
export interface Violation {
  readonly at: number;
  readonly member: string;
  readonly what: string;
}

/** What a reset replaces. */
interface World {
  readonly strategies: Strategies;
  readonly library: TagLibrary;
  readonly media: Media;
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

export class Corp {
  readonly identity: CorpIdentity;
  readonly now: () => number;
  readonly directory: Directory;
  readonly trouble: Trouble;
  readonly access: Access;
  readonly violations: Violation[] = [];
  /** Messages beyond 30 a minute or 1,000 an hour: WeCom accepts them and delivers nothing. */
  readonly dropped: { readonly at: number; readonly member: string }[] = [];
  readonly #hasCallback: () => boolean;
  readonly #listeners = new Set<(event: SandboxEvent) => void>();
  #world: World;

  /** `now` in unix ms. `hasCallback`: without a callback URL an app may not send interactive cards. `others`: so many further members. */
  constructor(identity: CorpIdentity, now: () => number, hasCallback: () => boolean, others = 0) {
    this.identity = identity;
    this.directory = new Directory([...MEMBERS, ...crowd(others)], DEPARTMENTS);
    this.now = now;
    this.#hasCallback = hasCallback;
    this.access = new Access(identity, now);
    this.trouble = new Trouble(() =>
      this.#emit({ type: 'faults', faults: this.trouble.faults, variants: this.trouble.variants }),
    );
    this.#world = this.#newWorld({});
  }

  get strategies(): Strategies {
    return this.#world.strategies;
  }
  get library(): TagLibrary {
    return this.#world.library;
  }
  get media(): Media {
    return this.#world.media;
  }
  get chats(): Chats {
    return this.#world.chats;
  }
  get messages(): Messages {
    return this.#world.messages;
  }

  /** Access tokens stay: they belong to the app, not to its data. */
  reset(fresh: Fresh = {}): void {
    this.violations.length = 0;
    this.dropped.length = 0;
    this.access.forgiveWrongSecrets();
    this.trouble.clear();
    this.#world = this.#newWorld(fresh);
    this.#emit({ type: 'state', state: this.state() });
  }

  setFaults(faults: Partial<Faults>): Faults {
    if (faults.expiredToken?.on) this.access.expireTokens();
    if (faults.wrongSecret?.on === false) this.access.forgiveWrongSecrets();
    return this.trouble.setFaults(faults);
  }

  /** gettoken; a new token ends the fault of expired ones. */
  getToken(query: URLSearchParams, ip: string): Body {
    const answer = this.access.getToken(query, ip, this.trouble.faults.wrongSecret.on);
    if (this.trouble.faults.expiredToken.on) this.trouble.setFaults({ expiredToken: { on: false } });
    return answer;
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

  /** agent/get (doc 90227). */
  agent(): Body {
    const visible = this.directory.departments.filter((department) => department.visible && department.parentId !== 0);
    return {
      agentid: this.identity.agentId,
      name: AGENT_NAME,
      square_logo_url: 'https://wework.qpic.cn/wwpic/sandbox/0',
      description: '在聊天里管理客户标签',
      allow_userinfos: {
        user: this.directory.members.filter((member) => member.department === 1).map(({ userid }) => ({ userid })),
      },
      allow_partys: { partyid: visible.map((department) => department.id) },
      allow_tags: { tagid: [] },
      close: 0,
      redirect_domain: '',
      report_location_flag: 0,
      isreportenter: 1,
      home_url: '',
    };
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
    if (this.#listeners.size === 0) return;
    this.#emit({ type: 'tree', ...this.#tree() });
  }

  listen(listener: (event: SandboxEvent) => void): () => void {
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

  state(): SandboxState {
    return {
      corpName: CORP_NAME,
      agentName: AGENT_NAME,
      members: this.directory.visibleMembers().map((member) => ({
        userid: member.userid,
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

  #newWorld({ tags, ruleGroups = true }: Fresh): World {
    const { now, directory } = this;
    const variants = () => this.trouble.variants;
    const strategies = new Strategies(directory, variants, now);
    const library = new TagLibrary(strategies, variants, now);
    const media = new Media(now);
    const chats: Chats = new Chats(now, (message) => {
      // A callback still under way when the corp was reset ends in a chat nobody sees any more.
      if (this.chats === chats) this.#emit({ type: 'message', message });
    });
    const messages = new Messages({
      agentId: this.identity.agentId,
      directory,
      chats,
      media,
      now,
      hasCallback: this.#hasCallback,
      quietly: (what, member) => {
        if (what === 'dropped') this.dropped.push({ at: now(), member });
        else this.violated(member, 'message/send: a text beyond 2048 bytes was cut');
      },
    });
    if (tags !== 0) seedCorpTags(library);
    if (ruleGroups) seedRuleGroups(strategies, library, tags !== 0);
    if (tags !== undefined) fillLibrary(library, ruleGroups ? 1 : 'corp', tags);
    return { strategies, library, media, chats, messages, wire: [], menu: undefined };
  }

  #setMenu(menu: readonly MenuButton[] | undefined): Body {
    this.#world.menu = menu;
    this.#emit({ type: 'menu', menu: this.menu });
    return {};
  }

  #emit(event: SandboxEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
