/** What a pointer (它, 第二个, 这些, 这个组, 华南的那个) stands for: the focus, looked up in the library as it is now. */

import type { Pointer } from '../../command/pointer.ts';
import { groupRef, tagRef } from '../../resolve/names.ts';
import type { GroupRef, TagRef } from '../../resolve/order.ts';
import type { TagEntry } from '../../tags/library.ts';
import { fold } from '../../text.ts';
import type { Context } from '../context.ts';
import type { Focus, TagSpot } from '../focus.ts';

export type Meant =
  | { readonly kind: 'tags'; readonly tags: readonly TagRef[] }
  | { readonly kind: 'group'; readonly group: GroupRef }
  /** Nothing of that kind was spoken of. */
  | { readonly kind: 'none' }
  | { readonly kind: 'outOfRange' | 'count'; readonly count: number }
  /** No pointer at all: what looks like a place is none. */
  | { readonly kind: 'elsewhere' };

/** Ids and names are those of now; what is gone, or may not be read, is not meant. */
export function meantBy(ctx: Context, pointer: Pointer, focus: Focus): Meant {
  switch (pointer.points) {
    case 'one':
      return pointer.of === undefined ? theOne(ctx, focus) : theOneIn(ctx, focus, pointer.of);
    case 'group': {
      const group = groupInFocus(ctx, focus);
      return group === undefined ? NONE : { kind: 'group', group };
    }
    case 'all':
      return all(ctx, focus, pointer.count);
    case 'nth':
      return nth(ctx, focus, pointer.positions);
  }
}

const NONE: Meant = { kind: 'none' };

function theOne(ctx: Context, focus: Focus): Meant {
  const tags = tagsInFocus(ctx, focus);
  // Of twins the one where the member works.
  const here = tags.filter(({ group }) => group.libraryId === ctx.libraryId);
  if (tags.length > 0) return { kind: 'tags', tags: here.length > 0 ? here : tags };
  const group = focus.tags.length === 0 ? groupInFocus(ctx, focus) : undefined;
  return group === undefined ? NONE : { kind: 'group', group };
}

/** 华南的那个, 肤质里那个: a tag in focus, or its twin, where the word says. */
function theOneIn(ctx: Context, focus: Focus, of: string): Meant {
  const wanted = fold(of.replace(/(?:里面|里|下面|那边|的)$/u, ''));
  if (wanted.length < 2) return { kind: 'elsewhere' };
  const { library } = ctx.snapshot;
  const twins = focus.tags.flatMap((tag) => library.tagsNamed(tag.name));
  const isThere = ({ group }: TagEntry) =>
    [group.name, library.libraryName(group.libraryId)].some((called) => fold(called).includes(wanted));
  const there = twins.filter((entry) => ctx.rights.readable.has(entry.group.libraryId) && isThere(entry));
  const tags = [...new Map(there.map((entry) => [entry.tag.id, tagRef(entry)])).values()];
  return tags.length === 0 ? { kind: 'elsewhere' } : { kind: 'tags', tags };
}

function all(ctx: Context, focus: Focus, count: number | undefined): Meant {
  const spoken = tagsInFocus(ctx, focus);
  const shown = tagsShown(ctx, focus);
  const fits = [spoken, shown].find(
    (tags) => tags.length > (count === undefined ? 1 : 0) && (count ?? tags.length) === tags.length,
  );
  if (fits !== undefined) return { kind: 'tags', tags: fits };
  const most = spoken.length > 0 ? spoken : shown;
  if (most.length === 0) return NONE;
  return count === undefined || count === most.length
    ? { kind: 'tags', tags: most }
    : { kind: 'count', count: most.length };
}

function nth(ctx: Context, focus: Focus, positions: readonly number[]): Meant {
  const shown = tagsShown(ctx, focus);
  const spoken = tagsInFocus(ctx, focus);
  const tags = shown.length > 0 ? shown : spoken;
  if (tags.length > 0) {
    const at = positions.map((position) => nthOf(tags, position));
    const found = at.flatMap((tag) => tag ?? []);
    return found.length === at.length ? { kind: 'tags', tags: found } : { kind: 'outOfRange', count: tags.length };
  }
  const groups = groupsShown(ctx, focus);
  const [position = 0] = positions;
  const group = nthOf(groups, position);
  if (groups.length === 0) return NONE;
  return group !== undefined && positions.length === 1
    ? { kind: 'group', group }
    : { kind: 'outOfRange', count: groups.length };
}

/** Counted from 1, and from the end when negative. */
export function nthOf<T>(list: readonly T[], position: number): T | undefined {
  return list.at(position > 0 ? position - 1 : position);
}

/** The group last spoken of, as it is called now; undefined when it is gone. */
export function groupInFocus(ctx: Context, focus: Focus | undefined): GroupRef | undefined {
  if (focus?.group === undefined) return undefined;
  const { id, name, libraryId } = focus.group;
  const { library } = ctx.snapshot;
  const found =
    id === undefined ? library.groupsNamed(name).find((group) => group.libraryId === libraryId) : library.group(id);
  return found === undefined || !ctx.rights.readable.has(libraryId) ? undefined : groupRef(found);
}

function tagsInFocus(ctx: Context, focus: Focus): TagRef[] {
  return focus.tags.flatMap((spot) => entryOf(ctx, spot) ?? []).map(tagRef);
}

/** By its id; what was only about to be made when it was spoken of, by its name in its group. */
function entryOf(ctx: Context, spot: TagSpot): TagEntry | undefined {
  const { library } = ctx.snapshot;
  if (spot.id !== undefined) return library.tag(spot.id);
  return library
    .tagsNamed(spot.name)
    .find(
      ({ tag, group }) => tag.name === spot.name && group.libraryId === spot.libraryId && group.name === spot.group,
    );
}

function tagsShown(ctx: Context, { shown }: Focus): TagRef[] {
  const { library } = ctx.snapshot;
  if (shown?.kind === 'tags') return shown.ids.flatMap((id) => library.tag(id) ?? []).map(tagRef);
  const group = shown?.kind === 'tagsOf' ? library.group(shown.group) : undefined;
  return group === undefined ? [] : group.tags.map((tag) => tagRef({ tag, group }));
}

/** The groups that were listed, as they would be now. */
export function groupsShown(ctx: Context, { shown }: Focus): GroupRef[] {
  return shown?.kind === 'groupsOf' ? ctx.snapshot.library.groupsOf(shown.libraryId).map(groupRef) : [];
}
