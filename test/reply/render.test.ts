import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ReplyFormat } from '../../src/message.ts';
import { paginate, render } from '../../src/reply/render.ts';
import { code, type Line, line, name, type Reply, strong } from '../../src/reply/reply.ts';
import { MESSAGE_BYTES, textLine } from '../../src/reply/text.ts';
import { utf8Length } from '../../src/text.ts';
import { anyReply, pagesOf } from './samples.ts';

const FORMATS: readonly ReplyFormat[] = ['markdown', 'text', 'plain'];
const markdownOf = (of: ReturnType<typeof render>) =>
  of.push?.msgtype === 'markdown' ? of.push.markdown.content : undefined;

const answer: Reply = {
  tone: 'info',
  title: line`找到 ${strong(2)} 个和 ${name('VIP')} 有关的`,
  lines: [line`客户分级：VIP、SVIP`],
  hint: line`发组名看里面的标签`,
};

describe('an answer', () => {
  test('as markdown, with its text beside it', () => {
    expect(render(answer, 'markdown')).toEqual({
      text: '找到 2 个和 VIP 有关的\n客户分级：VIP、SVIP\n发组名看里面的标签',
      push: {
        msgtype: 'markdown',
        markdown: { content: '**找到 2 个和 VIP 有关的**\n客户分级：VIP、SVIP\n> 发组名看里面的标签' },
      },
    });
  });

  test.each(['text', 'plain'] as const)('as %s is text alone', (format) => {
    expect(render(answer, format)).toEqual({ text: '找到 2 个和 VIP 有关的\n客户分级：VIP、SVIP\n发组名看里面的标签' });
  });

  test('that is to be copied, or of one line, is text in every format', () => {
    expect(render({ ...answer, plain: true }, 'markdown').push).toBeUndefined();
    expect(render({ tone: 'done', title: line`已取消`, lines: [] }, 'markdown')).toEqual({ text: '✅ 已取消' });
  });

  test('shows its tone in text', () => {
    const text = (tone: Reply['tone']) => render({ tone, title: line`好`, lines: [] }, 'plain').text;
    expect([text('info'), text('ask'), text('done'), text('warn'), text('error')]).toEqual([
      '好',
      '好',
      '✅ 好',
      '⚠️ 好',
      '❌ 好',
    ]);
  });

  test('with facts is a notice when it has somewhere to lead', () => {
    const facts = [{ key: '规则组', value: '华东' }];
    expect(render({ ...answer, facts }, 'markdown', { publicUrl: 'https://example.com' }).push?.msgtype).toBe(
      'template_card',
    );
    expect(render({ ...answer, facts }, 'markdown').push?.msgtype).toBe('markdown');
    expect(render({ ...answer, facts }, 'text', { publicUrl: 'https://example.com' }).push).toBeUndefined();
  });

  test('to a press tells the outcome of the card', () => {
    expect(render({ ...answer, outcome: '已删除' }, 'plain').update).toEqual({ kind: 'button', replaceName: '已删除' });
    expect(render(answer, 'plain').update).toBeUndefined();
  });
});

describe('a question', () => {
  const ask = (question: Partial<Reply['question'] & object>): Reply => ({
    tone: 'ask',
    title: line`${name('VIP')} 在几个组里，要哪一个？`,
    lines: [],
    question: {
      id: 'q-1',
      kind: 'choice',
      choices: [
        { key: 'a', label: '客户分级' },
        { key: 'b', label: '地区', detail: '华南' },
      ],
      ...question,
    },
  });

  test('is a card in markdown and text, and text in plain; the text always says how to answer', () => {
    for (const format of FORMATS) {
      const made = render(ask({}), format);
      expect(made.text).toBe(
        'VIP 在几个组里，要哪一个？\n1 客户分级\n2 地区（华南）\n回复前面的数字选择，或回复「取消」',
      );
      expect(made.push?.msgtype).toBe(format === 'plain' ? undefined : 'template_card');
    }
    expect(render(ask({ kind: 'pick' }), 'plain').text).toContain('可以选几个，如「1 3」');
    expect(render(ask({ kind: 'confirm' }), 'plain').text).toBe(
      'VIP 在几个组里，要哪一个？\n回复「确认」执行，回复「取消」放弃',
    );
  });

  test('for a free word has no card and no numbers', () => {
    const made = render(ask({ kind: 'slot', choices: [] }), 'text');
    expect(made).toEqual({ text: 'VIP 在几个组里，要哪一个？' });
  });

  test('that fits no card is asked in markdown or text', () => {
    const long = {
      ...ask({ kind: 'confirm' }),
      lines: Array.from({ length: 30 }, (_, i) => line`删除 ${name(`标签${i}`)}`),
    };
    expect(markdownOf(render(long, 'markdown'))).toContain('> 回复`确认`执行');
    expect(render(long, 'text').push).toBeUndefined();
  });
});

