import { defineConfig } from 'vitest/config';

/** The tests that mutants of the domain run: their own. */
export default defineConfig({ test: { include: ['test/domain/**/*.test.ts'], testTimeout: 20_000 } });
