/** Exported text is read back as the same names, whatever they are made of, on every page it takes. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asText } from '../../src/bot/commands/files.ts';
import { parse } from '../../src/command/parser.ts';
import { nameOf } from '../../src/command/tokens.ts';
import { render } from '../../src/reply/render.ts';
import type { TagGroup } from '../../src/tags/tag.ts';
import { fold, utf8Length } from '../../src/text.ts';
import { pagesOf } from '../reply/samples.ts';

const UNLUCKY =
  'VIP客户、，,:：；;。！?和与及跟 "“”「」『』【】\'\\/#@+-=（）()1第一步导入含删除加到更多😀<&%*…·．ａＢ';
const EVERY_QUOTE = [/[「」﹁﹂]/, /[『』﹃﹄]/, /[【】]/, /["“”„‟＂〝〞]/, /['‘’＇]/];
const name = fc
  .array(
    fc.oneof(
      fc.constantFrom(...UNLUCKY),
      fc.constantFrom('「『【“‘', '「『【"\''),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
    ),
    {
      minLength: 1,
      maxLength: 12,
    },
  )
  .map((chars) => chars.join('').replace(/\p{C}/gu, '').trim())
  .filter((text) => text !== '');
/** A name with every kind of quotes in it cannot be written down; one of nothing but quotes is folded to nothing. */
const isWritable = (text: string) => fold(text) !== '' && text !== '…' && !EVERY_QUOTE.every((kind) => kind.test(text));

const library = fc
  .uniqueArray(fc.tuple(name, fc.uniqueArray(name, { minLength: 1, maxLength: 40, selector: fold })), {
    minLength: 1,
    maxLength: 6,
    selector: ([group]) => fold(group),
  })
  .map((groups) =>
    groups.map(
      ([group, tags], g): TagGroup => ({
        id: `g${g}`,
        name: group,
        order: 0,
        createTime: 0,
        libraryId: 1,
        tags: tags.map((tag, t) => ({ id: `${g}-${t}`, name: tag, order: 0, createTime: 0 })),
      }),
    ),
  );

test('exported text is read back as the same groups and tags', () => {
  fc.assert(
    fc.property(library, (groups) => {
      fc.pre(groups.some((group) => isWritable(group.name) && group.tags.some((tag) => isWritable(tag.name))));
      const read = new Map<string, string[]>();
      const reply = asText(groups);
      for (const page of pagesOf(reply, 'plain')) {
        const { text } = render(page, 'plain');
        expect(utf8Length(text)).toBeLessThanOrEqual(2048);
        const parsed = parse(text);
        const reading = parsed.kind === 'sentence' ? parsed.readings[0] : undefined;
        if (reading?.command !== 'import') throw new Error(`${JSON.stringify(parsed)} is read from ${text}`);
        expect(reading.withDeletes).toBe(false);
        for (const { group, tags } of reading.groups) {
          const key = fold(nameOf(group).name);
          read.set(key, [
            ...(read.get(key) ?? []),
            ...tags.filter((tag) => tag !== '…').map((tag) => fold(nameOf(tag).name)),
          ]);
        }
      }
      const writable = groups
        .filter((group) => isWritable(group.name))
        .map((group) => [fold(group.name), group.tags.flatMap((tag) => (isWritable(tag.name) ? fold(tag.name) : []))])
        .filter(([, tags]) => tags?.length !== 0);
      expect([...read]).toEqual(writable);
    }),
    { numRuns: 300 },
  );
});

test('a name that no quotes can hold is left out and named, and its group is not taken for whole', () => {
  const bad = "「『【“'、坏标签";
  const group = (name: string, ...tags: string[]): TagGroup => ({
    id: name,
    name,
    order: 0,
    createTime: 0,
    libraryId: 1,
    tags: tags.map((tag) => ({ id: tag, name: tag, order: 0, createTime: 0 })),
  });
  const { text } = render(asText([group('客户分级', '普通', bad), group(bad, '孤儿'), group('地区', bad)]), 'plain');
  expect(text.split('\n').slice(0, 2)).toEqual(['导入', '「客户分级」：普通、…']);
  expect(text).toMatch(/没有导出：.*坏标签/);
  expect(text).not.toMatch(/孤儿|^「?地区/m);
});
