/** The one call to the platform that a step is; what is absent is not sent. */

import type { RuleGroupApi, TagApi } from '../tag.ts';
import type { MadeGroups } from './made-groups.ts';
import type { StepOutcome } from './outcome.ts';
import { groupOf, type Step, tagPart } from './step.ts';

/** Groups that the plan makes are noted in `made`. Throws BotError. */
export async function sendStep(
  step: Step,
  made: MadeGroups,
  { tags, ruleGroups }: { readonly tags: TagApi; readonly ruleGroups: RuleGroupApi },
): Promise<StepOutcome> {
  switch (step.do) {
    case 'addTags': {
      const groupId = made.idOf(step.group);
      const target =
        groupId !== undefined
          ? { groupId }
          : { groupName: step.group.name, ...(step.groupOrder === undefined ? {} : { order: step.groupOrder }) };
      const added = await tags.add({ libraryId: step.group.libraryId, target, tags: step.tags });
      if (groupId === undefined) made.note(step.group, added.groupId);
      const created = added.tags.filter((tag) => step.tags.some((wanted) => wanted.name === tag.name));
      return { state: 'done', groupId: added.groupId, created: created.map(tagPart) };
    }
    case 'renameTag':
    case 'renameGroup':
      await tags.edit({ libraryId: groupOf(step).libraryId, id: step.id, name: step.to });
      return { state: 'done' };
    case 'orderTag':
    case 'orderGroup':
      await tags.edit({ libraryId: groupOf(step).libraryId, id: step.id, order: step.to });
      return { state: 'done' };
    case 'deleteTags':
      await tags.delete({ libraryId: groupOf(step).libraryId, tagIds: step.tags.map((tag) => tag.id) });
      return { state: 'done' };
    case 'deleteGroup':
      await tags.delete({ libraryId: groupOf(step).libraryId, groupIds: [step.id] });
      return { state: 'done' };
    case 'createRule':
      return {
        state: 'done',
        ruleId: await ruleGroups.create({
          name: step.name,
          admins: step.admins,
          range: step.range,
          // Its 负责人 shall manage the tags, which only a level-1 rule group can hold. What is not named is off.
          ...(step.parentId === 0 ? { privilege: { manage_customer_tag: true } } : { parentId: step.parentId }),
        }),
      };
    case 'editRule':
      await ruleGroups.edit({
        id: step.id,
        ...(step.rename ? { name: step.rename.to } : {}),
        ...(step.admins ? { admins: step.admins.to } : {}),
        ...(step.rangeAdd ? { rangeAdd: step.rangeAdd } : {}),
        ...(step.rangeDelete ? { rangeDelete: step.rangeDelete } : {}),
      });
      return { state: 'done' };
    case 'deleteRule':
      await ruleGroups.delete(step.id);
      return { state: 'done' };
  }
}
