/** Reads test/data/utterances.txt: its catalog as a library, its utterances, and resolutions in its notation. */

import { readFileSync } from 'node:fs';
import type { Order, TargetGroup, Understanding } from '../../src/resolve/order.ts';
import type { View } from '../../src/resolve/resolve.ts';
import { Library } from '../../src/tags/library.ts';
import type { RuleGroup, TagGroup } from '../../src/tags/tag.ts';

export interface Utterance {
  /** Who speaks, or what the section is about. */
  readonly section: string;
  readonly text: string;
  /** Any of these is right. */
  readonly effects: readonly string[];
}

export interface CatalogGroup {
  readonly ruleGroup: string;
  readonly name: string;
  readonly tags: readonly string[];
}

export interface Corpus {
  /** The first is the one the member works in. */
  readonly ruleGroups: readonly string[];
  readonly groups: readonly CatalogGroup[];
  readonly utterances: readonly Utterance[];
}

export function readCorpus(file = new URL('../data/utterances.txt', import.meta.url)): Corpus {
  const ruleGroups: string[] = [];
  const groups: CatalogGroup[] = [];
  const utterances: Utterance[] = [];
  let section = '';
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '' || /^#(?: |$)/.test(line)) continue;
    if (line.startsWith('== ')) section = line.slice(3);
    else if (section !== 'catalog') {
      const [text = '', effects = ''] = line.split(' ⇒ ');
      utterances.push({ section, text: text.replaceAll('\\n', '\n'), effects: effects.split(' | ') });
    } else readCatalogLine(line, ruleGroups, groups);
  }
  return { ruleGroups, groups, utterances };
}

/** A line of a catalog: `* 规则组` the one that is worked in, `- 规则组` another, `组: 名、名` a group of the last one named. */
export function readCatalogLine(line: string, ruleGroups: string[], groups: CatalogGroup[]): void {
  if (line.startsWith('* ')) ruleGroups.unshift(line.slice(2));
  else if (line.startsWith('- ')) ruleGroups.push(line.slice(2));
  else {
    const at = line.indexOf(': ');
    const names = line.slice(at + 2).split('、');
    groups.push({ ruleGroup: ruleGroups.at(-1) ?? '', name: line.slice(0, at), tags: names });
  }
}

/** The corpus catalog as a library; the first rule group has id 1. */
export function libraryOf(corpus: Pick<Corpus, 'ruleGroups' | 'groups'>): Library {
  const rules = corpus.ruleGroups.map(
    (name, index): RuleGroup => ({ id: index + 1, parentId: 0, name, createTime: 0, admins: [], privilege: {} }),
  );
  const groups = corpus.groups.map(
    (group, index): TagGroup => ({
      id: `g${index}`,
      name: group.name,
      order: 1000 - index,
      createTime: 0,
      libraryId: corpus.ruleGroups.indexOf(group.ruleGroup) + 1,
      tags: group.tags.map((name, at) => ({ id: `t${index}-${at}`, name, order: 1000 - at, createTime: 0 })),
    }),
  );
  return new Library(rules, groups, 0);
}

/** Whether a understanding changes the library at once or proposes a plan for it. */
export function writes(understanding: Understanding): boolean {
  if (understanding.kind === 'one') return !understanding.first && !READS.has(understanding.order.command);
  return understanding.kind === 'batch';
}

/** Whether it changes the library without another question. */
function writesAtOnce(understanding: Understanding): boolean {
  return writes(understanding) && !/\?/.test(effectOf(understanding));
}

const READS: ReadonlySet<string> = new Set(
  'tag.list tag.find tag.move group.list rule.list rule.show rule.switch history stats export more confirm cancel help doctor me settings'.split(
    ' ',
  ),
);

/** A understanding in the notation of the corpus. */
export function effectOf(understanding: Understanding): string {
  switch (understanding.kind) {
    case 'one': {
      const effect = effectOfOrder(understanding.order);
      return understanding.first && !effect.includes('?') ? `plan ${effect}` : effect;
    }
    case 'batch':
      return `batch: ${understanding.lines.map((line) => effectOfOrder(line.order)).join(' ; ')}`;
    case 'slot':
      return `ask ${understanding.slot}`;
    case 'absent':
      return `absent ${understanding.what} ${understanding.name}`;
    case 'refused':
      return `refused ${understanding.why}`;
    case 'suggestion':
      return `suggest ${effectOfOrder(understanding.order)}`;
    case 'nothing':
      return 'none';
    default:
      return understanding.kind;
  }
}

