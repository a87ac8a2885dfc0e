/**
 * 规则组 (customer strategies) as the platform keeps them: customer_strategy/list, get, get_range, create, edit, del
 * (doc 94883). An app sees only those it created itself.
 */
import type { Directory } from './directory.ts';
import { readPrivilege, rightsOf } from './privilege.ts';
import type { Variants } from './protocol.ts';
import {
  type Body,
  objectList,
  optionalInteger,
  optionalString,
  pageOf,
  refuse,
  requiredInteger,
  requiredString,
  stringList,
} from './refusal.ts';

/** The app that made a thing, by the sandbox's name for it; empty: a person in the client or the console. */
export type Maker = string;
export const A_PERSON: Maker = '';

export type RangeNode = { readonly type: 1; readonly userid: string } | { readonly type: 2; readonly partyid: number };

export interface Strategy {
  readonly id: number;
  readonly parentId: number;
  name: string;
  readonly createTime: number;
  admins: readonly string[];
  privilege: Readonly<Record<string, boolean>>;
  range: readonly RangeNode[];
  /** The app that made it, or a person: invisible to every other app. */
  readonly madeBy: Maker;
}

/** The rule groups of a corp, whichever app looks at them. */
export class StrategyRecords {
  readonly byId = new Map<number, Strategy>();
  lastId = 0;
}

/** A rule group as one app sees it. */
export type SeenStrategy = Strategy & { readonly ownApp: boolean };

const MAX_ADMINS = 20;
const MAX_LEVEL = 5;
const MAX_NODES_PER_CALL = 100;
const MAX_NODES = 3000;
const MAX_ID = Number.MAX_SAFE_INTEGER;

export class Strategies {
  readonly #records: StrategyRecords;
  readonly #byId: Map<number, Strategy>;
  readonly #app: string;
  readonly #directory: Directory;
  readonly #variants: () => Variants;
  readonly #now: () => number;

  /** `app`: by which name what this app makes is marked. */
  constructor(
    records: StrategyRecords,
    app: string,
    directory: Directory,
    variants: () => Variants,
    now: () => number,
  ) {
    this.#records = records;
    this.#byId = records.byId;
    this.#app = app;
    this.#directory = directory;
    this.#variants = variants;
    this.#now = now;
  }

