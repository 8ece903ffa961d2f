import { test } from 'vitest';

/** What registers the cases of a contract with vitest; a skip says its reason in its title. */
export const vitestRunner = {
  test,
  skip: (name: string, reason: string): void => {
    test.skip(`${name} (${reason})`);
  },
};
