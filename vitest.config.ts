import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // `npm run screenshots` takes the README's pictures and nothing else.
    include: process.env.PICTURES === '1' ? ['test/browser/pictures.ts'] : ['test/**/*.test.ts'],
    globalSetup: ['test/build.ts'],
    // Most of the time is waiting (for restarts, repeats, windows), so no core is left out.
    maxWorkers: Math.max(2, availableParallelism()),
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
