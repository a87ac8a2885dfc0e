import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What runs by itself, with commands of its own (package.json), and not with all the others. */
const ALONE: Readonly<Record<string, readonly string[]>> = {
  PICTURES: ['test/browser/pictures.ts'],
  REPLICAS: ['chaos', 'points', 'rolling'].map((name) => `test/replicas/${name}.ts`),
  REPLICAS_FIGURES: ['test/replicas/figures.ts'],
  TWO_APPS: ['confirming', 'memory', 'rule-groups', 'tags', 'undoing'].map(
    (name) => `test/conversation/${name}.test.ts`,
  ),
};
const alone = Object.keys(ALONE).find((name) => process.env[name] === '1');

/** In a fresh clone nothing is known of durations, and by size, which then counts, some of the longest come last. */
const LONGEST = [
  'faults/chaos.test.ts',
  'operator/faults.test.ts',
  'conversation/speech.test.ts',
  'conversation/corpus.test.ts',
  'conversation/dialogues.test.ts',
  'browser/page.test.ts',
  'cli.test.ts',
  'faults/points.test.ts',
  'suites/killed.test.ts',
  'conversation/window.test.ts',
];

/** So that no worker is left alone with one of them in the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}`));
      return at === -1 ? LONGEST.length : at;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    include: [...(ALONE[alone ?? ''] ?? ['test/**/*.test.ts'])],
    globalSetup: ['test/build.ts', ...(alone === 'TWO_APPS' ? ['test/replicas/two-apps.ts'] : [])],
    // What a file loads stays loaded, and warm, for the next one: no module of the house keeps anything between two tests.
    isolate: false,
    // Half of the time is waiting (for restarts, repeats, windows): one more than cores. Replicas are a load themselves.
    maxWorkers: alone === 'REPLICAS' ? 1 : availableParallelism() + 1,
    // Of those in one file that only wait: each is a bot with a platform, and none must be late for that.
    maxConcurrency: alone === 'REPLICAS' ? 5 : 2,
    sequence: { sequencer: LongestFirst },
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // One second, the default, is not enough where every core is busy.
    expect: { poll: { timeout: 8_000 } },
  },
});
