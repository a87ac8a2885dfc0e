/** Lines of one batch that cannot both be meant: found before anything is done. */

import { type Line, line, name as nameSpan } from '../reply/reply.ts';
import { fold } from '../text.ts';
import type { Order, Understanding } from './order.ts';

interface Touch {
  readonly line: number;
  readonly name: string;
  readonly act: 'add' | 'delete' | 'rename' | 'place';
  /** What becomes of it: two renames to the same name, or the same value twice, are merely a repetition. */
  readonly into: string;
}

const ACTS: Readonly<Record<Touch['act'], string>> = { add: '添加', delete: '删除', rename: '改名', place: '排序' };

/** An `invalid` understanding that names the two lines; undefined when all lines go together. */
export function contradictionIn(
  lines: readonly { readonly number: number; readonly order: Order }[],
): Understanding | undefined {
  const touched = new Map<string, Touch[]>();
  const deletedGroups = new Map<string, Touch>();
  for (const { number, order } of lines) {
    for (const [key, touch] of touches(number, order)) {
      for (const earlier of touched.get(key) ?? []) if (collide(earlier, touch)) return told(earlier, touch);
      touched.set(key, [...(touched.get(key) ?? []), touch]);
      if (key.startsWith('group ') && touch.act === 'delete') deletedGroups.set(key, touch);
    }
  }
  for (const { number, order } of lines) {
    for (const group of groupsOf(order)) {
      const gone = deletedGroups.get(`group ${group}`);
      const [touch] = touches(number, order);
      if (gone !== undefined && touch !== undefined && gone.line !== number) return told(gone, touch[1]);
    }
  }
  return undefined;
}

function collide(a: Touch, b: Touch): boolean {
  if (a.line === b.line) return false;
  if (a.act === b.act) return a.into !== b.into;
  return a.act === 'delete' || b.act === 'delete' || (a.act === 'add') !== (b.act === 'add');
}

function told(a: Touch, b: Touch): Understanding {
  const lines: Line[] = [a, b].map((touch) => line`第 ${touch.line} 行：${ACTS[touch.act]} ${nameSpan(touch.name)}`);
  return {
    kind: 'invalid',
    title: line`第 ${a.line} 行和第 ${b.line} 行互相矛盾，什么都没有改。`,
    lines,
    hint: line`请去掉其中一行，再整段发一次。`,
  };
}

/** What one line touches: tags by group and folded name, groups by id. */
function touches(number: number, order: Order): [string, Touch][] {
  const tag = (group: string, name: string, act: Touch['act'], into: string): [string, Touch] => [
    `tag ${group} ${fold(name)}`,
    { line: number, name, act, into },
  ];
  const group = (id: string, name: string, act: Touch['act'], into: string): [string, Touch] => [
    `group ${id}`,
    { line: number, name, act, into },
  ];
  switch (order.command) {
    case 'tag.add':
      return order.tags.map((name) => tag(targetKey(order.target), name, 'add', ''));
    case 'tag.delete':
      return order.targets.map((target) => tag(target.group.id, target.name, 'delete', ''));
    case 'tag.rename':
      return [tag(order.target.group.id, order.target.name, 'rename', order.to)];
    case 'tag.order':
      return [tag(order.target.group.id, order.target.name, 'place', String(order.order))];
    case 'tag.top':
      return [tag(order.target.group.id, order.target.name, 'place', 'top')];
    case 'group.delete':
      return order.targets.map((target) => group(target.id, target.name, 'delete', ''));
    case 'group.rename':
      return [group(order.target.id, order.target.name, 'rename', order.to)];
    case 'group.order':
      return [group(order.target.id, order.target.name, 'place', String(order.order))];
    case 'group.top':
      return [group(order.target.id, order.target.name, 'place', 'top')];
    default:
      return [];
  }
}

function targetKey(target: Extract<Order, { command: 'tag.add' }>['target']): string {
  return target.kind === 'existing' ? target.group.id : `new ${fold(target.name)}`;
}

/** Ids of the existing groups in which a line changes tags. */
function groupsOf(order: Order): string[] {
  switch (order.command) {
    case 'tag.add':
      return order.target.kind === 'existing' ? [order.target.group.id] : [];
    case 'tag.delete':
      return order.targets.map((target) => target.group.id);
    case 'tag.rename':
    case 'tag.order':
    case 'tag.top':
      return [order.target.group.id];
    default:
      return [];
  }
}
