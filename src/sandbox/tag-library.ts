/**
 * The tag calls of the API: get/add/edit/del_strategy_tag (doc 94882) and get_corp_tag_list (doc 92117).
 * They see only what belongs to the app's own rule groups, and what they change causes no event.
 */
import type { Variants } from './protocol.ts';
import {
  type Body,
  objectList,
  optionalInteger,
  optionalString,
  refuse,
  requiredInteger,
  requiredString,
  stringList,
  UINT32_MAX,
} from './refusal.ts';
import type { Strategies } from './strategies.ts';
import { checkName, type Found, type Group, type Tag, TagShelf } from './tag-shelf.ts';

export class TagLibrary extends TagShelf {
  readonly #strategies: Strategies;
  readonly #variants: () => Variants;

  constructor(strategies: Strategies, variants: () => Variants, now: () => number) {
    super(now);
    this.#strategies = strategies;
    this.#variants = variants;
  }

  /** All corp tags; the id filters follow the same rules as those of rule-group tags. */
  corpList(body: Body): Body {
    const tagIds = new Set(stringList(body, 'tag_id'));
    const groupIds = new Set(stringList(body, 'group_id'));
    const tagsOf = (group: Body): readonly Body[] => objectList(group, 'tag');
    if (groupIds.size > 0)
      return { tag_group: this.corpGroups.filter((group) => groupIds.has(String(group.group_id))) };
    if (tagIds.size === 0) return { tag_group: this.corpGroups };
    const wanted = this.corpGroups.map((group) => ({
      ...group,
      tag: tagsOf(group).filter((tag) => tagIds.has(String(tag.id))),
    }));
    return { tag_group: wanted.filter((group) => group.tag.length > 0) };
  }

  list(body: Body): Body {
    const strategyId = optionalInteger(body, 'strategy_id', 1, Number.MAX_SAFE_INTEGER);
    const tagIds = stringList(body, 'tag_id');
    const groupIds = stringList(body, 'group_id');
    if (strategyId !== undefined) this.#strategies.visible(strategyId);
    const groups = this.groups().filter(
      (group) =>
        this.#strategies.isVisible(group.strategyId) && (strategyId === undefined || group.strategyId === strategyId),
    );
    if (groupIds.length > 0) {
      this.#mustKnow(groupIds, new Set(groups.map((group) => group.id)));
      return {
        tag_group: groups.filter((group) => groupIds.includes(group.id)).map((group) => listed(group, group.tags)),
      };
    }
    if (tagIds.length > 0) {
      const wanted = new Set(tagIds);
      this.#mustKnow(tagIds, new Set(groups.flatMap((group) => group.tags.map((tag) => tag.id))));
      const hits = groups.map((group) => ({ group, tags: group.tags.filter((tag) => wanted.has(tag.id)) }));
      return { tag_group: hits.filter((hit) => hit.tags.length > 0).map((hit) => listed(hit.group, hit.tags)) };
    }
    return { tag_group: groups.map((group) => listed(group, group.tags)) };
  }

  /** The answer's tag_group is an object without strategy_id, unlike the array of the list call. */
  add(body: Body): Body {
    const strategy = this.#strategies.level1(requiredInteger(body, 'strategy_id', 1, Number.MAX_SAFE_INTEGER));
    const groupId = optionalString(body, 'group_id');
    const groupName = optionalString(body, 'group_name');
    const groupOrder = optionalInteger(body, 'order', 0, UINT32_MAX) ?? 0;
    const tags = objectList(body, 'tag');
    if (tags.length === 0) refuse(40058, 'tag is empty');
    const wanted = new Map<string, number>();
    for (const tag of tags) {
      const name = checkName(tag.name);
      const order = optionalInteger(tag, 'order', 0, UINT32_MAX) ?? 0;
      if (!wanted.has(name)) wanted.set(name, order);
    }
    if (groupId === undefined && groupName === undefined) refuse(40058, 'missing param group_id or group_name');
    if (groupId === undefined) checkName(groupName);
    const existing =
      groupId === undefined
        ? this.groupsOf(strategy.id).find((group) => group.name === groupName)
        : (this.groupsOf(strategy.id).find((group) => group.id === groupId) ??
          refuse(40068, 'invalid tagid, group id not allowed'));

    const present = existing?.tags.filter((tag) => wanted.has(tag.name)) ?? [];
    const behaviour = this.#variants().addExisting;
    if (present.length > 0 && behaviour === 'refuse') refuse(40071, 'tag name already exists');
    for (const tag of present) wanted.delete(tag.name);
    this.checkQuota(wanted.size);

    const group = existing ?? this.newGroup(strategy.id, groupName ?? '', groupOrder);
    const made = [...wanted].map(([name, order]) => this.newTag(name, order));
    group.tags.push(...made);
    const { strategy_id: _, ...answer } = listed(group, behaviour === 'all' ? [...present, ...made] : made);
    return { tag_group: answer };
  }

  edit(body: Body): Body {
    const id = requiredString(body, 'id', 40068);
    const name = optionalString(body, 'name');
    const order = optionalInteger(body, 'order', 0, UINT32_MAX);
    const found = this.#own(id) ?? refuse(40068, 'invalid tagid');
    if (name === undefined && order === undefined) refuse(40058, 'missing param name or order');
    if (name !== undefined) this.rename(found, name);
    if (order !== undefined) (found.tag ?? found.group).order = order;
    return {};
  }

  /** Nothing is deleted unless every id is known. A group without tags vanishes. */
  del(body: Body): Body {
    const tagIds = stringList(body, 'tag_id');
    const groupIds = stringList(body, 'group_id');
    if (tagIds.length + groupIds.length === 0) refuse(40058, 'missing param tag_id or group_id');
    const doomed = [
      ...tagIds.map((id) => ({ id, found: this.#own(id), asTag: true })),
      ...groupIds.map((id) => ({ id, found: this.#own(id), asTag: false })),
    ];
    if (doomed.some(({ found, asTag }) => found === undefined || (found.tag !== undefined) !== asTag))
      refuse(40068, 'invalid tagid');
    for (const { id } of doomed) this.remove(id);
    return {};
  }

  #mustKnow(ids: readonly string[], known: ReadonlySet<string>): void {
    if (this.#variants().unknownIds === 'error' && ids.some((id) => !known.has(id))) refuse(40068, 'invalid tagid');
  }

  #own(id: string): Found | undefined {
    const found = this.find(id);
    return found !== undefined && this.#strategies.isVisible(found.group.strategyId) ? found : undefined;
  }
}

function listed(group: Group, tags: readonly Tag[]) {
  return {
    group_id: group.id,
    group_name: group.name,
    create_time: group.createTime,
    order: group.order,
    strategy_id: group.strategyId,
    tag: tags.map(({ id, name, createTime, order }) => ({ id, name, create_time: createTime, order })),
  };
}
