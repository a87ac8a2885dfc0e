/**
 * All libraries as last read, with its search index: read once for many questions, read anew behind the scenes when it
 * is old or when the platform hints at a change, and patched by the reads around our own writes.
 */

import { LRUCache } from 'lru-cache';
import { BotError } from '../errors.ts';
import type { Clock, TagChange } from '../message.ts';
import { sharedRun } from '../queue.ts';
import { Library } from './library.ts';
import { type ReadLibrary, readGroups, readLibrary, readRuleGroup, sameGroup, sound } from './read-library.ts';
import { ReadOrder } from './read-order.ts';
import { buildIndex, type SearchIndex, turn } from './search/search.ts';
import {
  FAMILIES,
  type Family,
  familyOf,
  type GroupKey,
  type LibraryId,
  type RuleGroup,
  type RuleGroupApi,
  type TagApi,
  type TagGroup,
} from './tag.ts';

export interface Snapshot {
  readonly library: Library;
  /** Of exactly this library. */
  readonly index: SearchIndex;
}

export type CatalogTrouble = 'refresh-failed' | 'family-unread' | 'rule-group-unreadable' | 'index-failed';

export interface CatalogOptions {
  readonly tags: TagApi;
  readonly ruleGroups: RuleGroupApi;
  readonly now: Clock;
  /** ms after which the library is read anew, behind the answer that noticed. Default 5 minutes. */
  readonly ttlMs?: number;
  /** Told what went wrong where no caller can be told. */
  readonly report?: (trouble: CatalogTrouble, error: unknown) => void;
  /** How waiting is done, for further change events or further changes; default a timer that keeps no process alive. */
  readonly sleep?: ((ms: number) => Promise<unknown>) | undefined;
}

export interface Catalog {
  /** What `current` would give without waiting; undefined when it would have to wait. */
  ready(): Snapshot | undefined;
  /**
   * The libraries as last read; waits for the platform only where there is none, or none of the last ten minutes: rights
   * are taken away without any event. Throws BotError when that read fails.
   */
  current(): Promise<Snapshot>;
  /**
   * Everything, by a read that starts after this call; callers at the same time share it. Where the app has no right to
   * read a family, nothing is there of it, and `library.unread` says why. Throws BotError when nothing can be read, or not
   * the family that is needed.
   */
  fresh(needed?: Family): Promise<Snapshot>;
  /** These groups read anew; those that no longer exist are gone from the result. Throws BotError. */
  refreshGroups(groups: readonly GroupKey[]): Promise<Snapshot>;
  /** The groups of one library read anew, by a single call. Throws BotError. */
  refreshGroupsIn(libraryId: LibraryId): Promise<Snapshot>;
  /** The name, admins and privileges of one rule group read anew, by a single call. Throws BotError. */
  refreshRuleGroup(strategyId: number): Promise<Snapshot>;
  /** What is known of each rule group itself may be out of date: the next whole read asks for all of them. */
  forgetRuleGroups(): void;
  /** Something was changed in the client or the console: read anew behind the scenes, a hundred hints by one read. */
  changed(hint: TagChange): void;
  /** Something was written and could not be read back: whoever asks next waits for a read, and hears of it if that works. */
  outdated(): void;
  /** What is known now, without reading or waiting. */
  peek(): Snapshot | undefined;
}

const TTL_MS = 5 * 60_000;
const HARD_AGE_MS = 10 * 60_000;
/** Names, admins and privileges of rule groups cost a call each; a whole read asks again for those older than this. */
const RULE_GROUP_TTL_MS = 60_000;
/** A failed first read is not tried again for so long: many members may ask at once. */
const FAILURE_MS = 1_000;
/** After a failed read behind the scenes. */
const RETRY_MS = 10_000;
/** One save in the console is told in several events. */
const SETTLE_MS = 200;
/** More changed groups than this are merged into the index behind the scenes; far more, before anybody searches. */
const DRIFT = 16;
const MASS_CHANGE = 64;
/** Changes come in bursts; between two merges this much time passes. */
const MERGE_PAUSE_MS = 1_000;

