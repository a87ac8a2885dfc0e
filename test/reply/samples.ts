/** Replies at will, for properties. */

import fc from 'fast-check';
import type { ReplyFormat } from '../../src/message.ts';
import { paginate } from '../../src/reply/render.ts';
import type { Line, Question, Reply, Span } from '../../src/reply/reply.ts';

/** Text as unpleasant as it can get: any code unit, markup, link tags, controls, emoji. */
export const anyText = (maxLength: number): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 8 }),
        fc.constantFrom(
          '客户分级',
          '👨‍👩‍👧',
          '🎉',
          '<a href="http://evil">x</a>',
          '**',
          '`',
          '> ',
          '# ',
          '[x](http://evil)',
          '\n',
        ),
        fc.constantFrom(
          '<font color="info">',
          '</font>',
          '\u202e',
          '\ud83d',
          '\udc00',
          '、',
          '&lt;',
          ' ',
          '_',
          '\u0000',
        ),
      ),
      { maxLength: Math.max(1, Math.ceil(maxLength / 4)) },
    )
    .map((parts) => parts.join('').slice(0, maxLength));

const anySpan = (length: number): fc.Arbitrary<Span> => {
  const text = anyText(length);
  return fc.oneof(
    text,
    text.map((name): Span => ({ name })),
    text.map((strong): Span => ({ strong })),
    text.map((code): Span => ({ code })),
    text.map((quiet): Span => ({ quiet })),
    text.map((good): Span => ({ good })),
    text.map((warn): Span => ({ warn })),
  );
};

export const anyLine = (length: number): fc.Arbitrary<Line> => fc.array(anySpan(length), { maxLength: 6 });

const anyQuestion: fc.Arbitrary<Question> = fc.record(
  {
    id: fc.string({ unit: fc.constantFrom(...'abcXYZ019_-@'), minLength: 1, maxLength: 130 }),
    kind: fc.constantFrom('confirm', 'choice', 'pick', 'slot'),
    choices: fc.array(
      fc.record({ key: anyText(140), label: anyText(40), detail: anyText(40) }, { requiredKeys: ['key', 'label'] }),
      { maxLength: 24 },
    ),
    confirmLabel: anyText(20),
    destructive: fc.boolean(),
  },
  { requiredKeys: ['id', 'kind', 'choices'] },
);

/** `length` bounds each span, `lines` their number. */
export const anyReply = (length = 60, lines = 60): fc.Arbitrary<Reply> =>
  fc.record(
    {
      tone: fc.constantFrom('info', 'done', 'ask', 'warn', 'error'),
      title: anyLine(length),
      lines: fc.array(anyLine(length), { maxLength: lines }),
      hint: anyLine(length),
      question: anyQuestion,
      facts: fc.array(fc.record({ key: anyText(6), value: anyText(34) }), { maxLength: 7 }),
      outcome: anyText(20),
      plain: fc.constant<true>(true),
    },
    { requiredKeys: ['tone', 'title', 'lines'] },
  );

/** The reply page by page, as 更多 shows it. */
export function pagesOf(reply: Reply, format: ReplyFormat): Reply[] {
  const pages: Reply[] = [];
  for (;;) {
    const page = paginate(reply, format, pages.length + 1);
    pages.push(page.reply);
    if (!page.more) return pages;
  }
}
