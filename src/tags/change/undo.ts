/**
 * A change taken back: what would have to be done now so that the library is as it was, as far as the platform allows.
 * Pure. A deleted tag can only be made anew, with a new id and without its customers; the notes say so.
 */

import type { Library } from '../library.ts';
import { countTags } from '../tag.ts';
import { planOf } from './plan.ts';
import { Projection, partOf } from './projection.ts';
import { groupOf, type Note, type Planned, type Step, type TagPart, tagPart } from './step.ts';

/** What is known of a step that was carried out. */
export interface DoneStep {
  readonly step: Step;
  readonly groupId?: string;
  readonly created?: readonly TagPart[];
  readonly ruleId?: number;
}

/** Plans the inverse of the steps that were done, last first. What others have changed since is left alone and noted. */
export function planUndo(done: readonly DoneStep[], library: Library): Planned {
  const steps: Step[] = [];
  const notes: Note[] = [];
  // A name given up by one step may be wanted by the next, and a value may have been set twice.
  const projection = new Projection(library);
  const take = (step: Step): void => {
    steps.push(step);
    projection.take(step);
  };
  for (const item of [...done].reverse()) {
    const { step } = item;
    switch (step.do) {
      case 'addTags': {
        const groupId = item.groupId ?? step.group.id;
        const group = groupId === undefined ? undefined : projection.group(groupId);
        const present = (item.created ?? []).flatMap((tag) => {
          const now = group?.tags.find((other) => other.id === tag.id);
          if (!now) notes.push({ note: 'gone', name: tag.name });
          else if (now.name !== tag.name)
            notes.push({ note: 'changed-since', id: tag.id, name: tag.name, what: now.name });
          return now ? [tagPart(now)] : [];
        });
        if (group && present.length > 0) {
          take({
            do: 'deleteTags',
            group: { ...partOf(group), order: group.order },
            tags: present,
            takesGroup: present.length === group.tags.length,
          });
        }
        break;
      }
      case 'renameTag': {
        const entry = projection.tag(step.id);
        if (!entry) notes.push({ note: 'gone', name: step.to });
        else if (entry.tag.name !== step.to)
          notes.push({ note: 'changed-since', id: step.id, name: step.to, what: entry.tag.name });
        else if (entry.group.tags.some((other) => other.name === step.from))
          return { kind: 'problem', problem: { problem: 'name-taken', name: step.from, group: entry.group.name } };
        else take({ do: 'renameTag', id: step.id, group: partOf(entry.group), from: step.to, to: step.from });
        break;
      }
      case 'orderTag': {
        const entry = projection.tag(step.id);
        if (!entry) notes.push({ note: 'gone', name: step.name });
        else if (entry.tag.order !== step.to)
          notes.push({ note: 'changed-since', id: step.id, name: entry.tag.name, what: `排序值 ${entry.tag.order}` });
        else
          take({
            do: 'orderTag',
            id: step.id,
            group: partOf(entry.group),
            name: entry.tag.name,
            from: step.to,
            to: step.from,
          });
        break;
      }
      case 'renameGroup': {
        const group = projection.group(step.id);
        if (!group) notes.push({ note: 'gone', name: step.to });
        else if (group.name !== step.to)
          notes.push({ note: 'changed-since', id: step.id, name: step.to, what: group.name });
        else if (projection.groupsOf(group.libraryId).some((other) => other.name === step.from))
          return { kind: 'problem', problem: { problem: 'name-taken', name: step.from } };
        else take({ do: 'renameGroup', id: step.id, libraryId: group.libraryId, from: step.to, to: step.from });
        break;
      }
      case 'orderGroup': {
        const group = projection.group(step.id);
        if (!group) notes.push({ note: 'gone', name: step.name });
        else if (group.order !== step.to)
          notes.push({ note: 'changed-since', id: step.id, name: group.name, what: `排序值 ${group.order}` });
        else
          take({
            do: 'orderGroup',
            id: step.id,
            libraryId: group.libraryId,
            name: group.name,
            from: step.to,
            to: step.from,
          });
        break;
      }
      case 'deleteTags':
      case 'deleteGroup': {
        const { id, name, libraryId } = groupOf(step);
        const { order } = step.do === 'deleteTags' ? step.group : step;
        const group =
          (id === undefined ? undefined : projection.group(id)) ??
          projection.groupsOf(libraryId).find((other) => other.name === name);
        const missing = step.tags.filter((tag) => {
          const exists = group?.tags.some((other) => other.name === tag.name);
          if (exists && group) notes.push({ note: 'exists', group: group.name, name: tag.name, as: tag.name });
          return !exists;
        });
        if (missing.length === 0) break;
        take({
          do: 'addTags',
          group: group ? partOf(group) : { name, libraryId },
          creates: !group,
          ...(group ? {} : { groupOrder: order }),
          tags: missing.map((tag) => ({ name: tag.name, order: tag.order })),
        });
        notes.push({ note: 'new-id', names: missing.map((tag) => tag.name) });
        break;
      }
      case 'createRule': {
        const ruleGroup = item.ruleId === undefined ? undefined : projection.library.ruleGroup(item.ruleId);
        if (!ruleGroup) notes.push({ note: 'gone', name: step.name });
        else {
          const groups = projection.groupsOf(ruleGroup.id);
          take({
            do: 'deleteRule',
            id: ruleGroup.id,
            name: ruleGroup.name,
            groups: groups.length,
            tags: countTags(groups),
          });
        }
        break;
      }
      case 'editRule': {
        const ruleGroup = projection.library.ruleGroup(step.id);
        if (!ruleGroup) {
          notes.push({ note: 'gone', name: step.name });
          break;
        }
        if (step.rename && ruleGroup.name !== step.rename.to) {
          notes.push({ note: 'changed-since', id: String(step.id), name: step.rename.to, what: ruleGroup.name });
          break;
        }
        take({
          do: 'editRule',
          id: step.id,
          name: ruleGroup.name,
          ...(step.rename ? { rename: { from: step.rename.to, to: step.rename.from } } : {}),
          ...(step.admins ? { admins: { from: ruleGroup.admins, to: takenBack(ruleGroup.admins, step.admins) } } : {}),
          ...(step.rangeAdd ? { rangeDelete: step.rangeAdd } : {}),
          ...(step.rangeDelete ? { rangeAdd: step.rangeDelete } : {}),
        });
        break;
      }
      case 'deleteRule':
        return {
          kind: 'problem',
          problem: { problem: 'not-undoable', why: `规则组「${step.name}」删除后无法恢复，需要重新新建` },
        };
    }
  }
  return { kind: 'plan', plan: planOf(steps, notes) };
}

/** The present admins without those that were added then and with those that were removed then. */
function takenBack(now: readonly string[], change: { from: readonly string[]; to: readonly string[] }): string[] {
  const added = change.to.filter((userid) => !change.from.includes(userid));
  const removed = change.from.filter((userid) => !change.to.includes(userid));
  return [...new Set([...now.filter((userid) => !added.includes(userid)), ...removed])];
}
