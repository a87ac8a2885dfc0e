import { it } from 'vitest';
import { resolve } from '../../src/bot/resolve.ts';
import { parse } from '../../src/command/parser.ts';
import { buildIndex } from '../../src/tags/search.ts';
import { effectOf, isRight, libraryOf, readCorpus, viewOf, writes } from './utterances.ts';
it('hold', async () => {
  const corpus = readCorpus(new URL(`file://${process.env.HOLD}`));
  const library = libraryOf(corpus);
  const view = viewOf(library, await buildIndex(library));
  const out: string[] = []; let n = 0;
  for (const { text, effects } of corpus.utterances) {
    const r = resolve(parse(text), view); n++;
    if (!isRight(r, effects)) out.push(`${writes(r) ? 'WRITE ' : ''}${JSON.stringify(text)} → ${effectOf(r)}, not ${effects.join(' | ')}`);
  }
  console.log(`${n}: ${out.length} wrong\n${out.join('\n')}`);
});
