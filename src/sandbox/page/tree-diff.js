/** What has changed between two versions of the tag library, for the tree to light up. No DOM here. */

/** @import { SandboxGroup } from '../protocol.ts' */

/** @typedef {'added' | 'renamed' | 'moved' | 'removed'} TreeMark */
/** @typedef {{ id: string, name: string, order: number }} Item */
/** @typedef {{ readonly id: string, readonly groups: readonly SandboxGroup[] }} Grouped a library */

/**
 * @param {readonly Grouped[]} before
 * @param {readonly Grouped[]} after
 * @returns {Map<string, TreeMark>} by tag or group id; `removed` ones are found in `before` only
 */
export function treeDiff(before, after) {
  const old = items(before);
  const now = items(after);
  /** @type {Map<string, TreeMark>} */
  const marks = new Map();
  for (const [id, item] of now) {
    const was = old.get(id);
    if (!was) marks.set(id, 'added');
    else if (was.name !== item.name) marks.set(id, 'renamed');
    else if (was.order !== item.order) marks.set(id, 'moved');
  }
  for (const id of old.keys()) if (!now.has(id)) marks.set(id, 'removed');
  return marks;
}

/**
 * The present library with what has just vanished left in its old place, so that it can be seen going.
 * @template {Grouped} L
 * @param {readonly L[]} before
 * @param {readonly L[]} after
 * @param {ReadonlyMap<string, TreeMark>} marks
 * @returns {readonly L[]}
 */
export function withRemoved(before, after, marks) {
  if (![...marks.values()].includes('removed')) return after;
  return after.map((library) => {
    const was = before.find((other) => other.id === library.id);
    if (!was) return library;
    const groups = library.groups.map((group) => {
      const wasGroup = was.groups.find((other) => other.group_id === group.group_id);
      return wasGroup ? { ...group, tag: merged(wasGroup.tag, group.tag, (tag) => tag.id) } : group;
    });
    return { ...library, groups: merged(was.groups, groups, (group) => group.group_id) };
  });
}

/**
 * @template T
 * @param {readonly T[]} before
 * @param {readonly T[]} after
 * @param {(item: T) => string} idOf
 * @returns {T[]}
 */
function merged(before, after, idOf) {
  const alive = new Set(after.map(idOf));
  const out = [...after];
  before.forEach((item, index) => {
    if (!alive.has(idOf(item))) out.splice(Math.min(index, out.length), 0, item);
  });
  return out;
}

/**
 * @param {readonly Grouped[]} libraries
 * @returns {Map<string, Item>}
 */
function items(libraries) {
  /** @type {Map<string, Item>} */
  const map = new Map();
  for (const library of libraries) {
    for (const group of library.groups) {
      map.set(group.group_id, { id: group.group_id, name: group.group_name, order: group.order });
      for (const tag of group.tag) map.set(tag.id, tag);
    }
  }
  return map;
}
