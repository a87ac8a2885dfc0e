import { describe, expect, it } from 'vitest';
import { filledIn, helpOverview, helpTopic, sayable } from '../../src/command/help.ts';
import { WORDS, wordsOfClass } from '../../src/command/lexicon.ts';
import { parse } from '../../src/command/parser.ts';
import type { CommandId } from '../../src/command/reading.ts';
import { form } from '../../src/command/table/forms.ts';
import { commandRow, commands } from '../../src/command/table/grammar.ts';
import { understood } from '../../src/resolve/resolve.ts';
import { libraryOf, readCorpus, viewOf } from '../resolve/utterances.ts';

const EVERY_COMMAND: Record<CommandId, true> = {
  'tag.add': true,
  'tag.delete': true,
  'tag.rename': true,
  'tag.order': true,
  'tag.top': true,
  'tag.list': true,
  'tag.find': true,
  'tag.move': true,
  'group.create': true,
  'group.delete': true,
  'group.rename': true,
  'group.order': true,
  'group.top': true,
  'group.list': true,
  'rule.list': true,
  'rule.switch': true,
  'rule.show': true,
  'rule.create': true,
  'rule.rename': true,
  'rule.delete': true,
  'rule.admins': true,
  'rule.range': true,
  undo: true,
  history: true,
  stats: true,
  export: true,
  import: true,
  more: true,
  confirm: true,
  cancel: true,
  help: true,
  doctor: true,
  me: true,
  settings: true,
  'menu.publish': true,
};

describe('the command table', () => {
  it('has one row for every command', () => {
    expect(commands.map((row) => row.id).sort()).toEqual(Object.keys(EVERY_COMMAND).sort());
  });

  const library = libraryOf(readCorpus());
  const view = viewOf(library, { nearest: () => [] });
  const live = { group: '客户分级', tag: 'SVIP', ruleGroup: '华南区' };
  const examples = commands.flatMap((row) => row.examples.map((example) => [row.id, filledIn(example, live)] as const));
  it.each(examples)('%s is what 「%s」 says', (id, example) => {
    expect(understood(example, view)).toMatchObject({ kind: 'one', order: { command: id } });
  });

  it('names only word classes that exist', () => {
    for (const row of commands) {
      for (const { parts } of row.forms) {
        for (const part of parts) if (part.part === 'word') expect(wordsOfClass(part.cls).length).toBeGreaterThan(0);
      }
    }
  });

  it('is written in the shape that texts are brought into', () => {
    for (const words of WORDS.values()) {
      for (const { text } of words) expect(text).toBe(text.normalize('NFKC').toLowerCase().trim());
    }
  });

  it('refuses a form with a mistake in its notation', () => {
    expect(() => form('<添加>  {tags}')).toThrow();
  });
});

describe('help', () => {
  it('shows only what the member may do, with live names', () => {
    const page = helpOverview((row) => row.right === 'anyone' || row.right === 'read', { group: '地区', tag: '北京' });
    expect(page.rows.map((row) => row.say)).toContain('北京');
    expect(page.rows.some((row) => row.does === commandRow('tag.delete').summary)).toBe(false);
    const full = helpOverview(() => true, { group: '地区' });
    expect(full.rows.map((row) => row.say)).toContain('把金卡加到地区');
  });

  it.each([
    ['添加', 'tag.add'],
    ['删除', 'tag.delete'],
    ['rename', 'tag.rename'],
    ['撤销', 'undo'],
    ['怎么导入', 'import'],
  ] as const)('knows the topic %s', (topic, id) => {
    const page = helpTopic(topic, { group: '地区' });
    expect(page?.rows.map((row) => row.does)).toContain(commandRow(id).summary);
  });

  it('shows a noun with all its commands', () => {
    expect(helpTopic('规则组')?.rows).toHaveLength(commands.filter((row) => row.id.startsWith('rule.')).length);
  });

  it('knows no topic that is none', () => {
    expect(helpTopic('天气')).toBeUndefined();
    expect(helpTopic(' ')).toBeUndefined();
  });

  it('quotes live names that could be misread, so that every line can be sent as it stands', () => {
    expect(sayable('会员 Level')).toBe('“会员 Level”');
    const [example] = commandRow('tag.add').examples;
    const parsed = parse(filledIn(example, { group: '会员 Level' }));
    expect(parsed.kind === 'sentence' && parsed.readings[0]).toMatchObject({
      command: 'tag.add',
      group: '“会员 Level”',
    });
  });
});
