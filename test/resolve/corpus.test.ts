import { beforeAll, describe, expect, it } from 'vitest';
import { understood, type View } from '../../src/resolve/resolve.ts';
import { buildIndex } from '../../src/tags/search/search.ts';
import { effectOf, isRight, libraryOf, readCorpus, viewOf, writes } from './utterances.ts';

const corpus = readCorpus();
let view: View;

beforeAll(async () => {
  const library = libraryOf(corpus);
  view = viewOf(library, await buildIndex(library));
});

describe('what people type', () => {
  it('is understood in at least 98 of 100 cases, and never becomes a write by accident', () => {
    const wrong: string[] = [];
    const accidents: string[] = [];
    for (const { section, text, effects } of corpus.utterances) {
      const understanding = understood(text, view);
      if (isRight(understanding, effects)) continue;
      const told = `${section}: ${JSON.stringify(text)} → ${effectOf(understanding)}, not ${effects.join(' | ')}`;
      wrong.push(told);
      if (writes(understanding)) accidents.push(told);
    }
    const total = corpus.utterances.length;
    const right = (100 * (total - wrong.length)) / total;
    console.log(
      `${total} utterances, ${right.toFixed(1)} % right, ${accidents.length} accidental writes\n${wrong.join('\n')}`,
    );
    expect(total).toBeGreaterThanOrEqual(400);
    expect(accidents).toEqual([]);
    expect(right).toBeGreaterThanOrEqual(98);
  });
});
