import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from '../../src/command/parser.ts';
import { acts } from '../../src/command/table/grammar.ts';
import { understood, type View } from '../../src/resolve/resolve.ts';
import { Library } from '../../src/tags/library.ts';
import { buildIndex } from '../../src/tags/search/search.ts';
import { nameProblem } from '../../src/tags/tag.ts';
import { effectOf, libraryOf, readCorpus, viewOf, writes } from '../resolve/utterances.ts';

const QUOTES = ['“”', '""', '「」', '『』', '【】', "''", '‘’', '＂＂', '””', '““'] as const;
const corpus = readCorpus();
let view: View;

beforeAll(async () => {
  const library = libraryOf(corpus);
  view = viewOf(library, await buildIndex(library));
});

/** A library whose only tag is called so; nothing is near anything. */
function viewWith(name: string): View {
  const library = new Library(
    [{ id: 1, parentId: 0, name: '规则组甲', createTime: 0, admins: [], privilege: {} }],
    [
      {
        id: 'g',
        name: '甲组',
        order: 0,
        createTime: 0,
        libraryId: 1,
        tags: [{ id: 't', name, order: 0, createTime: 0 }],
      },
    ],
    0,
  );
  return viewOf(library, { nearest: () => [] });
}

/** Names as the platform takes them; a quote inside would end the quotes around it. */
const names = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
    fc.stringMatching(/^[一-龥a-zA-Z0-9 、，和到的+>@#/;；:：.-]{1,12}$/u),
    fc.constantFrom(
      '删除',
      '添加标签VIP到客户分级',
      '把VIP删掉',
      '别删',
      '怎么办？',
      '1',
      '取消',
      '确认',
      'a、b',
      '甲 和 乙',
      '标签',
      '；',
    ),
  )
  .map((name) => name.trim())
  .filter(
    (name) =>
      nameProblem(name) === undefined &&
      !/["“”„‟＂〝〞'‘’＇「」『』【】﹁﹂﹃﹄\u200b\u200e\u200f\u2060\ufeff\u2028\u2029\u0080-\u009f]/u.test(name),
  );

describe('a name in quotes is that name and nothing else', () => {
  it('in an add, a lookup, a rename and a delete', () => {
    fc.assert(
      fc.property(names, fc.constantFrom(...QUOTES), (name, quote) => {
        const quoted = `${quote.charAt(0)}${name}${quote.charAt(1)}`;
        const here = viewWith(name);
        const effect = (text: string): string => effectOf(understood(text, here));
        expect(effect(`标签 添加 ${quoted} 到 甲组`)).toBe(`add 甲组: ${name}`);
        expect(effect(`把${quoted}加到甲组`)).toBe(`add 甲组: ${name}`);
        expect(effect(`标签 删除 ${quoted}`)).toBe(`delete? 甲组/${name}`);
        expect(effect(`把${quoted}删掉`)).toBe(`delete? 甲组/${name}`);
        expect(effect(`${quoted}改名为${quoted.replace(name, '乙')}`)).toBe(`rename 甲组/${name} → 乙`);
        expect(effect(`标签 改名 ${quoted} 为 乙`)).toBe(`rename 甲组/${name} → 乙`);
        expect(effect(`查 ${quoted}`)).toBe(`lookup ${name}`);
        expect(effect(quoted)).toBe(`lookup ${name}`);
      }),
      { numRuns: 300 },
    );
  });
});

/** Talk in which no command word stands. */
const SYLLABLES = [
  ...'今天气真好客户来了店里买东西我们他她说话时间早晚上午下班吃饭喝茶会议报表业绩电话联系王李张总经理明白知道可以不错谢谢辛苦👍😂，。！？、 ；\n123abcVIP',
];

describe('noise', () => {
  it('never throws and never writes, whatever is said', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...SYLLABLES), { maxLength: 60 }), (parts) => {
        expect(writes(understood(parts.join(''), view))).toBe(false);
      }),
      { numRuns: 1500 },
    );
  });

  it('never throws on any text at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(effectOf(understood(text, view))).toBeTypeOf('string');
      }),
      { numRuns: 500 },
    );
  });

  const VERBS = ['删除SVIP', '把SVIP删掉', '添加金卡到客户分级', '把SVIP改名为至尊', 'SVIP置顶'];
  const BEFORE = [
    '怎么',
    '如何',
    '为什么',
    '别',
    '不要',
    '先别',
    '千万别',
    '老板说',
    '他让我',
    '听说',
    '如果没用就',
    '明天',
    '等下周再',
    '已经',
    '刚才',
    '我昨天',
    '小王',
    '是不是要',
    '能不能',
    '要不要',
    '谁',
  ];
  const AFTER = [
    '吗',
    '？',
    '呢',
    '可以吗',
    '会怎么样',
    '了没有',
    '好不好',
    '的话怎么办',
    '有什么影响',
    '要谁同意',
    '行不行',
  ];
  it.each(BEFORE.flatMap((before) => VERBS.map((verb) => before + verb)))('%s: nothing is done', (text) => {
    expect(writes(understood(text, view))).toBe(false);
  });
  it.each(AFTER.flatMap((after) => VERBS.map((verb) => verb + after)))('%s: nothing is done', (text) => {
    expect(writes(understood(text, view))).toBe(false);
  });

  it('reads no write from a text without any key word', () => {
    const parsed = parse('今天业绩不错大家继续努力');
    expect(parsed.kind === 'sentence' && parsed.readings.some((reading) => acts(reading.command))).toBe(false);
  });
});
