/** Lines of one batch that cannot both be meant: found before anything is done. */

import { type Line, line, name as nameSpan } from '../reply/reply.ts';
import { fold } from '../text.ts';
import type { Resolution, Resolved } from './resolved.ts';

interface Touch {
  readonly line: number;
  readonly name: string;
  readonly act: 'add' | 'delete' | 'rename' | 'place';
  /** What becomes of it: two renames to the same name, or the same value twice, are merely a repetition. */
  readonly into: string;
}

const ACTS: Readonly<Record<Touch['act'], string>> = { add: '添加', delete: '删除', rename: '改名', place: '排序' };

/** An `invalid` resolution that names the two lines; undefined when all lines go together. */
export function contradictionIn(
  lines: readonly { readonly number: number; readonly resolved: Resolved }[],
): Resolution | undefined {
  const touched = new Map<string, Touch[]>();
  const deletedGroups = new Map<string, Touch>();
  for (const { number, resolved } of lines) {
    for (const [key, touch] of touches(number, resolved)) {
      for (const earlier of touched.get(key) ?? []) if (collide(earlier, touch)) return told(earlier, touch);
      touched.set(key, [...(touched.get(key) ?? []), touch]);
      if (key.startsWith('group ') && touch.act === 'delete') deletedGroups.set(key, touch);
    }
  }
  for (const { number, resolved } of lines) {
    for (const group of groupsOf(resolved)) {
      const gone = deletedGroups.get(`group ${group}`);
      const [touch] = touches(number, resolved);
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

function told(a: Touch, b: Touch): Resolution {
  const lines: Line[] = [a, b].map((touch) => line`第 ${touch.line} 行：${ACTS[touch.act]} ${nameSpan(touch.name)}`);
  return {
    kind: 'invalid',
    title: line`第 ${a.line} 行和第 ${b.line} 行互相矛盾，什么都没有改。`,
    lines,
    hint: line`请去掉其中一行，再整段发一次。`,
  };
}

/** What one line touches: tags by group and folded name, groups by id. */
function touches(number: number, resolved: Resolved): [string, Touch][] {
  const tag = (group: string, name: string, act: Touch['act'], into: string): [string, Touch] => [
    `tag ${group} ${fold(name)}`,
    { line: number, name, act, into },
  ];
  const group = (id: string, name: string, act: Touch['act'], into: string): [string, Touch] => [
    `group ${id}`,
    { line: number, name, act, into },
  ];
  switch (resolved.command) {
    case 'tag.add':
      return resolved.tags.map((name) => tag(targetKey(resolved.target), name, 'add', ''));
    case 'tag.delete':
      return resolved.targets.map((target) => tag(target.group.id, target.name, 'delete', ''));
    case 'tag.rename':
      return [tag(resolved.target.group.id, resolved.target.name, 'rename', resolved.to)];
    case 'tag.order':
      return [tag(resolved.target.group.id, resolved.target.name, 'place', String(resolved.order))];
    case 'tag.top':
      return [tag(resolved.target.group.id, resolved.target.name, 'place', 'top')];
    case 'group.delete':
      return resolved.targets.map((target) => group(target.id, target.name, 'delete', ''));
    case 'group.rename':
      return [group(resolved.target.id, resolved.target.name, 'rename', resolved.to)];
    case 'group.order':
      return [group(resolved.target.id, resolved.target.name, 'place', String(resolved.order))];
    case 'group.top':
      return [group(resolved.target.id, resolved.target.name, 'place', 'top')];
    default:
      return [];
  }
}

function targetKey(target: Extract<Resolved, { command: 'tag.add' }>['target']): string {
  return target.kind === 'existing' ? target.group.id : `new ${fold(target.name)}`;
}

/** Ids of the existing groups in which a line changes tags. */
function groupsOf(resolved: Resolved): string[] {
  switch (resolved.command) {
    case 'tag.add':
      return resolved.target.kind === 'existing' ? [resolved.target.group.id] : [];
    case 'tag.delete':
      return resolved.targets.map((target) => target.group.id);
    case 'tag.rename':
    case 'tag.order':
    case 'tag.top':
      return [resolved.target.group.id];
    default:
      return [];
  }
}