export function effectOfOrder(order: Order): string {
  switch (order.command) {
    case 'tag.add':
      return `add ${targetName(order.target)}: ${order.tags.join(', ')}`;
    case 'tag.delete': {
      const gone = order.absent.length === 0 ? '' : ` (absent ${order.absent.join(', ')})`;
      return `delete? ${order.targets.map((tag) => `${tag.group.name}/${tag.name}`).join(', ')}${gone}`;
    }
    case 'tag.rename':
      return `rename ${order.target.group.name}/${order.target.name} → ${order.to}`;
    case 'tag.order':
      return `order ${order.target.group.name}/${order.target.name} ${order.order}`;
    case 'tag.top':
      return `top ${order.target.group.name}/${order.target.name}`;
    case 'tag.list':
      return order.group === undefined ? 'list' : `list ${order.group.name}`;
    case 'tag.find':
      return `lookup ${order.query}`;
    case 'tag.move':
      return `move ${order.targets.map((tag) => `${tag.group.name}/${tag.name}`).join(', ')}`;
    case 'group.create':
      return `create ${order.name}: ${order.tags.join(', ')}`;
    case 'group.delete':
      return `delete-group? ${order.targets.map((group) => group.name).join(', ')}`;
    case 'group.rename':
      return `rename-group ${order.target.name} → ${order.to}`;
    case 'group.order':
      return `order-group ${order.target.name} ${order.order}`;
    case 'group.top':
      return `top-group ${order.target.name}`;
    case 'group.list':
      return 'groups';
    case 'rule.list':
      return 'rules';
    case 'rule.switch':
      return `switch ${order.target.name}`;
    case 'rule.show':
      return `rule ${order.target.name}`;
    case 'rule.create':
      return `create-rule ${order.name}: ${order.admins.join(', ')} / ${order.range.join(', ')}`;
    case 'rule.rename':
      return `rename-rule ${order.target.name} → ${order.to}`;
    case 'rule.delete':
      return `delete-rule? ${order.target.name}`;
    case 'rule.admins':
      return `admins ${order.target.name}${changes(order)}`;
    case 'rule.range':
      return `range ${order.target.name}${changes(order)}`;
    case 'import': {
      const groups = order.groups.map(({ target, tags }) => `${targetName(target)}: ${tags.join(', ')}`);
      return `import${order.withDeletes ? '!' : ''} ${groups.join('; ')}`;
    }
    case 'undo':
      return order.change === undefined ? 'undo' : `undo ${order.change}`;
    case 'history':
      return order.filter === undefined ? 'history' : `history ${order.filter}`;
    case 'export':
      return `export ${order.form}`;
    case 'help':
      return order.topic === undefined ? 'help' : `help ${order.topic}`;
    case 'settings':
      return order.format === undefined ? 'settings' : `settings ${order.format}`;
    case 'menu.publish':
      return `menu ${order.dryRun ? 'preview' : 'publish'}`;
    default:
      return order.command;
  }
}

function targetName(target: TargetGroup): string {
  return target.kind === 'existing' ? target.group.name : `new ${target.name}`;
}

function changes({ add, remove }: { readonly add: readonly string[]; readonly remove: readonly string[] }): string {
  return [...add.map((name) => ` +${name}`), ...remove.map((name) => ` -${name}`)].join('');
}

/** Whether the understanding is one of the effects that are right. */
export function isRight(understanding: Understanding, effects: readonly string[]): boolean {
  const effect = effectOf(understanding);
  return effects.some((right) => {
    if (right === 'harmless') return !writes(understanding);
    if (right === 'refused') return understanding.kind === 'refused';
    // Both are done once the member agrees to what is spelled out.
    return (
      right === effect ||
      (right.startsWith('suggest ') &&
        [`plan ${right.slice(8)}`, right.slice(8)].includes(effect) &&
        !writesAtOnce(understanding))
    );
  });
}

/** A member of the first rule group who may read everything. */
export function viewOf(library: Library, search: View['search']): View {
  return { library, libraryId: 1, readable: library.libraryIds, search };
}
