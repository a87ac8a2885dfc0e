/** Reads test/data/utterances.txt: its catalog as a library, its utterances, and resolutions in its notation. */

import { readFileSync } from 'node:fs';
import type { View } from '../../src/bot/resolve.ts';
import type { Resolution, Resolved, TargetGroup } from '../../src/bot/resolved.ts';
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
    } else if (/^[*-] /.test(line)) {
      if (line.startsWith('*')) ruleGroups.unshift(line.slice(2));
      else ruleGroups.push(line.slice(2));
    } else {
      const at = line.indexOf(': ');
      groups.push({
        ruleGroup: ruleGroups.at(-1) ?? '',
        name: line.slice(0, at),
        tags: line.slice(at + 2).split('、'),
      });
    }
  }
  return { ruleGroups, groups, utterances };
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
      strategyId: corpus.ruleGroups.indexOf(group.ruleGroup) + 1,
      tags: group.tags.map((name, at) => ({ id: `t${index}-${at}`, name, order: 1000 - at, createTime: 0 })),
    }),
  );
  return new Library(rules, groups, 0);
}

/** Whether a resolution changes the library at once or proposes a plan for it. */
export function writes(resolution: Resolution): boolean {
  if (resolution.kind === 'one') return !READS.has(resolution.resolved.command);
  return resolution.kind === 'batch';
}

/** Whether it changes the library without another question. */
export function writesAtOnce(resolution: Resolution): boolean {
  return writes(resolution) && !/\?/.test(effectOf(resolution));
}

const READS: ReadonlySet<string> = new Set(
  'tag.list tag.find tag.move group.list rule.list rule.show rule.switch history stats export more confirm cancel help doctor me settings'.split(
    ' ',
  ),
);

/** A resolution in the notation of the corpus. */
export function effectOf(resolution: Resolution): string {
  switch (resolution.kind) {
    case 'one':
      return effectOfResolved(resolution.resolved);
    case 'batch':
      return `batch: ${resolution.lines.map((line) => effectOfResolved(line.resolved)).join(' ; ')}`;
    case 'slot':
      return `ask ${resolution.slot}`;
    case 'absent':
      return `absent ${resolution.what} ${resolution.name}`;
    case 'refused':
      return `refused ${resolution.why}`;
    case 'suggestion':
      return `suggest ${effectOfResolved(resolution.resolved)}`;
    case 'nothing':
      return 'none';
    default:
      return resolution.kind;
  }
}

export function effectOfResolved(resolved: Resolved): string {
  switch (resolved.command) {
    case 'tag.add':
      return `add ${targetName(resolved.target)}: ${resolved.tags.join(', ')}`;
    case 'tag.delete': {
      const gone = resolved.absent.length === 0 ? '' : ` (absent ${resolved.absent.join(', ')})`;
      return `delete? ${resolved.targets.map((tag) => `${tag.group.name}/${tag.name}`).join(', ')}${gone}`;
    }
    case 'tag.rename':
      return `rename ${resolved.target.group.name}/${resolved.target.name} → ${resolved.to}`;
    case 'tag.order':
      return `order ${resolved.target.group.name}/${resolved.target.name} ${resolved.order}`;
    case 'tag.top':
      return `top ${resolved.target.group.name}/${resolved.target.name}`;
    case 'tag.list':
      return resolved.group === undefined ? 'list' : `list ${resolved.group.name}`;
    case 'tag.find':
      return `lookup ${resolved.query}`;
    case 'tag.move':
      return `move ${resolved.targets.map((tag) => `${tag.group.name}/${tag.name}`).join(', ')}`;
    case 'group.create':
      return `create ${resolved.name}: ${resolved.tags.join(', ')}`;
    case 'group.delete':
      return `delete-group? ${resolved.targets.map((group) => group.name).join(', ')}`;
    case 'group.rename':
      return `rename-group ${resolved.target.name} → ${resolved.to}`;
    case 'group.order':
      return `order-group ${resolved.target.name} ${resolved.order}`;
    case 'group.top':
      return `top-group ${resolved.target.name}`;
    case 'group.list':
      return 'groups';
    case 'rule.list':
      return 'rules';
    case 'rule.switch':
      return `switch ${resolved.target.name}`;
    case 'rule.show':
      return `rule ${resolved.target.name}`;
    case 'rule.create':
      return `create-rule ${resolved.name}: ${resolved.admins.join(', ')} / ${resolved.range.join(', ')}`;
    case 'rule.rename':
      return `rename-rule ${resolved.target.name} → ${resolved.to}`;
    case 'rule.delete':
      return `delete-rule? ${resolved.target.name}`;
    case 'rule.admins':
      return `admins ${resolved.target.name}${changes(resolved)}`;
    case 'rule.range':
      return `range ${resolved.target.name}${changes(resolved)}`;
    case 'import': {
      const groups = resolved.groups.map(({ target, tags }) => `${targetName(target)}: ${tags.join(', ')}`);
      return `import${resolved.withDeletes ? '!' : ''} ${groups.join('; ')}`;
    }
    case 'undo':
      return resolved.change === undefined ? 'undo' : `undo ${resolved.change}`;
    case 'history':
      return resolved.filter === undefined ? 'history' : `history ${resolved.filter}`;
    case 'export':
      return `export ${resolved.form}`;
    case 'help':
      return resolved.topic === undefined ? 'help' : `help ${resolved.topic}`;
    case 'settings':
      return resolved.format === undefined ? 'settings' : `settings ${resolved.format}`;
    case 'menu.publish':
      return `menu ${resolved.dryRun ? 'preview' : 'publish'}`;
    default:
      return resolved.command;
  }
}

function targetName(target: TargetGroup): string {
  return target.kind === 'existing' ? target.group.name : `new ${target.name}`;
}

function changes({ add, remove }: { readonly add: readonly string[]; readonly remove: readonly string[] }): string {
  return [...add.map((name) => ` +${name}`), ...remove.map((name) => ` -${name}`)].join('');
}

/** Whether the resolution is one of the effects that are right. */
export function isRight(resolution: Resolution, effects: readonly string[]): boolean {
  const effect = effectOf(resolution);
  return effects.some((right) => {
    if (right === 'harmless') return !writes(resolution);
    if (right === 'refused') return resolution.kind === 'refused';
    return right === effect;
  });
}

/** A member of the first rule group who may read everything. */
export function viewOf(library: Library, search: View['search']): View {
  return { library, strategyId: 1, readable: 'all', fresh: true, search };
}
