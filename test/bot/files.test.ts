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
  .array(fc.oneof(fc.constantFrom(...UNLUCKY), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 })), {
    minLength: 1,
    maxLength: 12,
  })
  .map((chars) => chars.join('').replace(/\p{C}/gu, '').trim())
  // A name with every kind of quotes in it cannot be written down; one of nothing but quotes is folded to nothing.
  .filter((text) => fold(text) !== '' && !EVERY_QUOTE.every((kind) => kind.test(text)));

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
        strategyId: 1,
        tags: tags.map((tag, t) => ({ id: `${g}-${t}`, name: tag, order: 0, createTime: 0 })),
      }),
    ),
  );

test('exported text is read back as the same groups and tags', () => {
  fc.assert(
    fc.property(library, (groups) => {
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
      expect([...read]).toEqual(groups.map((group) => [fold(group.name), group.tags.map((tag) => fold(tag.name))]));
    }),
    { numRuns: 300 },
  );
});
