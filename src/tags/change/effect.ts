/**
 * What a look at the library tells of a step: whether it has taken effect, and what came of it. For steps whose answer was
 * lost, and for those that a crash interrupted. Reads only.
 */

import type { Catalog } from '../catalog.ts';
import type { Library } from '../library.ts';
import type { RangeNode, RuleGroup, RuleGroupApi, TagGroup } from '../tag.ts';
import { type GroupPart, groupOf, type Step, type StepOf, type TagPart, tagPart } from './step.ts';

export interface Effects {
  /** The group as it is now; undefined when it is not there. Throws BotError. */
  readGroup(group: GroupPart): Promise<TagGroup | undefined>;
  /** undefined when the present state does not tell (a half effect, or one that was there before). Throws BotError. */
  hasTakenEffect(step: Step): Promise<boolean | undefined>;
  /** What a lost answer would have told, from the read that showed the effect. */
  lostAnswerOf(step: Step): LostAnswer;
}

/** As much of it as a read can show. */
export interface LostAnswer {
  readonly groupId?: string;
  readonly created?: readonly TagPart[];
  readonly ruleId?: number;
}

/** Looks through the catalog, so that what is seen is known to all afterwards. */
export function createEffects(catalog: Catalog, ruleGroups: RuleGroupApi): Effects {
  async function readGroup(group: GroupPart): Promise<TagGroup | undefined> {
    const { id, libraryId } = group;
    const { library } =
      id === undefined ? await catalog.refreshGroupsIn(libraryId) : await catalog.refreshGroups([{ id, libraryId }]);
    return groupIn(library, group);
  }

  async function hasTakenEffect(step: Step): Promise<boolean | undefined> {
    switch (step.do) {
      case 'addTags': {
        const group = await readGroup(step.group);
        const there = step.tags.filter((tag) => group?.tags.some((other) => other.name === tag.name)).length;
        return there === step.tags.length ? true : there === 0 ? false : undefined;
      }
      case 'renameTag':
      case 'orderTag': {
        const tag = (await readGroup(step.group))?.tags.find((each) => each.id === step.id);
        if (!tag) return undefined;
        return step.do === 'renameTag' ? sides(tag.name, step.from, step.to) : sides(tag.order, step.from, step.to);
      }
      case 'renameGroup':
      case 'orderGroup': {
        const group = await readGroup(groupOf(step));
        if (!group) return undefined;
        return step.do === 'renameGroup'
          ? sides(group.name, step.from, step.to)
          : sides(group.order, step.from, step.to);
      }
      case 'deleteTags': {
        const group = await readGroup(step.group);
        const left = step.tags.filter((tag) => group?.tags.some((other) => other.id === tag.id)).length;
        return left === 0 ? true : left === step.tags.length ? false : undefined;
      }
      case 'deleteGroup':
        return (await readGroup(groupOf(step))) === undefined;
      case 'createRule': {
        const { library } = await catalog.fresh('rule-groups');
        return library.ruleGroups.some((ruleGroup) => isMadeBy(step, ruleGroup));
      }
      case 'editRule': {
        const ruleGroup = await ruleGroups.get(step.id);
        if (step.rename) return sides(ruleGroup.name, step.rename.from, step.rename.to);
        if (step.admins) return sides(sorted(ruleGroup.admins), sorted(step.admins.from), sorted(step.admins.to));
        const range = new Set((await ruleGroups.range(step.id)).map((node) => JSON.stringify(node)));
        const there = (node: RangeNode): boolean => range.has(JSON.stringify(node));
        const done = [...(step.rangeAdd ?? []).map(there), ...(step.rangeDelete ?? []).map((node) => !there(node))];
        return done.every(Boolean) ? true : done.some(Boolean) ? undefined : false;
      }
      case 'deleteRule':
        return !(await ruleGroups.list()).includes(step.id);
    }
  }

  function lostAnswerOf(step: Step): LostAnswer {
    const library = catalog.peek()?.library;
    if (step.do === 'createRule') {
      const ruleGroup = library?.ruleGroups.find((other) => isMadeBy(step, other));
      return ruleGroup ? { ruleId: ruleGroup.id } : {};
    }
    const group = step.do === 'addTags' ? library && groupIn(library, step.group) : undefined;
    if (step.do !== 'addTags' || !group) return {};
    const created = group.tags.filter((tag) => step.tags.some((wanted) => wanted.name === tag.name));
    return { groupId: group.id, created: created.map(tagPart) };
  }

  return { readGroup, hasTakenEffect, lostAnswerOf };
}

function sides<T>(now: T, before: T, after: T): boolean | undefined {
  return now === after ? true : now === before ? false : undefined;
}

function sorted(list: readonly string[]): string {
  return [...list].sort().join('\n');
}

function groupIn(library: Library, { id, name, libraryId }: GroupPart): TagGroup | undefined {
  return id === undefined ? library.groupsOf(libraryId).find((group) => group.name === name) : library.group(id);
}

function isMadeBy(step: StepOf<'createRule'>, ruleGroup: RuleGroup): boolean {
  return ruleGroup.name === step.name && ruleGroup.parentId === step.parentId;
}