describe('the limit of 2,048 bytes', () => {
  /** A reply whose text is so many bytes long, the last of them a character of 4 bytes. */
  const sized = (bytes: number): Reply => ({
    tone: 'info',
    title: line`题`,
    lines: [[`${'客'.repeat(100)}${'a'.repeat(bytes - 4 - 300 - 4)}🎉`]],
  });

  test.each([2047, 2048])('%i bytes go as they are', (bytes) => {
    const { text } = render(sized(bytes), 'plain');
    expect(utf8Length(text)).toBe(bytes);
    expect(text.endsWith('🎉')).toBe(true);
    expect(paginate(sized(bytes), 'plain', 1)).toEqual({ reply: sized(bytes), more: false });
  });

  test('2049 bytes do not: without paging the line is left out and counted, with paging it is parted', () => {
    const { text } = render(sized(2049), 'plain');
    expect(text).toBe('题\n…还有 1 行没有显示');
    const shown = pagesOf(sized(2049), 'plain').flatMap((page) => page.lines);
    expect(shown.map(textLine).join('')).toBe(textLine(sized(2049).lines[0] as Line));
  });

  test('a title that is too long is cut at a character', () => {
    const { text } = render({ tone: 'info', title: ['🎉'.repeat(600)], lines: [] }, 'plain');
    expect(text).toBe(`${'🎉'.repeat(511)}…`);
    expect(utf8Length(text)).toBe(2047);
  });

  test('thirty characters of four bytes as names', () => {
    const lines = Array.from({ length: 200 }, () => line`标签 ${name('🎉'.repeat(30))}`);
    for (const page of pagesOf({ ...answer, lines }, 'markdown')) {
      const made = render(page, 'markdown');
      expect(utf8Length(made.text)).toBeLessThanOrEqual(MESSAGE_BYTES);
      if (page.page?.more) expect(utf8Length(markdownOf(made) ?? '')).toBeGreaterThan(MESSAGE_BYTES - 250);
      expect(utf8Length(markdownOf(made) ?? '')).toBeLessThanOrEqual(MESSAGE_BYTES);
    }
  });
});

