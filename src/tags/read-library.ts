/**
 * Reads the library from the platform, whole or in part, and takes nothing for granted in the answers: ids that come
 * twice, missing lists, rule groups whose details are withheld.
 */

import { BotError } from '../errors.ts';
import { inParallel } from '../queue.ts';
import type { RuleGroup, RuleGroupApi, Tag, TagApi, TagGroup } from './tag.ts';

export interface ReadLibrary {
  readonly ruleGroups: readonly RuleGroup[];
  readonly groups: readonly TagGroup[];
}

const PARALLEL = 5;
/** Some of the rule group's members are outside what the app may see: it exists, its details stay unknown. */
const WITHHELD: readonly (number | undefined)[] = [60030, 60011];
/** Deleted since it was listed; which of the two codes says so is not documented. */
const GONE: readonly (number | undefined)[] = [40058, 40068];
const UNKNOWN_ID = 40068;

/**
 * Everything visible: one call for all groups and tags (doc 94882), one for the ids of the rule groups, one more for
 * each rule group that is not `known` (doc 94883). Throws BotError.
 */
export async function readLibrary(
  tags: TagApi,
  ruleGroupApi: RuleGroupApi,
  options: {
    readonly known: (id: number) => RuleGroup | undefined;
    readonly unreadable: (error: BotError) => void;
  },
): Promise<ReadLibrary> {
  const [groups, ruleGroups] = await Promise.all([
    tags.list({}),
    ruleGroupApi
      .list()
      .then((ids) =>
        inParallel(
          PARALLEL,
          [...new Set(ids)],
          async (id) => options.known(id) ?? readRuleGroup(ruleGroupApi, id, options.unreadable),
        ),
      ),
  ]);
  return { ruleGroups: ruleGroups.filter((ruleGroup) => ruleGroup !== undefined), groups: sound(groups) };
}

/**
 * A rule group, undefined when there is none (any more); with a stand-in for its name and nobody as admin when its
 * details are withheld. Throws BotError.
 */
export async function readRuleGroup(
  api: RuleGroupApi,
  id: number,
  unreadable: (error: BotError) => void,
): Promise<RuleGroup | undefined> {
  try {
    return await api.get(id);
  } catch (error) {
    if (!(error instanceof BotError)) throw error;
    if (GONE.includes(error.errcode)) return undefined;
    if (!WITHHELD.includes(error.errcode)) throw error;
    unreadable(error);
    return { id, parentId: 0, name: `规则组 ${id}`, createTime: 0, admins: [], privilege: {} };
  }
}

/**
 * Those of the groups that exist. The platform may refuse the whole list for one id it does not know; then they are
 * asked for one by one. `strategyOf` answers for a group that comes without its rule group. Throws BotError.
 */
export async function readGroups(
  tags: TagApi,
  groupIds: readonly string[],
  strategyOf: (groupId: string) => number | undefined,
): Promise<TagGroup[]> {
  const wanted = new Set(groupIds);
  const found = sound(await listed(tags, [...wanted])).filter((group) => wanted.has(group.id));
  return found.map((group) =>
    group.strategyId > 0 ? group : { ...group, strategyId: strategyOf(group.id) ?? group.strategyId },
  );
}

async function listed(tags: TagApi, groupIds: readonly string[]): Promise<TagGroup[]> {
  try {
    return await tags.list({ groupIds });
  } catch (error) {
    if (!(error instanceof BotError) || error.errcode !== UNKNOWN_ID) throw error;
    if (groupIds.length === 1) return [];
    const lists = await inParallel(PARALLEL, groupIds, (id) => listed(tags, [id]));
    return lists.flat();
  }
}

/** Without second groups or tags of the same id, which would be counted, shown and deleted twice. */
export function sound(groups: readonly TagGroup[]): TagGroup[] {
  const groupIds = new Set<string>();
  const tagIds = new Set<string>();
  const once = (tag: Tag) => !tagIds.has(tag.id) && tagIds.add(tag.id) !== undefined;
  const out: TagGroup[] = [];
  for (const group of groups) {
    if (groupIds.has(group.id)) continue;
    groupIds.add(group.id);
    const tags = (group.tags ?? []).filter(once);
    out.push(tags.length === group.tags?.length ? group : { ...group, tags });
  }
  return out;
}

/** Whether the platform says the same of a group as before; then the known object stays, and with it its place in the index. */
export function sameGroup(known: TagGroup | undefined, read: TagGroup): boolean {
  return (
    known !== undefined &&
    known.name === read.name &&
    known.order === read.order &&
    known.createTime === read.createTime &&
    known.strategyId === read.strategyId &&
    known.tags.length === read.tags.length &&
    known.tags.every((tag, i) => {
      const other = read.tags[i];
      return (
        tag.id === other?.id &&
        tag.name === other.name &&
        tag.order === other.order &&
        tag.createTime === other.createTime
      );
    })
  );
}
