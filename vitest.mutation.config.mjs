import { configDefaults, defineConfig } from 'vitest/config';

/** The tests that mutants of the domain run: their own, but for the random ones, which take seconds each. */
export default defineConfig({
  test: {
    include: ['test/domain/**/*.test.ts'],
    exclude: [...configDefaults.exclude, '**/properties.test.ts'],
    testTimeout: 20_000,
  },
});
