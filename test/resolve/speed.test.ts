import { beforeAll, describe, expect, it } from 'vitest';
import { understood, type View } from '../../src/resolve/resolve.ts';
import { buildIndex } from '../../src/tags/search/search.ts';
import { utf8Length } from '../../src/text.ts';
import { libraryOf, readCorpus, viewOf } from './utterances.ts';

const corpus = readCorpus();
let view: View;

beforeAll(async () => {
  const many = Array.from({ length: 100 }, (_, group) => ({
    ruleGroup: corpus.ruleGroups[0] as string,
    name: `分组${group}`,
    tags: Array.from({ length: 100 }, (_unused, tag) => `标签${group}号${tag}`),
  }));
  const library = libraryOf({ ruleGroups: corpus.ruleGroups, groups: [...corpus.groups, ...many] });
  expect(library.tagCount).toBeGreaterThan(10_000);
  view = viewOf(library, await buildIndex(library));
});

function milliseconds(text: string): number {
  const from = performance.now();
  understood(text, view);
  return performance.now() - from;
}

/** The fastest of a few runs: other programs share the machine. */
function best(text: string): number {
  return Math.min(milliseconds(text), milliseconds(text), milliseconds(text));
}

describe('against 10,000 tags', () => {
  it('a message is understood at once', () => {
    for (const { text } of corpus.utterances) milliseconds(text);
    const times = corpus.utterances.map(({ text }) => ({ text, ms: best(text) })).sort((a, b) => a.ms - b.ms);
    const median = times[Math.floor(times.length / 2)]?.ms ?? 0;
    const worst = times.at(-1);
    console.log(`median ${median.toFixed(3)} ms, worst ${worst?.ms.toFixed(3)} ms for ${JSON.stringify(worst?.text)}`);
    expect(median).toBeLessThan(1);
    expect(worst?.ms).toBeLessThan(25);
  });

  const UNITS = [
    '到',
    '加到',
    '把',
    '删除 ',
    'a ',
    '、',
    '“',
    '客户分级加VIP；',
    '标签 添加 ',
    '的里中下',
    '改名为',
    "' ",
    '1.',
    '把A加到B\n',
    '请',
    '谢谢',
    ' ',
    '!',
    '和',
    '里的',
    '的话',
    '>',
    '全部',
    '删',
    '标签',
    '不',
    '甲：乙\n',
    '- a\n',
    '改名 甲 为 乙；',
  ];
  it.each(UNITS)('%j for 2,048 bytes is read in time', (unit) => {
    for (const [head, tail] of [
      ['', ''],
      ['标签 添加 ', ' 到 客户分级'],
      ['把', '删掉'],
      ['', 'x'],
    ] as const) {
      const count = Math.floor((2_048 - utf8Length(head + tail)) / utf8Length(unit));
      expect(best(head + unit.repeat(count) + tail)).toBeLessThan(250);
    }
  });
});
