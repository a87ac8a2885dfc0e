/**
 * The tag calls of both families, whole: corp tags (doc 92117) and those of rule groups (doc 94882) differ in their paths
 * and in who is named. Fields that are absent are never sent, empty lists neither.
 */
import { BotError } from '../errors.ts';
import { byPosition, type LibraryId, type Tag, type TagApi, type TagFilter, type TagGroup } from '../tags/tag.ts';
import type { Client } from './client.ts';
import { id, isObject, type Json, listIn, listOrNone, numberOrNone, object, text } from './shape.ts';

/** "No such tag id" in answer to an add that names no id: a passing fault of the platform, gone on repetition. */
const NO_SUCH_ID = 40068;
const PAUSE_MS = 500;

export function createTagApi(client: Client, options: { readonly sleep: (ms: number) => Promise<unknown> }): TagApi {
  return {
    async list(filter) {
      // Nothing asked for is nothing found; on the wire an empty list would mean everything.
      if (filter.tagIds?.length === 0 || filter.groupIds?.length === 0) return [];
      return client.call(path('get', filter.of, '_list'), filterBody(filter), {
        idempotent: true,
        read: (answer) =>
          listIn(answer, 'tag_group')
            .map((group) => object(group, 'tag_group[]'))
            .filter((group) => !isGone(group))
            .map((group) => readGroup(group, filter.of))
            .sort(byPosition),
      });
    },

    async add({ libraryId, target, tags }) {
      const group =
        'groupId' in target ? { group_id: target.groupId } : { group_name: target.groupName, order: target.order };
      const tag = tags.map(({ name, order }) => ({ name, order }));
      const add = () =>
        client.call(
          path('add', libraryId),
          { strategy_id: strategyIdOf(libraryId), ...group, tag },
          {
            // An object here, an array in the list.
            read: (answer) => {
              const made = object(answer.tag_group, 'tag_group');
              return { groupId: id(made.group_id, 'group_id'), tags: readTags(made) };
            },
          },
        );
      try {
        return await add();
      } catch (error) {
        const passing = error instanceof BotError && error.errcode === NO_SUCH_ID && 'groupName' in target;
        if (!passing) throw error;
        await options.sleep(PAUSE_MS);
        return add();
      }
    },

    async edit({ libraryId, id: target, name, order }) {
      if (name === undefined && order === undefined) throw new BotError('bug.empty-edit', 'bug');
      await client.call(path('edit', libraryId), { id: target, name, order }, { read: nothing });
    },

    async delete({ libraryId, tagIds = [], groupIds = [] }) {
      if (tagIds.length === 0 && groupIds.length === 0) throw new BotError('bug.empty-delete', 'bug');
      const body = { tag_id: filled(tagIds), group_id: filled(groupIds) };
      await client.call(path('del', libraryId), body, { read: nothing });
    },
  };
}

function path(verb: 'get' | 'add' | 'edit' | 'del', of: LibraryId | 'rule-groups', ending = ''): string {
  return `externalcontact/${verb}_${of === 'corp' ? 'corp' : 'strategy'}_tag${ending}`;
}

function strategyIdOf(of: LibraryId | 'rule-groups'): number | undefined {
  return typeof of === 'number' ? of : undefined;
}

/** With group ids the platform ignores tag ids, so only one of the two is sent. */
function filterBody({ of, tagIds, groupIds }: TagFilter): object {
  return { strategy_id: strategyIdOf(of), ...(groupIds !== undefined ? { group_id: groupIds } : { tag_id: tagIds }) };
}

/** Corp tags and their groups are told even when they are deleted, if asked for by id (doc 92117). */
function isGone(group: Json): boolean {
  const tags = listOrNone(group.tag, 'tag');
  return group.deleted === true || (tags.length > 0 && tags.every(isDeleted));
}

function readGroup(group: Json, of: LibraryId | 'rule-groups'): TagGroup {
  return {
    id: id(group.group_id, 'group_id'),
    name: text(group.group_name),
    order: numberOrNone(group.order) ?? 0,
    createTime: numberOrNone(group.create_time) ?? 0,
    libraryId: of === 'corp' ? 'corp' : (numberOrNone(group.strategy_id) ?? strategyIdOf(of) ?? 0),
    tags: readTags(group),
  };
}

function readTags(group: Json): Tag[] {
  return listOrNone(group.tag, 'tag')
    .filter((tag) => !isDeleted(tag))
    .map((value) => {
      const tag = object(value, 'tag[]');
      return {
        id: id(tag.id, 'tag[].id'),
        name: text(tag.name),
        order: numberOrNone(tag.order) ?? 0,
        createTime: numberOrNone(tag.create_time) ?? 0,
      };
    })
    .sort(byPosition);
}

function isDeleted(value: unknown): boolean {
  return isObject(value) && value.deleted === true;
}

function filled<T>(values: readonly T[]): readonly T[] | undefined {
  return values.length === 0 ? undefined : values;
}

function nothing(): void {}
