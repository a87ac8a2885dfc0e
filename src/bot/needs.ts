/**
 * What right an order, a question or a step of a plan needs, and where: the command row's right × the rule groups that it
 * is about. Pure. Whether somebody has it is asked in change/permission.ts, for everything that is run or written.
 */

import type { CommandId, Reading } from '../command/reading.ts';
import { type CommandRow, commandRow } from '../command/table/grammar.ts';
import { nameOf } from '../command/tokens.ts';
import { groupsCalled, rulesCalled, type View } from '../resolve/names.ts';
import type { MissingSlot, Order, Understanding } from '../resolve/order.ts';
import { libraryOf } from '../tags/change/plan.ts';
import type { Step, Write } from '../tags/change/step.ts';
import type { Library } from '../tags/library.ts';
import type { LibraryId } from '../tags/tag.ts';
import type { Rights } from './rights.ts';

export interface Need {
  readonly right: CommandRow['right'];
  /** The rule group it is needed in; `somewhere`: any will do, as what is done chooses among those where it is had. */
  readonly where: LibraryId | 'somewhere';
  /** What for, when that is told by the command. */
  readonly command?: CommandId;
}

/** The first need that these rights do not meet; undefined when they meet all. */
export function lacking(rights: Rights, needs: readonly Need[]): Need | undefined {
  return needs.find((need) => !meets(rights, need));
}

function meets(rights: Rights, { right, where }: Need): boolean {
  if (right === 'anyone') return true;
  if (right === 'bot-admin') return rights.botAdmin;
  if (where !== 'somewhere') return rights.can(right, where);
  return rights.botAdmin || [...rights.readable].some((id) => rights.can(right, id));
}

/** An id that is not in the library any more needs nothing: there is nothing left to be done with it. */
export function needsOfOrder(order: Order | Write, library: Library): Need[] {
  const { right } = commandRow(order.command);
  const ids = new Set(librariesOf(order, library));
  if (ids.size === 0) return [{ right, where: 'somewhere', command: order.command }];
  return [...ids].map((where) => ({ right, where, command: order.command }));
}

function librariesOf(order: Order | Write, library: Library): LibraryId[] {
  const groups: (string | undefined)[] = [];
  const tags: string[] = [];
  const ids: (LibraryId | undefined)[] = [];
  switch (order.command) {
    case 'tag.add':
      ids.push(order.target.kind === 'existing' ? order.target.group.libraryId : order.target.libraryId);
      break;
    case 'tag.delete':
      tags.push(...order.targets.map((target) => target.id));
      break;
    case 'tag.move':
      tags.push(...order.targets.map((target) => target.id));
      groups.push(order.group?.id);
      break;
    case 'tag.rename':
    case 'tag.order':
    case 'tag.top':
      tags.push(order.target.id);
      break;
    case 'tag.find':
      groups.push(order.group?.id);
      ids.push(order.group?.libraryId, order.libraryId);
      break;
    case 'stats':
    case 'export':
      ids.push(order.libraryId);
      break;
    case 'tag.list':
      ids.push(order.libraryId, order.group?.libraryId);
      break;
    case 'group.create':
    case 'group.list':
      ids.push(order.libraryId);
      break;
    case 'import':
      ids.push(order.libraryId);
      for (const { target } of order.groups)
        ids.push(target.kind === 'existing' ? target.group.libraryId : target.libraryId);
      break;
    case 'group.delete':
      groups.push(...order.targets.map((target) => target.id));
      break;
    case 'group.rename':
    case 'group.order':
    case 'group.top':
      groups.push(order.target.id);
      break;
    case 'rule.switch':
    case 'rule.show':
    case 'rule.rename':
    case 'rule.delete':
    case 'rule.admins':
    case 'rule.range':
      ids.push(order.target.id);
      break;
    default:
      // About no rule group, or about whichever may be read: those choose for themselves.
      break;
  }
  for (const id of tags) ids.push(library.tag(id)?.group.libraryId);
  for (const id of groups) if (id !== undefined) ids.push(library.group(id)?.libraryId);
  return ids.filter((id) => id !== undefined);
}

/** Of a plan, or of a change that is to be taken back: the way back needs what the way there did. */
export function needsOfSteps(steps: readonly Step[]): Need[] {
  return steps.map((step): Need => {
    switch (step.do) {
      case 'createRule':
        return { right: 'bot-admin', where: 'somewhere', command: 'rule.create' };
      case 'deleteRule':
        return { right: 'bot-admin', where: step.id, command: 'rule.delete' };
      case 'editRule':
        return { right: 'admin', where: step.id };
      default:
        return { right: 'edit', where: libraryOf(step) ?? 'somewhere' };
    }
  });
}

/**
 * What is needed for at least one way in which a question could be answered; empty when nothing is asked that needs a
 * right. Whoever has none of it is not asked.
 */
export function needsOfQuestion(understanding: Understanding, view: View): Need[] {
  switch (understanding.kind) {
    case 'slot':
      return needsOfReading(understanding.reading, understanding.slot, view);
    case 'chooseLibrary': {
      const { command } = understanding.reading;
      return understanding.options.map(({ id }) => ({ right: commandRow(command).right, where: id, command }));
    }
    case 'suggestion':
      return needsOfOrder(understanding.order, view.library);
    case 'choice':
      return understanding.options.flatMap(({ order }) => needsOfOrder(order, view.library));
    case 'absent':
      return understanding.nearest.flatMap(({ order }) => needsOfOrder(order, view.library));
    default:
      return [];
  }
}

function needsOfReading(reading: Reading, slot: MissingSlot, view: View): Need[] {
  const { command } = reading;
  const { right } = commandRow(command);
  const ids = new Set(librariesNamed(reading, view));
  // The groups that are offered are those of where the member works.
  const where = slot === 'group' && !view.unchosen ? view.libraryId : undefined;
  if (ids.size === 0) return [{ right, where: where ?? 'somewhere', command }];
  return [...ids].map((where) => ({ right, where, command }));
}

/** Where it would happen, as far as the sentence tells; a group that is to be made is none that is there. */
function librariesNamed(reading: Reading, view: View): LibraryId[] {
  if ('rule' in reading && reading.rule && reading.command !== 'rule.create')
    return rulesCalled(nameOf(reading.rule).name, view).map((rule) => rule.id);
  if ('group' in reading && reading.group && reading.command !== 'group.create')
    return groupsCalled(nameOf(reading.group).name, view).map((group) => group.libraryId);
  return [];
}
