/**
 * What the last exchange was about, so that the next message may refer to it: the order, the group, the tags, the list
 * as it was shown. Kept in the session for ten minutes. Ids and names only; what they stand for is looked up anew.
 */

import { groupRef, tagRef } from '../resolve/names.ts';
import type { GroupRef, Order, OrderOf, TagRef } from '../resolve/order.ts';
import type { Library } from '../tags/library.ts';
import type { LibraryId } from '../tags/tag.ts';

/** A tag that was spoken of; without an id when it was only about to be made. */
export interface TagSpot {
  readonly id?: string;
  readonly name: string;
  readonly groupId?: string;
  readonly group: string;
  readonly libraryId: LibraryId;
}

/** What was shown as a list: tags or groups in that order, or changes by number. */
export type ShownList =
  | { readonly kind: 'tags'; readonly ids: readonly string[] }
  | { readonly kind: 'tagsOf'; readonly group: string }
  | { readonly kind: 'groupsOf'; readonly libraryId: LibraryId }
  | { readonly kind: 'changes'; readonly ids: readonly number[] };

export interface Focus {
  /** ms of WeCom's clock. */
  readonly at: number;
  /** What was carried out, asked or looked up; absent when it is too long to be repeated. */
  readonly order?: Order;
  readonly group?: Omit<GroupRef, 'id'> & { readonly id?: string };
  readonly tags: readonly TagSpot[];
  readonly shown?: ShownList;
  /** The number of the last change of this conversation. */
  readonly change?: number;
  /** When this conversation began to change something: what 都撤销 means at most. */
  readonly since: number;
}

/** What an order leaves in mind, whenever it was. */
export type About = Omit<Focus, 'at' | 'since'>;

/** How long a focus lasts. */
const FOCUS_MS = 10 * 60_000;

/** A longer list of names is not remembered. */
const MOST_NAMES = 20;

/** The focus while it lasts. */
export function focusAt(focus: Focus | undefined, now: number): Focus | undefined {
  return focus !== undefined && now - focus.at < FOCUS_MS ? focus : undefined;
}

/** What `order` leaves in mind; undefined for an order that is about nothing (help, settings): then the former stays. */
export function focusOn(order: Order, library: Library, found: readonly string[]): About | undefined {
  switch (order.command) {
    case 'tag.add': {
      const group = order.target.kind === 'existing' ? order.target.group : order.target;
      return { ...short(order, order.tags), group, tags: made(order.tags, group) };
    }
    case 'group.create': {
      const group = { name: order.name, libraryId: order.libraryId };
      return { ...short(order, order.tags), group, tags: made(order.tags, group) };
    }
    case 'tag.delete':
    case 'tag.move': {
      const tags = order.targets.slice(0, MOST_NAMES).map(spotOf);
      return { ...short(order, order.targets), ...oneGroup(tags), tags };
    }
    case 'tag.rename':
      return { order, group: order.target.group, tags: [{ ...spotOf(order.target), name: order.to }] };
    case 'tag.order':
    case 'tag.top':
      return { order, group: order.target.group, tags: [spotOf(order.target)] };
    case 'tag.list':
      return order.group === undefined
        ? { order, tags: [], shown: { kind: 'groupsOf', libraryId: order.libraryId } }
        : { order, group: order.group, tags: [], shown: { kind: 'tagsOf', group: order.group.id } };
    case 'tag.find':
      return lookedUp(order, library, found);
    case 'group.list':
      return { order, tags: [], shown: { kind: 'groupsOf', libraryId: order.libraryId } };
    case 'group.delete': {
      const [only] = order.targets;
      return { order, ...(only !== undefined && order.targets.length === 1 ? { group: only } : {}), tags: [] };
    }
    case 'group.rename':
      return { order, group: { ...order.target, name: order.to }, tags: [] };
    case 'group.order':
    case 'group.top':
      return { order, group: order.target, tags: [] };
    case 'undo':
    case 'stats':
      return { order, tags: [] };
    case 'rule.switch':
    case 'import':
      return { tags: [] };
    default:
      return undefined;
  }
}

function lookedUp(order: OrderOf<'tag.find'>, library: Library, found: readonly string[]): About {
  const groups = found.flatMap((id) => library.group(id) ?? []);
  const [only] = groups;
  if (only !== undefined && found.length === 1) {
    return { order, group: groupRef(only), tags: [], shown: { kind: 'tagsOf', group: only.id } };
  }
  const tags = found.slice(0, MOST_NAMES).flatMap((id) => {
    const entry = library.tag(id);
    return entry === undefined ? [] : [spotOf(tagRef(entry))];
  });
  return { order, ...oneGroup(tags), tags, shown: { kind: 'tags', ids: tags.flatMap(({ id }) => id ?? []) } };
}

function spotOf({ id, name, group }: TagRef): TagSpot {
  return { id, name, groupId: group.id, group: group.name, libraryId: group.libraryId };
}

function made(names: readonly string[], group: Focus['group'] & object): TagSpot[] {
  return names.slice(0, MOST_NAMES).map((name) => ({
    name,
    group: group.name,
    libraryId: group.libraryId,
    ...(group.id === undefined ? {} : { groupId: group.id }),
  }));
}

function oneGroup(tags: readonly TagSpot[]): { readonly group?: Focus['group'] & object } {
  const [first] = tags;
  if (first === undefined || tags.some((tag) => tag.groupId !== first.groupId)) return {};
  const { group: name, groupId: id, libraryId } = first;
  return { group: { name, libraryId, ...(id === undefined ? {} : { id }) } };
}

function short(order: Order, names: readonly unknown[]): { readonly order?: Order } {
  return names.length > MOST_NAMES ? {} : { order };
}
