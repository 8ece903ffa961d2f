/**
 * `npm run mutation`: changes the decider and the folds in small ways and expects their tests to notice.
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  mutate: ['src/domain/worker/**/*.ts', 'src/domain/observation/**/*.ts'],
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.mjs' },
  checkers: ['typescript'],
  tsconfigFile: 'tsconfig.mutation.json',
  typescriptChecker: { prioritizePerformanceOverAccuracy: true },
  plugins: ['@stryker-mutator/vitest-runner', '@stryker-mutator/typescript-checker'],
  coverageAnalysis: 'perTest',
  incremental: true,
  incrementalFile: 'reports/stryker-incremental.json',
  reporters: ['clear-text', 'progress', 'html'],
  concurrency: 2,
  timeoutMS: 20_000,
  ignorePatterns: ['dist', 'docs', 'examples', 'bench', '.workport'],
  thresholds: { high: 95, low: 85, break: null },
};
