import { test } from 'vitest';

/** What registers the cases of a contract with vitest; a skip says its reason in its title. */
export const vitestRunner = {
  test,
  skip: (name: string, reason: string): void => {
    test.skip(`${name} (${reason})`);
  },
};

/** The same, several cases at a time: for backends that mostly wait for their programs to start. */
export const concurrentRunner = { ...vitestRunner, test: test.concurrent };
