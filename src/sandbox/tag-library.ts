/**
 * The tag calls of the API: get/add/edit/del_strategy_tag (doc 94882) and get/add/edit/del_corp_tag (doc 92117).
 * Of rule groups they see only what belongs to the app's own; of corp tags they read all, but change only what the app
 * itself has made (doc 96320). What they change causes no event.
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
import { checkName, type Found, type Group, type LibraryId, type Tag, type TagRecords, TagShelf } from './tag-shelf.ts';

type Family = 'corp' | 'strategy';

/** Both families of calls work alike; they differ in what they reach and in what the list call tells. */
export class TagLibrary extends TagShelf {
  readonly #strategies: Strategies;
  readonly #variants: () => Variants;

  constructor(records: TagRecords, app: string, strategies: Strategies, variants: () => Variants, now: () => number) {
    super(records, app, now);
    this.#strategies = strategies;
    this.#variants = variants;
  }

  /** Group ids beat tag ids; without either everything comes. */
  list(body: Body, family: Family = 'strategy'): Body {
    const tagIds = stringList(body, 'tag_id');
    const groupIds = stringList(body, 'group_id');
    const groups = this.#listable(family, body);
    if (tagIds.length + groupIds.length === 0)
      return { tag_group: groups.map((group) => this.#listed(group, group.tags)) };
    const known = this.#tellsDeleted(family) ? [...groups, ...this.deletedOf('corp')] : groups;
    const tagsOf = (group: Group) => (this.#tellsDeleted(family) ? [...group.tags, ...group.deleted] : group.tags);
    if (groupIds.length > 0) {
      this.#mustKnow(groupIds, new Set(known.map((group) => group.id)));
      const wanted = known.filter((group) => groupIds.includes(group.id));
      return { tag_group: wanted.map((group) => this.#listed(group, tagsOf(group))) };
    }
    this.#mustKnow(tagIds, new Set(known.flatMap((group) => tagsOf(group).map((tag) => tag.id))));
    const hits = known.map((group) => ({ group, tags: tagsOf(group).filter((tag) => tagIds.includes(tag.id)) }));
    return {
      tag_group: hits.filter(({ tags }) => tags.length > 0).map(({ group, tags }) => this.#listed(group, tags)),
    };
  }

  /** The answer's tag_group is an object without strategy_id, unlike the array of the list call. */
  add(body: Body, family: Family = 'strategy'): Body {
    const library = this.#libraryNamed(family, body);
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
    const siblings = this.groupsOf(library);
    const existing =
      groupId === undefined
        ? siblings.find((group) => group.name === groupName)
        : (siblings.find((group) => group.id === groupId) ?? refuse(40068, 'invalid tagid, group id not allowed'));
    if (existing !== undefined && this.#variants().addToForeign === 'refuse') this.#mustOwn(existing, existing);

    const present = existing?.tags.filter((tag) => wanted.has(tag.name)) ?? [];
    const behaviour = this.#variants().addExisting;
    if (present.length > 0 && behaviour === 'refuse') refuse(40071, 'tag name already exists');
    for (const tag of present) wanted.delete(tag.name);
    this.checkQuota(wanted.size);

    const group = existing ?? this.newGroup(library, groupName ?? '', groupOrder, true);
    const made = [...wanted].map(([name, order]) => this.newTag(name, order, true));
    group.tags.push(...made);
    const shown = behaviour === 'all' ? [...present, ...made] : made;
    return {
      tag_group: {
        group_id: group.id,
        group_name: group.name,
        create_time: group.createTime,
        order: group.order,
        tag: shown.map(listedTag),
      },
    };
  }

  edit(body: Body, family: Family = 'strategy'): Body {
    const id = requiredString(body, 'id', 40068);
    const name = optionalString(body, 'name');
    const order = optionalInteger(body, 'order', 0, UINT32_MAX);
    const found = this.#reached(family, id) ?? refuse(40068, 'invalid tagid');
    this.#mustOwn(found.group, found.tag ?? found.group);
    if (name === undefined && order === undefined) refuse(40058, 'missing param name or order');
    if (name !== undefined) this.rename(found, name);
    if (order !== undefined) (found.tag ?? found.group).order = order;
    return {};
  }

  /** Nothing is deleted unless every id is known and may be deleted. A group without tags vanishes. */
  del(body: Body, family: Family = 'strategy'): Body {
    const tagIds = stringList(body, 'tag_id');
    const groupIds = stringList(body, 'group_id');
    if (tagIds.length + groupIds.length === 0) refuse(40058, 'missing param tag_id or group_id');
    const doomed = [
      ...tagIds.map((id) => ({ found: this.#reached(family, id), asTag: true })),
      ...groupIds.map((id) => ({ found: this.#reached(family, id), asTag: false })),
    ].map(({ found, asTag }) =>
      found !== undefined && (found.tag !== undefined) === asTag ? found : refuse(40068, 'invalid tagid'),
    );
    for (const { group, tag } of doomed) {
      this.#mustOwn(group, tag ?? group);
      // A group takes its tags along.
      if (tag === undefined) for (const each of group.tags) this.#mustOwn(group, each);
    }
    for (const { group, tag } of doomed) this.remove((tag ?? group).id);
    return {};
  }

  #listable(family: Family, body: Body): readonly Group[] {
    if (family === 'corp') return this.groupsOf('corp');
    const strategyId = optionalInteger(body, 'strategy_id', 1, Number.MAX_SAFE_INTEGER);
    if (strategyId !== undefined) return this.groupsOf(this.#strategies.visible(strategyId).id);
    return this.groups().filter((group) => group.library !== 'corp' && this.#strategies.isVisible(group.library));
  }

  #libraryNamed(family: Family, body: Body): LibraryId {
    if (family === 'corp') return 'corp';
    return this.#strategies.level1(requiredInteger(body, 'strategy_id', 1, Number.MAX_SAFE_INTEGER)).id;
  }

  #mustKnow(ids: readonly string[], known: ReadonlySet<string>): void {
    if (this.#variants().unknownIds === 'error' && ids.some((id) => !known.has(id))) refuse(40068, 'invalid tagid');
  }

  /** What the calls of the family know by this id: it must not be one of the other family's. */
  #reached(family: Family, id: string): Found | undefined {
    const found = this.find(id);
    const library = found?.group.library;
    if (library === undefined || (library === 'corp') !== (family === 'corp')) return undefined;
    return library === 'corp' || this.#strategies.isVisible(library) ? found : undefined;
  }

  /** Which code refuses what a person or another app has made was seen once, and is not documented (doc 96320). */
  #mustOwn({ library }: Group, thing: Group | Tag): void {
    if (library === 'corp' && !this.isOwn(thing)) refuse(this.#variants().foreignTag, 'invalid tagid');
  }

  #tellsDeleted(family: Family): boolean {
    return family === 'corp' && this.#variants().deletedFlags === 'shown';
  }

  #listed(group: Group, tags: readonly Tag[]): Body {
    const { id, library, name, createTime, order } = group;
    const head = { group_id: id, group_name: name, create_time: createTime, order };
    if (library !== 'corp') return { ...head, strategy_id: library, tag: tags.map(listedTag) };
    if (!this.#tellsDeleted('corp')) return { ...head, tag: tags.map(listedTag) };
    const flagged = tags.map((tag) => ({ ...listedTag(tag), deleted: group.deleted.includes(tag) }));
    return { ...head, deleted: group.tags.length === 0, tag: flagged };
  }
}

function listedTag({ id, name, createTime, order }: Tag): Body {
  return { id, name, create_time: createTime, order };
}