/** Empty at first; reads when it is first asked. */
export function createCatalog(options: CatalogOptions): Catalog {
  const { tags, ruleGroups, now, ttlMs = TTL_MS, report = () => {}, sleep = pause } = options;
  const ruleGroupsRead = new LRUCache<number, { readonly ruleGroup: RuleGroup; readonly readAt: number }>({
    // Room for `max` would be set aside at once, in each of many corps.
    maxSize: 10_000,
    sizeCalculation: () => 1,
    ttl: RULE_GROUP_TTL_MS,
    ttlResolution: 0,
    perf: { now },
  });
  let snapshot: Snapshot | undefined;
  let refreshAt = 0;
  /** What was read of a rule group before is not good for the next whole read. */
  let forgottenAt = Number.NEGATIVE_INFINITY;
  let failure: { readonly error: unknown; readonly until: number } | undefined;
  const reads = new ReadOrder();
  /** Ids of groups that changed since the index was last built as a whole. */
  let drifted = new Set<string>();
  let merging = false;
  let settling = false;
  /** What the events of the last moment were about. */
  let hinted = new Set<Family>();
  /** What the next read of libraries asks for, and what the last one has asked for. */
  let wanted = new Set<Family>();
  let asked: ReadonlySet<Family> = wanted;
  /** Since a write could not be read back: the read that all who ask now wait for, once somebody has asked. */
  let outdated: { read?: Promise<Snapshot> } | undefined;

  const whole = sharedRun(async () => {
    const number = reads.begin();
    const startedAt = now();
    // Half a library is no beginning.
    const families = snapshot ? wanted : new Set(FAMILIES);
    wanted = new Set();
    asked = families;
    const read = await readLibrary(tags, ruleGroups, {
      families,
      recent: (id) => {
        const entry = ruleGroupsRead.get(id);
        return entry && entry.readAt > forgottenAt ? entry.ruleGroup : undefined;
      },
      unreadable: (error) => report('rule-group-unreadable', error),
    });
    // To put a whole library in place takes as long as to read it: a turn of the event loop each.
    await turn();
    const latest = read.ruleGroups.map((ruleGroup) => remembered(ruleGroup, startedAt));
    for (const error of read.unread.values()) report('family-unread', error);
    const taken = await takeWhole({ ...read, ruleGroups: latest }, families, number, startedAt);
    refreshAt = startedAt + ttlMs;
    return taken;
  });

  function readAnew(families: Iterable<Family> = FAMILIES): Promise<Snapshot> {
    for (const family of families) wanted.add(family);
    return whole.after();
  }

  /** The rule group as the latest read has it, which may be another than the one that asks. */
  function remembered(ruleGroup: RuleGroup, readAt: number): RuleGroup {
    const entry = ruleGroupsRead.get(ruleGroup.id);
    if (entry && entry.readAt > readAt) return entry.ruleGroup;
    if (entry?.ruleGroup !== ruleGroup) ruleGroupsRead.set(ruleGroup.id, { ruleGroup, readAt }, { start: readAt });
    return ruleGroup;
  }

  async function takeWhole(
    read: ReadLibrary,
    families: ReadonlySet<Family>,
    number: number,
    readAt: number,
  ): Promise<Snapshot> {
    const before = snapshot;
    let merged = merge(before?.library, read, families, number, readAt);
    let index = before?.index;
    let changed = merged.changed;
    if (!index || changed.length > MASS_CHANGE) {
      index = await buildIndex(merged.library);
      drifted = new Set();
      changed = [];
      // Groups may have been read anew while the index was built.
      if (snapshot !== before) merged = merge(snapshot?.library, read, families, number, readAt);
    }
    reads.takeFamilies(families, number);
    return publish(merged.library, index, changed);
  }

  function merge(
    old: Library | undefined,
    read: ReadLibrary,
    families: ReadonlySet<Family>,
    number: number,
    readAt: number,
  ): { readonly library: Library; readonly changed: readonly string[] } {
    if (!old) return { library: new Library(read.ruleGroups, read.groups, readAt, read.unread), changed: [] };
    const there = new Set<string>();
    const groups: TagGroup[] = [];
    for (const group of read.groups) {
      there.add(group.id);
      if (!reads.isNewer(group.id, number) && !sameGroup(old.group(group.id), group)) groups.push(group);
    }
    const removed = old.groups
      .filter(({ id, libraryId }) => families.has(familyOf(libraryId)) && !there.has(id) && !reads.isNewer(id, number))
      .map((group) => group.id);
    const unread = new Map([...[...old.unread].filter(([family]) => !families.has(family)), ...read.unread]);
    const library = old.with({
      groups,
      removed,
      unread,
      ...(families.has('rule-groups') && { ruleGroups: read.ruleGroups }),
      ...(isWhole(families) && { readAt }),
    });
    return { library, changed: [...removed, ...groups.map((group) => group.id)] };
  }

  function publish(library: Library, index: SearchIndex, changed: readonly string[]): Snapshot {
    const published = { library, index: index.for(library) };
    snapshot = published;
    for (const id of changed) drifted.add(id);
    if (drifted.size > DRIFT) void mergeIndex();
    return published;
  }

  async function mergeIndex(): Promise<void> {
    if (merging || !snapshot) return;
    merging = true;
    try {
      await sleep(MERGE_PAUSE_MS);
      drifted = new Set();
      const index = await buildIndex(snapshot.library);
      snapshot = { library: snapshot.library, index: index.for(snapshot.library) };
    } catch (error) {
      report('index-failed', error);
    } finally {
      merging = false;
    }
  }

  /** Puts in place what a read of some groups found; `asked` are all it could have found. */
  function takeSome(asked: readonly GroupKey[], found: readonly TagGroup[], number: number): Snapshot {
    const { library, index } = snapshot as Snapshot;
    const there = new Map(found.map((group) => [group.id, group]));
    const groups: TagGroup[] = [];
    const removed: string[] = [];
    for (const key of new Map([...asked, ...found].map((each) => [each.id, each])).values()) {
      if (!reads.isLatest(key, number)) continue;
      const { id } = key;
      reads.takeGroup(id, number);
      const old = library.group(id);
      const group = there.get(id);
      if (group && !sameGroup(old, group)) groups.push(group);
      if (!group && old) removed.push(id);
    }
    if (groups.length === 0 && removed.length === 0) return snapshot as Snapshot;
    return publish(library.with({ groups, removed }), index, [...removed, ...groups.map((group) => group.id)]);
  }

  function refreshBehind(families?: Iterable<Family>): void {
    refreshAt = now() + RETRY_MS;
    readAnew(families).catch((error: unknown) => report('refresh-failed', error));
  }

  /** For all who cannot be answered without a read. */
  async function awaited(): Promise<Snapshot> {
    if (failure && now() < failure.until) throw failure.error;
    try {
      const loaded = await (!outdated && whole.isRunning() && isWhole(asked) ? whole.joined() : readAnew());
      failure = undefined;
      return loaded;
    } catch (error) {
      if (error instanceof BotError) failure = { error, until: now() + FAILURE_MS };
      throw error;
    }
  }

  function ready(): Snapshot | undefined {
    const at = now();
    if (!snapshot || outdated || at - snapshot.library.readAt >= HARD_AGE_MS) return undefined;
    if (at >= refreshAt) refreshBehind();
    return snapshot;
  }

  async function current(): Promise<Snapshot> {
    const known = ready();
    if (known) return known;
    if (!snapshot || !outdated || now() - snapshot.library.readAt >= HARD_AGE_MS) return awaited();
    outdated.read ??= afterWrite(outdated, snapshot);
    return outdated.read;
  }

  async function afterWrite(since: object, before: Snapshot): Promise<Snapshot> {
    try {
      return await readAnew();
    } catch (error) {
      report('refresh-failed', error);
      refreshAt = now() + RETRY_MS;
      return snapshot ?? before;
    } finally {
      if (outdated === since) outdated = undefined;
    }
  }

  return {
    ready,
    current,

    forgetRuleGroups() {
      forgottenAt = now();
    },

    async fresh(needed) {
      const taken = await readAnew();
      const failed = needed && taken.library.unread.get(needed);
      if (failed) throw failed;
      return taken;
    },

    async refreshGroups(groups) {
      if (groups.length === 0) return current();
      if (!snapshot) return readAnew();
      const number = reads.begin();
      return takeSome(groups, await readGroups(tags, groups), number);
    },

    async refreshGroupsIn(libraryId) {
      if (!snapshot) return readAnew();
      const number = reads.begin();
      const groups = await tags.list({ of: libraryId });
      return takeSome(snapshot.library.groupsOf(libraryId), sound(groups), number);
    },

    async refreshRuleGroup(strategyId) {
      if (!snapshot) return readAnew();
      const startedAt = now();
      const read = await readRuleGroup(ruleGroups, strategyId, (error) => report('rule-group-unreadable', error));
      const { library, index } = snapshot;
      const others = library.ruleGroups.filter((other) => other.id !== strategyId);
      const latest = read ? [remembered(read, startedAt)] : [];
      return publish(library.with({ ruleGroups: [...others, ...latest] }), index, []);
    },

    changed(hint) {
      // Before the first read there is nothing that could be out of date.
      if (!snapshot && !whole.isRunning()) return;
      const family = familyConcerned(hint, snapshot?.library);
      for (const each of family ? [family] : FAMILIES) hinted.add(each);
      if (settling) return;
      settling = true;
      void sleep(SETTLE_MS).then(() => {
        settling = false;
        refreshBehind(hinted);
        hinted = new Set();
      });
    },

    outdated() {
      outdated = {};
      failure = undefined;
    },

    peek: () => snapshot,
  };
}

function isWhole(families: ReadonlySet<Family>): boolean {
  return families.size === FAMILIES.length;
}

/**
 * Only rule groups are ever named in an event, and not in every one about them (doc 92130); a tag or group that is known
 * tells for itself. undefined: either.
 */
function familyConcerned({ id, strategyId }: TagChange, library: Library | undefined): Family | undefined {
  if (strategyId !== undefined) return 'rule-groups';
  const group = library?.group(id) ?? library?.tag(id)?.group;
  return group && familyOf(group.libraryId);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
