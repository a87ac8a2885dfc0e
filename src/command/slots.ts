/** What a reading names: things that must exist, things it would make, and where. */

import type { Reading } from './reading.ts';

export interface NamedThings {
  /** Names of what is to be there already, quotes kept. */
  readonly there: readonly string[];
  /** Names that would be made. */
  readonly made: readonly string[];
  /** The group that is said to hold them. */
  readonly place: string | undefined;
}

export function namesIn(reading: Reading): NamedThings {
  switch (reading.command) {
    case 'tag.add':
      return { there: [], made: reading.tags, place: reading.group };
    case 'tag.delete':
    case 'tag.move':
      return { there: reading.tags, made: [], place: reading.group };
    case 'tag.rename':
      return { there: [reading.tag], made: reading.to === undefined ? [] : [reading.to], place: reading.group };
    case 'tag.top':
    case 'tag.order':
      return { there: [reading.tag], made: [], place: reading.group };
    case 'group.create':
      return { there: [], made: [reading.group, ...reading.tags], place: undefined };
    case 'group.delete':
      return { there: reading.groups, made: [], place: undefined };
    case 'group.rename':
      return { there: [reading.group], made: reading.to === undefined ? [] : [reading.to], place: undefined };
    case 'group.top':
    case 'group.order':
      return { there: [reading.group], made: [], place: undefined };
    case 'rule.rename':
      return { there: [reading.rule], made: reading.to === undefined ? [] : [reading.to], place: undefined };
    case 'rule.create':
      return { there: [], made: [reading.rule], place: undefined };
    default:
      return { there: [], made: [], place: undefined };
  }
}

/** The reading with its place, where it can have one and names none yet. */
export function placedIn(reading: Reading, group: string): Reading {
  switch (reading.command) {
    case 'tag.add':
    case 'tag.delete':
    case 'tag.rename':
    case 'tag.order':
    case 'tag.top':
      return reading.group === undefined ? { ...reading, group } : reading;
    default:
      return reading;
  }
}
