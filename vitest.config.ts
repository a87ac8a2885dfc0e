import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // `npm run screenshots` takes the README's pictures and nothing else.
    include: process.env.PICTURES === '1' ? ['test/browser/pictures.ts'] : ['test/**/*.test.ts'],
    globalSetup: ['test/build.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
