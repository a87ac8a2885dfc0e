/**
 * Reads the libraries from the platform, whole or in part, and takes nothing for granted in the answers: ids that come
 * twice, missing lists, rule groups whose details are withheld, a family of libraries that is refused.
 */

import { BotError } from '../errors.ts';
import { inParallel } from '../queue.ts';
import {
  type Family,
  familyOf,
  type GroupKey,
  type RuleGroup,
  type RuleGroupApi,
  type Tag,
  type TagApi,
  type TagGroup,
} from './tag.ts';

export interface ReadLibrary {
  readonly ruleGroups: readonly RuleGroup[];
  readonly groups: readonly TagGroup[];
  /** Of the families that were asked for, those that the app has no right to read. */
  readonly unread: ReadonlyMap<Family, BotError>;
}

const PARALLEL = 5;
/** Some of the rule group's members are outside what the app may see: it exists, its details stay unknown. */
const WITHHELD: readonly (number | undefined)[] = [60030, 60011];
/** Deleted since it was listed; which of the two codes says so is not documented. */
const GONE: readonly (number | undefined)[] = [40058, 40068];
const UNKNOWN_ID = 40068;

interface ReadOptions {
  readonly families: ReadonlySet<Family>;
  readonly recent: (id: number) => RuleGroup | undefined;
  readonly unreadable: (error: BotError) => void;
}

/**
 * Everything visible in these families: one call for all corp tags (doc 92117); for rule groups one for all groups and
 * tags (doc 94882), one for their ids, one more for each that is not read a moment ago (doc 94883). Rights are given per family, so
 * one of them may be read where the other is refused; any other failure is one of the whole, as what is missing for a
 * moment must not be taken for gone. Throws BotError.
 */
export async function readLibrary(
  tags: TagApi,
  ruleGroupApi: RuleGroupApi,
  options: ReadOptions,
): Promise<ReadLibrary> {
  const unread = new Map<Family, BotError>();
  const attempt = async <T>(family: Family, read: () => Promise<T>): Promise<T | undefined> => {
    if (!options.families.has(family)) return undefined;
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof BotError) || error.errcode === undefined || error.kind !== 'setup') throw error;
      unread.set(family, error);
      return undefined;
    }
  };
  const [corpTags, ruleGroupTags] = await Promise.all([
    attempt('corp', () => tags.list({ of: 'corp' })),
    attempt('rule-groups', () => readRuleGroups(tags, ruleGroupApi, options)),
  ]);
  const [first] = unread.values();
  if (first !== undefined && unread.size === options.families.size) throw first;
  return {
    ruleGroups: ruleGroupTags?.ruleGroups ?? [],
    groups: sound([...(corpTags ?? []), ...(ruleGroupTags?.groups ?? [])]),
    unread,
  };
}

async function readRuleGroups(
  tags: TagApi,
  api: RuleGroupApi,
  { recent, unreadable }: ReadOptions,
): Promise<Pick<ReadLibrary, 'ruleGroups' | 'groups'>> {
  const [groups, ruleGroups] = await Promise.all([
    tags.list({ of: 'rule-groups' }),
    api
      .list()
      .then((ids) =>
        inParallel(PARALLEL, [...new Set(ids)], async (id) => recent(id) ?? readRuleGroup(api, id, unreadable)),
      ),
  ]);
  return { ruleGroups: ruleGroups.filter((ruleGroup) => ruleGroup !== undefined), groups };
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
 * asked for one by one. Throws BotError.
 */
export async function readGroups(tags: TagApi, groups: readonly GroupKey[]): Promise<TagGroup[]> {
  const wanted = new Map(groups.map((group) => [group.id, group.libraryId]));
  const ofFamily = (family: Family) => [...wanted].flatMap(([id, of]) => (familyOf(of) === family ? [id] : []));
  const [corp, ruleGroups] = await Promise.all([
    listed(tags, 'corp', ofFamily('corp')),
    listed(tags, 'rule-groups', ofFamily('rule-groups')),
  ]);
  return sound([...corp, ...ruleGroups]).flatMap((group) => {
    const libraryId = wanted.get(group.id);
    if (libraryId === undefined) return [];
    // A group may come without the name of its rule group.
    return [group.libraryId === 0 ? { ...group, libraryId } : group];
  });
}

async function listed(tags: TagApi, of: Family, groupIds: readonly string[]): Promise<TagGroup[]> {
  if (groupIds.length === 0) return [];
  try {
    return await tags.list({ of, groupIds });
  } catch (error) {
    if (!(error instanceof BotError) || error.errcode !== UNKNOWN_ID) throw error;
    if (groupIds.length === 1) return [];
    const lists = await inParallel(PARALLEL, groupIds, (id) => listed(tags, of, [id]));
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

/** Whether the platform says the same of a group as before; then the object from before stays, and with it its place in the index. */
export function sameGroup(before: TagGroup | undefined, read: TagGroup): boolean {
  return (
    before !== undefined &&
    before.name === read.name &&
    before.order === read.order &&
    before.createTime === read.createTime &&
    before.libraryId === read.libraryId &&
    before.tags.length === read.tags.length &&
    before.tags.every((tag, i) => {
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
