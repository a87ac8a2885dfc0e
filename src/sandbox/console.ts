/**
 * A person edits in the admin console, where corp tags and every rule group can be seen. Unlike the API's changes these are told to
 * the app (doc 92130): one event per created thing, but a single one for a deleted group.
 */
import type { ConsoleEdit } from './protocol.ts';
import { refuse } from './refusal.ts';
import type { Strategies } from './strategies.ts';
import { checkName, type Group, type TagShelf } from './tag-shelf.ts';

/** One change_external_tag event. `type` is absent for shuffle. */
export interface TagEvent {
  readonly id: string;
  readonly type?: 'tag' | 'tag_group';
  readonly change: 'create' | 'update' | 'delete' | 'shuffle';
  /** Undefined for corp tags. */
  readonly strategyId: number | undefined;
}

/** Carries the edit out or refuses it as a whole; returns the events that WeCom sends. */
export function editInConsole(shelf: TagShelf, strategies: Strategies, edit: ConsoleEdit): readonly TagEvent[] {
  switch (edit.action) {
    case 'createGroup': {
      const library = edit.strategyId ?? 'corp';
      if (library !== 'corp' && strategies.find(library)?.parentId !== 0)
        refuse(40058, 'no level-1 rule group has this id');
      checkName(edit.name);
      if (shelf.groupsOf(library).some((group) => group.name === edit.name)) refuse(40071, 'a group has this name');
      checkNewTags(shelf, edit.tags, []);
      const group = shelf.newGroup(library, edit.name, 0, false);
      return [
        { id: group.id, type: 'tag_group', change: 'create', strategyId: strategyOf(group) },
        ...putTags(shelf, group, edit.tags),
      ];
    }
    case 'addTags': {
      const { group, tag } = shelf.find(edit.groupId) ?? refuse(40068, 'no such group');
      if (tag !== undefined) refuse(40068, 'this is a tag, not a group');
      checkNewTags(shelf, edit.tags, group.tags);
      return putTags(shelf, group, edit.tags);
    }
    case 'rename': {
      const found = shelf.find(edit.id) ?? refuse(40068, 'no such tag or group');
      shelf.rename(found, edit.name);
      const type = found.tag === undefined ? 'tag_group' : 'tag';
      return [{ id: edit.id, type, change: 'update', strategyId: strategyOf(found.group) }];
    }
    case 'delete': {
      const { group, tag } = shelf.find(edit.id) ?? refuse(40068, 'no such tag or group');
      shelf.remove(edit.id);
      const type = tag === undefined ? 'tag_group' : 'tag';
      return [{ id: edit.id, type, change: 'delete', strategyId: strategyOf(group) }];
    }
    case 'shuffle': {
      const { group, tag } = shelf.find(edit.groupId) ?? refuse(40068, 'no such group');
      const rank = new Map(edit.tagIds.map((id, at) => [id, at]));
      const complete = rank.size === group.tags.length && group.tags.every((each) => rank.has(each.id));
      if (tag !== undefined || !complete) refuse(40068, 'name every tag of the group once');
      for (const each of group.tags) each.order = rank.size - (rank.get(each.id) ?? 0);
      return [{ id: group.id, change: 'shuffle', strategyId: strategyOf(group) }];
    }
  }
}

function checkNewTags(shelf: TagShelf, names: readonly string[], present: readonly { readonly name: string }[]): void {
  if (names.length === 0) refuse(40058, 'no tag is named');
  for (const name of names) checkName(name);
  const unique = new Set(names);
  if (unique.size !== names.length || present.some((tag) => unique.has(tag.name))) refuse(40071, 'a tag has this name');
  shelf.checkQuota(names.length);
}

function putTags(shelf: TagShelf, group: Group, names: readonly string[]): readonly TagEvent[] {
  return names.map((name) => {
    const tag = shelf.newTag(name, 0, false);
    group.tags.push(tag);
    return { id: tag.id, type: 'tag', change: 'create', strategyId: strategyOf(group) };
  });
}

function strategyOf({ library }: Group): number | undefined {
  return library === 'corp' ? undefined : library;
}
