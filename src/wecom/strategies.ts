/**
 * customer_strategy/* (doc 94883): rule groups, their admins, privileges and ranges. Only rule groups that this app
 * created are visible. The platform wants create, edit and del one at a time per corp, so they stand in line here.
 */
import { BotError } from '../errors.ts';
import { oneByOne } from '../queue.ts';
import type { RangeNode, RuleGroup, RuleGroupApi } from '../tags/tag.ts';
import type { Client } from './client.ts';
import { id, isObject, type Json, listIn, listOrNone, number, numberOrNone, object, text } from './shape.ts';

const PAGE = 1_000;
/** 1000 pages of 1000: far beyond what a corp can have; a cursor that never ends is a fault. */
const MAX_PAGES = 1_000;
/** Invalid parameter (doc 90313). */
const REFUSED_SETTINGS = 40058;
/** Range nodes per call, added and removed ones together. */
const MAX_NODES = 100;

export function createRuleGroupApi(client: Client): RuleGroupApi {
  const inLine = oneByOne();
  const write = <T>(verb: string, body: object, read: (answer: Json) => T): Promise<T> =>
    client.call(`externalcontact/customer_strategy/${verb}`, body, { read }).catch((error: unknown) => {
      throw error instanceof BotError && error.errcode === REFUSED_SETTINGS ? settingsRefused(error) : error;
    });

  /** All pages of a list, following next_cursor; it is missing or empty on the last one. */
  async function pages<T>(verb: string, body: object, read: (answer: Json) => readonly T[]): Promise<T[]> {
    const found: T[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const answer = await client.call(
        `externalcontact/customer_strategy/${verb}`,
        { ...body, cursor, limit: PAGE },
        { idempotent: true, read: (json) => ({ items: read(json), next: text(json.next_cursor) }) },
      );
      found.push(...answer.items);
      if (answer.next === '' || answer.next === cursor) break;
      cursor = answer.next;
    }
    return found;
  }

  /** Sends range nodes a hundred at a time. The error of a later part tells how far it came. */
  async function editRange(strategyId: number, parts: readonly RangePart[], done: number): Promise<void> {
    let sent = done;
    for (const part of parts) {
      try {
        await write('edit', { strategy_id: strategyId, ...part.body }, nothing);
      } catch (error) {
        throw error instanceof BotError ? withFacts(error, { strategyId, rangeDone: sent }) : error;
      }
      sent += part.size;
    }
  }

  return {
    list: () =>
      pages('list', {}, (answer) =>
        listIn(answer, 'strategy').map((entry) => number(object(entry, 'strategy[]').strategy_id, 'strategy_id')),
      ),

    get: (strategyId) =>
      client.call(
        'externalcontact/customer_strategy/get',
        { strategy_id: strategyId },
        { idempotent: true, read: (answer) => readRuleGroup(object(answer.strategy, 'strategy')) },
      ),

    range: (strategyId) =>
      pages('get_range', { strategy_id: strategyId }, (answer) => listIn(answer, 'range').flatMap(readNode)),

    create: ({ parentId, name, admins, privilege, range }) =>
      inLine(async () => {
        const body = { parent_id: parentId, strategy_name: name, admin_list: admins, privilege };
        const first = range.slice(0, MAX_NODES);
        const strategyId = await write('create', { ...body, range: first.map(toNode) }, (answer) =>
          number(answer.strategy_id, 'strategy_id'),
        );
        await editRange(strategyId, rangeParts(range.slice(MAX_NODES), []), first.length);
        return strategyId;
      }),

    edit: ({ id: strategyId, name, admins, privilege, rangeAdd = [], rangeDelete = [] }) =>
      inLine(async () => {
        const [first, ...rest] = rangeParts(rangeAdd, rangeDelete);
        const body = { strategy_name: name, admin_list: admins, privilege, ...first?.body };
        if (Object.values(body).every((value) => value === undefined)) throw new BotError('bug.empty-edit', 'bug');
        await write('edit', { strategy_id: strategyId, ...body }, nothing);
        await editRange(strategyId, rest, first?.size ?? 0);
      }),

    delete: (strategyId) => inLine(() => write('del', { strategy_id: strategyId }, nothing)),
  };
}

interface RangePart {
  readonly body: { readonly range_add?: readonly object[]; readonly range_del?: readonly object[] };
  readonly size: number;
}

/** Additions first: a range that is emptied in between would be refused. */
function rangeParts(add: readonly RangeNode[], remove: readonly RangeNode[]): RangePart[] {
  const parts: RangePart[] = [];
  for (let at = 0; at < add.length + remove.length; at += MAX_NODES) {
    const added = add.slice(at, at + MAX_NODES);
    const removed = remove.slice(Math.max(0, at - add.length), Math.max(0, at + MAX_NODES - add.length));
    parts.push({
      body: {
        ...(added.length > 0 && { range_add: added.map(toNode) }),
        ...(removed.length > 0 && { range_del: removed.map(toNode) }),
      },
      size: added.length + removed.length,
    });
  }
  return parts;
}

function toNode(node: RangeNode): object {
  return node.type === 'member' ? { type: 1, userid: node.userid } : { type: 2, partyid: node.id };
}

/** Kinds of node that this program does not know are left out; they are never written back. */
function readNode(value: unknown): RangeNode[] {
  const node = object(value, 'range[]');
  const type = numberOrNone(node.type);
  if (type === 1) return [{ type: 'member', userid: id(node.userid, 'range[].userid') }];
  if (type === 2) return [{ type: 'department', id: number(node.partyid, 'range[].partyid') }];
  return [];
}

function readRuleGroup(strategy: Json): RuleGroup {
  const privilege: Record<string, boolean> = {};
  if (isObject(strategy.privilege)) {
    for (const [right, granted] of Object.entries(strategy.privilege)) privilege[right] = granted === true;
  }
  const strategyId = number(strategy.strategy_id, 'strategy_id');
  return {
    id: strategyId,
    parentId: numberOrNone(strategy.parent_id) ?? 0,
    name: text(strategy.strategy_name) || `规则组 ${strategyId}`,
    createTime: numberOrNone(strategy.create_time) ?? 0,
    admins: listOrNone(strategy.admin_list, 'admin_list').map((userid) => id(userid, 'admin_list[]')),
    privilege,
  };
}

/** Elsewhere a fault of this program; here what the member asked for, and the code is all that the platform says. */
function settingsRefused(error: BotError): BotError {
  return new BotError(error.code, 'user', {
    cause: error,
    errcode: REFUSED_SETTINGS,
    facts: error.facts,
    meaning: '企业微信不接受这样的规则组设置。',
    advice: '请检查：负责人不能是超级管理员，最多 20 位；范围不能是空的；下级的范围和权限不能超出上级。',
  });
}

function withFacts(error: BotError, facts: Record<string, string | number>): BotError {
  return new BotError(error.code, error.kind, {
    cause: error,
    facts: { ...error.facts, ...facts },
    ...(error.errcode !== undefined && { errcode: error.errcode }),
    ...(error.meaning !== undefined && { meaning: error.meaning }),
    ...(error.advice !== undefined && { advice: error.advice }),
  });
}

function nothing(): void {}
