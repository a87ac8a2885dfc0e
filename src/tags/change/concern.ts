/** What writes are about: the rule groups whose other writes must wait, and what has to be re-read beforehand. Pure. */

import type { Library } from '../library.ts';
import type { Write } from './step.ts';

export interface Concern {
  readonly strategyIds: readonly number[];
  /** Rule groups to be read whole: names and positions of sibling groups matter. */
  readonly whole: readonly number[];
  /** Groups to be read, of other rule groups than those. */
  readonly groupIds: readonly string[];
}

export function concernOf(writes: readonly Write[], library: Library): Concern {
  const strategies = new Set<number>();
  const whole = new Set<number>();
  const groups = new Set<string>();
  for (const write of writes) {
    switch (write.command) {
      case 'tag.add':
        if (write.target.kind === 'existing') group(write.target.group.id, write.target.group.strategyId);
        else ruleGroup(write.target.strategyId);
        break;
      case 'group.create':
        ruleGroup(write.strategyId);
        break;
      case 'tag.delete':
        for (const target of write.targets) groupOfTag(target.id);
        break;
      case 'tag.rename':
      case 'tag.order':
      case 'tag.top':
        groupOfTag(write.target.id);
        break;
      case 'group.delete':
        for (const target of write.targets) group(target.id, library.group(target.id)?.strategyId);
        break;
      case 'group.rename':
      case 'group.order':
      case 'group.top':
        ruleGroup(library.group(write.target.id)?.strategyId);
        break;
    }
  }
  const alone = [...groups].filter((id) => !whole.has(library.group(id)?.strategyId ?? Number.NaN));
  return { strategyIds: [...strategies], whole: [...whole], groupIds: alone };

  function ruleGroup(id: number | undefined): void {
    if (id === undefined) return;
    strategies.add(id);
    whole.add(id);
  }

  function group(id: string, strategyId: number | undefined): void {
    groups.add(id);
    if (strategyId !== undefined) strategies.add(strategyId);
  }

  function groupOfTag(id: string): void {
    const entry = library.tag(id);
    if (entry) group(entry.group.id, entry.group.strategyId);
  }
}