  all(): readonly SeenStrategy[] {
    return [...this.#byId.values()].map((strategy) => ({ ...strategy, ownApp: this.#isOwn(strategy) }));
  }

  find(id: number): Strategy | undefined {
    return this.#byId.get(id);
  }

  isVisible(id: number): boolean {
    return this.#isOwn(this.#byId.get(id));
  }

  /** The rule group if this app created it; what else happens is undocumented and therefore a variant. */
  visible(id: number): Strategy {
    const strategy = this.#byId.get(id);
    return strategy !== undefined && this.#isOwn(strategy) ? strategy : this.#foreign();
  }

  /** As `visible`; tags go into level-1 rule groups only. */
  level1(id: number): Strategy {
    const strategy = this.visible(id);
    return strategy.parentId === 0 ? strategy : this.#foreign();
  }

  /** Puts a rule group in without the API's checks (seed, or a person in the client). */
  put(
    strategy: Omit<Strategy, 'id' | 'createTime' | 'privilege' | 'madeBy'> & {
      readonly rights: readonly string[];
      readonly ownApp: boolean;
    },
  ): Strategy {
    this.#records.lastId += 1;
    const { rights, ownApp, ...rest } = strategy;
    const made: Strategy = {
      ...rest,
      madeBy: ownApp ? this.#app : A_PERSON,
      id: this.#records.lastId,
      createTime: this.#seconds(),
      privilege: rightsOf((right) => rights.includes(right)),
    };
    this.#byId.set(made.id, made);
    return made;
  }

  list(body: Body): Body {
    const own = this.all().filter((strategy) => strategy.ownApp);
    const { page, next } = pageOf(own, body);
    return {
      strategy: page.map(({ id }) => ({ strategy_id: id })),
      ...(next === undefined ? {} : { next_cursor: next }),
    };
  }

  get(body: Body): Body {
    const { id, parentId, name, createTime, admins, privilege } = this.#named(body);
    return {
      strategy: {
        strategy_id: id,
        parent_id: parentId,
        strategy_name: name,
        create_time: createTime,
        admin_list: admins.map((userid) => this.#directory.idOf(userid)),
        privilege,
      },
    };
  }

  getRange(body: Body): Body {
    const { page, next } = pageOf(this.#named(body).range, body);
    const range = page.map((node) => (node.type === 1 ? { ...node, userid: this.#directory.idOf(node.userid) } : node));
    return { range, ...(next === undefined ? {} : { next_cursor: next }) };
  }

  create(body: Body): Body {
    const parentId = optionalInteger(body, 'parent_id', 0, MAX_ID) ?? 0;
    const parent = parentId === 0 ? undefined : this.visible(parentId);
    if (parent !== undefined && this.#level(parent) >= MAX_LEVEL) refuse(40058, 'strategy level exceeds 5');
    const name = requiredString(body, 'strategy_name');
    const admins = this.#readAdmins(body) ?? refuse(40058, 'missing param admin_list');
    limitNodes(body, ['range']);
    const range = this.#readRange(body, 'range');
    if (range.length === 0) refuse(40058, 'missing param range');
    const privilege = readPrivilege(body) ?? rightsOf(() => false);
    if (parent !== undefined) this.#mustFit(parent, privilege, range);
    this.#records.lastId += 1;
    const made: Strategy = {
      id: this.#records.lastId,
      parentId,
      name,
      createTime: this.#seconds(),
      admins,
      privilege,
      range,
      madeBy: this.#app,
    };
    this.#byId.set(made.id, made);
    return { strategy_id: made.id };
  }

  /** admin_list and privilege overwrite, ranges are deltas. Everything is checked before anything is changed. */
  edit(body: Body): Body {
    const strategy = this.#named(body);
    const name = optionalString(body, 'strategy_name');
    const admins = this.#readAdmins(body);
    const privilege = readPrivilege(body);
    limitNodes(body, ['range_add', 'range_del']);
    const added = this.#readRange(body, 'range_add');
    const removed = this.#readRange(body, 'range_del');
    if (name === undefined && admins === undefined && privilege === undefined && added.length + removed.length === 0) {
      refuse(40058, 'nothing to edit');
    }
    const gone = new Set(removed.map(nodeKey));
    const range = uniqueNodes([...strategy.range.filter((node) => !gone.has(nodeKey(node))), ...added]);
    if (range.length > MAX_NODES) refuse(40058, 'strategy range exceeds 3000 nodes');
    if (range.length === 0) refuse(40058, 'strategy range becomes empty');
    const parent = this.#byId.get(strategy.parentId);
    if (parent !== undefined) this.#mustFit(parent, privilege ?? strategy.privilege, range);
    for (const child of this.#children(strategy.id)) {
      if (!this.#covers(range, child.range))
        refuse(40058, 'range of a sub strategy would leave the range of its parent');
    }
    strategy.range = range;
    if (name !== undefined) strategy.name = name;
    if (admins !== undefined) strategy.admins = admins;
    if (privilege !== undefined) strategy.privilege = privilege;
    return {};
  }

  /** Deletes the rule group and those below it; returns the ids gone, for their tags. */
  del(body: Body): readonly number[] {
    const gone = [this.#named(body).id];
    for (const id of gone) gone.push(...this.#children(id).map((child) => child.id));
    for (const id of gone) this.#byId.delete(id);
    return gone;
  }

  #isOwn(strategy: Strategy | undefined): boolean {
    return strategy?.madeBy === this.#app;
  }

  #named(body: Body): Strategy {
    return this.visible(requiredInteger(body, 'strategy_id', 1, MAX_ID));
  }

  #foreign(): never {
    const code = this.#variants().foreignStrategy;
    const reasons = { 60030: 'out of app visible range', 40058: 'invalid strategy_id', 40068: 'invalid tagid' };
    return refuse(code, reasons[code]);
  }

  #children(id: number): readonly Strategy[] {
    return [...this.#byId.values()].filter((strategy) => strategy.parentId === id);
  }

  #level(strategy: Strategy): number {
    const parent = this.#byId.get(strategy.parentId);
    return parent === undefined ? 1 : 1 + this.#level(parent);
  }

  #readAdmins(body: Body): readonly string[] | undefined {
    if (body.admin_list === undefined) return undefined;
    const userids = stringList(body, 'admin_list');
    if (userids.length === 0) refuse(40058, 'admin_list is empty');
    if (userids.length > MAX_ADMINS) refuse(40058, 'admin_list exceeds 20');
    const members = userids.map((userid) => this.#directory.visibleMember(userid));
    if (members.some((member) => member.superAdmin)) refuse(40058, 'admin_list contains super admin');
    return [...new Set(members.map((member) => member.userid))];
  }

  #readRange(body: Body, key: string): readonly RangeNode[] {
    const nodes = objectList(body, key).map((node): RangeNode => {
      if (optionalInteger(node, 'type', 1, 2) === 1) {
        const member = this.#directory.find(requiredString(node, 'userid')) ?? refuse(60111, 'userid not found');
        if (!this.#directory.isVisible(member)) refuse(60030, 'out of app visible range');
        return { type: 1, userid: member.userid };
      }
      const partyid = requiredInteger(node, 'partyid', 1, UINT31_MAX);
      const department = this.#directory.department(partyid) ?? refuse(60003, 'department not found');
      if (!this.#directory.isInRange(department)) refuse(60030, 'out of app visible range');
      return { type: 2, partyid };
    });
    return uniqueNodes(nodes);
  }

  #mustFit(parent: Strategy, privilege: Strategy['privilege'], range: readonly RangeNode[]): void {
    if (Object.entries(privilege).some(([right, on]) => on && !parent.privilege[right])) {
      refuse(40058, 'privilege exceeds the privilege of the parent strategy');
    }
    if (!this.#covers(parent.range, range)) refuse(40058, 'range exceeds the range of the parent strategy');
  }

  #covers(outer: readonly RangeNode[], inner: readonly RangeNode[]): boolean {
    const members = new Set(outer.flatMap((node) => (node.type === 1 ? [node.userid] : [])));
    const parties = new Set(outer.flatMap((node) => (node.type === 2 ? [node.partyid] : [])));
    return inner.every((node) => {
      if (node.type === 1 && members.has(node.userid)) return true;
      const department = node.type === 1 ? this.#directory.person(node.userid)?.department : node.partyid;
      return department !== undefined && this.#directory.lineage(department).some((id) => parties.has(id));
    });
  }

  #seconds(): number {
    return Math.floor(this.#now() / 1000);
  }
}

const UINT31_MAX = 2 ** 31 - 1;

/** A call names at most a hundred nodes, the same one twice counting twice. */
function limitNodes(body: Body, keys: readonly string[]): void {
  const named = keys.reduce((sum, key) => sum + objectList(body, key).length, 0);
  if (named > MAX_NODES_PER_CALL) refuse(40058, `${keys.join(' and ')} exceed 100 nodes`);
}

const nodeKey = (node: RangeNode): string => (node.type === 1 ? `1:${node.userid}` : `2:${node.partyid}`);

function uniqueNodes(nodes: readonly RangeNode[]): readonly RangeNode[] {
  return [...new Map(nodes.map((node) => [nodeKey(node), node])).values()];
}