describe('pages', () => {
  const lines = Array.from({ length: 300 }, (_, i) => line`${i + 1}. ${name(`标签${i}`)} <`);
  const long: Reply = { ...answer, lines };

  test('a short answer is one page, as it was', () => {
    expect(paginate(answer, 'markdown', 1)).toEqual({ reply: answer, more: false });
    expect(paginate(answer, 'markdown', 9)).toEqual({ reply: answer, more: false });
  });

  test('say where one is and how to go on', () => {
    const pages = pagesOf(long, 'plain');
    const [first = answer] = pages;
    expect(render(first, 'plain').text).toContain('\n第 1 页，回复「更多」看下一页\n发组名看里面的标签');
    expect(render(pages.at(-1) ?? answer, 'plain').text).toContain(`\n第 ${pages.length} 页，到底了\n`);
    expect(markdownOf(render(first, 'markdown'))).toContain('页，回复`更多`看下一页');
  });

  test('that do not exist are the first or the last', () => {
    const { length } = pagesOf(long, 'plain');
    expect(paginate(long, 'plain', 0).reply.page).toEqual({ number: 1, more: true });
    expect(paginate(long, 'plain', Number.NaN).reply.page).toEqual({ number: 1, more: true });
    expect(paginate(long, 'plain', 999).reply.page).toEqual({ number: length, more: false });
  });

  test.each(FORMATS)('hold every line once, whole and in order (%s)', (format) => {
    expect(pagesOf(long, format).flatMap((page) => page.lines)).toEqual(lines);
  });

  test('a line longer than a page is parted between names, each part under its subject, and none of it is lost', () => {
    const names = Array.from({ length: 400 }, (_, i) => `标签名称${i}`).join('、');
    const reply: Reply = { ...answer, lines: [line`短`, line`${name('组')} ${names}`, line`尾`] };
    const all = pagesOf(reply, 'markdown').flatMap((page) => page.lines);
    const [short, first, ...rest] = all.map(textLine);
    const last = rest.pop();
    // The rest of the line says once more whose it is.
    for (const part of rest) expect(part).toMatch(/^组（续）：/);
    expect([short, first, ...rest.map((part) => part.replace('组（续）：', '')), last].join('')).toBe(
      `短组 ${names}尾`,
    );
    for (const part of [first, ...rest.slice(0, -1)]) expect(part).toMatch(/、$/);
  });

  test('the lines after the page are not looked at', () => {
    const looked: number[] = [];
    const watched = lines.map((current, i) => {
      const spans = [...current];
      return new Proxy(spans, {
        get: (of, key) => {
          looked.push(i);
          return Reflect.get(of, key);
        },
      });
    });
    const { reply } = paginate({ ...answer, lines: watched }, 'markdown', 1);
    expect(Math.max(...looked)).toBeLessThan(reply.lines.length + 10);
  });

  test('of 10,000 lines cost about as much for each line as of 1,000', () => {
    const many = (n: number): Reply => ({
      ...answer,
      lines: Array.from({ length: n }, (_, i) => line`${name(`标签${i}`)}`),
    });
    const time = (of: Reply) => {
      let best = Number.POSITIVE_INFINITY;
      for (let i = 0; i < 5; i++) {
        const start = process.cpuUsage().user;
        paginate(of, 'markdown', Number.POSITIVE_INFINITY);
        best = Math.min(best, process.cpuUsage().user - start);
      }
      return best;
    };
    time(many(1_000));
    expect(time(many(10_000))).toBeLessThan(Math.max(time(many(1_000)), 1_000) * 40);
  });
});

describe('whatever the bot says', () => {
  const unbroken = (text: string) => {
    expect(utf8Length(text)).toBeLessThanOrEqual(MESSAGE_BYTES);
    expect(text).not.toMatch(/[\p{Cs}\u202a-\u202e]/u);
  };

  test('every form of it fits and is whole, paged or not', () => {
    fc.assert(
      fc.property(anyReply(200, 60), fc.constantFrom(...FORMATS), fc.nat({ max: 5 }), (of, format, page) => {
        for (const reply of [of, paginate(of, format, page).reply]) {
          const made = render(reply, format, { publicUrl: 'https://example.com' });
          unbroken(made.text);
          unbroken(markdownOf(made) ?? '');
          if (format === 'plain') expect(made.push).toBeUndefined();
        }
      }),
      { numRuns: 150 },
    );
  });

  test('its pages show every line whole when title and hint leave room', () => {
    fc.assert(
      fc.property(anyReply(20, 80), fc.constantFrom(...FORMATS), ({ lines, tone }, format) => {
        const reply: Reply = { tone, title: line`标题`, lines, hint: [code('帮助')] };
        const shown: string[] = [];
        for (const page of pagesOf(reply, format)) {
          const { text } = render(page, format);
          expect(text).not.toContain('没有显示');
          shown.push(...text.split('\n').slice(1, page.page ? -2 : -1));
        }
        expect(shown).toEqual(lines.map(textLine));
      }),
      { numRuns: 100 },
    );
  });
});
