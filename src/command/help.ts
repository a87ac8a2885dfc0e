/** What the help says, as plain data read from the command table; the bot turns it into an answer. */

import type { CommandId } from './reading.ts';
import { commandRow, commands } from './table/grammar.ts';
import type { CommandRow } from './table/row.ts';
import { textOf } from './tokens.ts';

export interface HelpContext {
  /** Live names for the examples; without them made-up ones. */
  readonly group?: string;
  readonly tag?: string;
  readonly ruleGroup?: string;
}

export interface HelpPage {
  readonly title: string;
  /** What can be typed, and what it does. */
  readonly rows: readonly { readonly say: string; readonly does: string }[];
}

/** What the overview shows, in this order; everything else is found under its topic. */
const OVERVIEW: readonly CommandId[] = [
  'tag.find',
  'tag.list',
  'tag.add',
  'tag.rename',
  'tag.delete',
  'tag.top',
  'group.create',
  'group.delete',
  'import',
  'export',
  'undo',
  'history',
  'rule.list',
  'rule.create',
  'me',
];

/** The most useful commands of those that `allowed` lets through, one line each. */
export function helpOverview(allowed: (row: CommandRow) => boolean, context: HelpContext = {}): HelpPage {
  const rows = OVERVIEW.map(commandRow).filter(allowed);
  return {
    title: '可以这样说',
    rows: rows.map((row) => ({ say: filledIn(overviewExample(row), context), does: row.summary })),
  };
}

/** Everything about the commands a topic names (添加, 标签组, rename …); undefined when it names none. */
export function helpTopic(
  topic: string,
  context: HelpContext = {},
  allowed: (row: CommandRow) => boolean = () => true,
): HelpPage | undefined {
  const rows = topicRows(topic).filter(allowed);
  if (rows.length === 0) return undefined;
  const most = rows.length === 1 ? 6 : rows.length <= 3 ? 3 : 1;
  return {
    title: `怎么${rows.length === 1 ? (rows[0] as CommandRow).summary : `用「${topic.trim()}」`}`,
    rows: rows.flatMap((row) =>
      row.examples.slice(0, most).map((example) => ({ say: filledIn(example, context), does: row.summary })),
    ),
  };
}

/** The rows a topic is about: an exact word first, else any word that contains it or is contained in it. */
function topicRows(topic: string): CommandRow[] {
  const { plain } = textOf(topic.trim());
  const wanted = plain.replace(/^(?:怎么|如何|怎样|关于)/, '').replace(/\s+/g, '');
  if (wanted === '') return [];
  const nouns = NOUN_TOPICS.get(wanted);
  if (nouns !== undefined) return commands.filter((row) => row.id.startsWith(nouns));
  const words = (row: CommandRow): string[] => row.words.map((word) => textOf(word).plain.replace(/\s+/g, ''));
  const exact = commands.filter((row) => words(row).includes(wanted));
  if (exact.length > 0) return exact;
  return commands.filter((row) =>
    words(row).some((word) => word.includes(wanted) || (word.length > 1 && wanted.includes(word))),
  );
}

const NOUN_TOPICS: ReadonlyMap<string, string> = new Map([
  ['标签', 'tag.'],
  ['tag', 'tag.'],
  ['标签组', 'group.'],
  ['组', 'group.'],
  ['group', 'group.'],
  ['规则组', 'rule.'],
  ['规则', 'rule.'],
  ['rule', 'rule.'],
]);

/** The shortest natural example: the canonical one is for the topic's page. */
function overviewExample(row: CommandRow): string {
  return row.id === 'tag.add' ? (row.examples[1] ?? row.examples[0]) : row.examples[0];
}

/** An example with live names in place of {组}, {标签} and {规则组}; a name that could be misread is quoted. */
export function filledIn(example: string, context: HelpContext): string {
  return example
    .replaceAll('{组}', sayable(context.group ?? '客户分级'))
    .replaceAll('{标签}', sayable(context.tag ?? 'VIP'))
    .replaceAll('{规则组}', sayable(context.ruleGroup ?? '华东区'));
}

/** The name as it can be typed in a sentence: in quotes when it has spaces or separators in it. */
export function sayable(name: string): string {
  return /[\s、，,:：;；和与及到里的]/u.test(name) && !/[“”]/u.test(name) ? `“${name}”` : name;
}
