/**
 * The tags room with a whole corp behind it, and no socket: the real catalog, service and tag calls against the
 * sandbox's corp, which keeps the platform's rules. Answers can be lost on the way, before or after the call took effect.
 */

import { BotError } from '../../src/errors.ts';
import { answerApi } from '../../src/sandbox/api.ts';
import { Corp } from '../../src/sandbox/corp.ts';
import type { Variants } from '../../src/sandbox/protocol.ts';
import type { Group } from '../../src/sandbox/tag-shelf.ts';
import { type Catalog, createCatalog } from '../../src/tags/catalog.ts';
import { createService, type Service } from '../../src/tags/change/carry-out.ts';
import type { StepOutcome } from '../../src/tags/change/outcome.ts';
import { planWrites } from '../../src/tags/change/plan.ts';
import type { Plan, Write } from '../../src/tags/change/step.ts';
import type { Library } from '../../src/tags/library.ts';
import type { LibraryId } from '../../src/tags/tag.ts';
import type { Client } from '../../src/wecom/client.ts';
import { refused } from '../../src/wecom/errcodes.ts';
import type { Json } from '../../src/wecom/shape.ts';
import { createRuleGroupApi } from '../../src/wecom/strategies.ts';
import { createTagApi } from '../../src/wecom/tags.ts';

const IDENTITY = { corpId: 'ww1', agentId: 1, secret: 'the-secret' };

/**
 * What happens to a call: it is answered, or its answer is lost with or without effect or with one that comes with the
 * next `land`, or an errcode comes.
 */
export type Fate = 'answered' | 'lost-before' | 'lost-after' | 'lands-late' | number;

export interface Shop {
  readonly corp: Corp;
  readonly catalog: Catalog;
  readonly service: Service;
  /** Name of the call and its body, e.g. `['edit_strategy_tag', {id, name}]`. */
  readonly calls: [name: string, body: unknown][];
  /** Decides about every call; by default all are answered. `before` may act as another hand on the corp. */
  fate: (name: string, body: Json) => Fate;
  /** Of every pause that was made before another look, ms. */
  readonly pauses: number[];
  /** What happens during the pauses; false cuts them short, as a stop of the program does. */
  duringPause: () => boolean;
  /** Carries out the calls that land late. */
  land(): void;
  library(): Promise<Library>;
  /** As the bot does it: re-read what is concerned, plan, carry out. Throws when a plan cannot be made. */
  write(...writes: Write[]): Promise<{ readonly plan: Plan; readonly outcomes: StepOutcome[] }>;
  group(name: string, libraryId?: LibraryId): Group;
}

export async function openShop(variants: Partial<Variants> = {}): Promise<Shop> {
  const corp = new Corp(
    IDENTITY,
    () => 1_700_000_000_000,
    () => true,
  );
  corp.trouble.setVariants(variants);
  const { access_token } = corp.getToken(new URLSearchParams({ corpid: 'ww1', corpsecret: 'the-secret' }), '127.0.0.1');
  const query = new URLSearchParams({ access_token: String(access_token) });
  const calls: Shop['calls'] = [];

  const client: Client = {
    async call(path, body, { read, idempotent = false }) {
      const sent = JSON.parse(JSON.stringify(body)) as Json;
      const name = path.replace(/^externalcontact\//, '');
      calls.push([name, sent]);
      const fate = shop.fate(name, sent);
      const lost = () =>
        idempotent ? new BotError('api.broken', 'busy') : new BotError('api.unknown-outcome', 'unknown-outcome');
      if (fate === 'lost-before') throw lost();
      if (fate === 'lands-late') {
        late.push(() =>
          answerApi(corp, { method: 'POST', path: `/cgi-bin/${path}`, query, body: sent, ip: '' }, false),
        );
        throw lost();
      }
      if (typeof fate === 'number') throw refused(fate, { path, errmsg: '', now: corp.now() });
      const request = { method: 'POST', path: `/cgi-bin/${path}`, query, body: sent, ip: '127.0.0.1' };
      const answer = answerApi(corp, request, false);
      if (answer.kind === 'file') throw new Error('no tag call answers with a file');
      if (fate === 'lost-after') throw lost();
      const { errcode, errmsg } = answer.json;
      if (errcode !== 0) throw refused(Number(errcode), { path, errmsg: String(errmsg), now: corp.now() });
      return read(answer.json);
    },
    upload: () => Promise.reject(new Error('tags are never uploaded')),
  };

  const tags = createTagApi(client, { sleep: async () => undefined });
  const ruleGroups = createRuleGroupApi(client);
  const catalog = createCatalog({ tags, ruleGroups, now: corp.now });
  const late: (() => unknown)[] = [];
  const pauses: number[] = [];
  const pause = async (ms: number) => {
    pauses.push(ms);
    return shop.duringPause();
  };
  const service = createService({ tags, ruleGroups, catalog, pause });
  const shop: Shop = {
    corp,
    catalog,
    service,
    calls,
    fate: () => 'answered',
    pauses,
    duringPause: () => true,
    land: () => {
      for (const call of late.splice(0)) call();
    },
    library: async () => (await catalog.current()).library,
    async write(...writes) {
      const planned = planWrites(
        writes.map((write) => ({ write })),
        await service.reread(writes),
      );
      if (planned.kind === 'problem') throw new Error(JSON.stringify(planned.problem));
      return { plan: planned.plan, outcomes: await service.apply(planned.plan) };
    },
    group(name, libraryId = 1) {
      const group = corp.library.groupsOf(libraryId).find((each) => each.name === name);
      if (!group) throw new Error(`no group ${name}`);
      return group;
    },
  };
  await catalog.current();
  calls.length = 0;
  return shop;
}

/** Everything in the rule groups that has a name: what can be restored, and nothing that cannot (ids, ages). */
export function tree(corp: Corp): Record<string, unknown> {
  return Object.fromEntries(
    corp.library
      .groups()
      .map((group) => [
        `${group.library} ${group.name}`,
        { order: group.order, tags: Object.fromEntries(group.tags.map((tag) => [tag.name, tag.order]).sort()) },
      ])
      .sort(),
  );
}
