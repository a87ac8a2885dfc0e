import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

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

export default defineConfig({
  test: {
    include: [...(ALONE[alone ?? ''] ?? ['test/**/*.test.ts'])],
    globalSetup: alone === 'TWO_APPS' ? ['test/replicas/two-apps.ts'] : ['test/build.ts'],
    // What a file loads stays loaded, and warm, for the next one: no module of the house keeps anything between two tests.
    isolate: false,
    // Half of the time is waiting (for restarts, repeats, windows): one more than cores. Replicas are a load themselves.
    maxWorkers: alone === 'REPLICAS' ? 1 : availableParallelism() + 1,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // One second, the default, is not enough where every core is busy.
    expect: { poll: { timeout: 8_000 } },
  },
});
