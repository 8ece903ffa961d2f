import { claim } from './claim.js';

/** What was killed has nothing to complain of but what a program said. */
export function complain(stderr: string): void {
  const lines = stderr.split('\n').filter((line) => /"level":"(error|fatal)"/.test(line));
  const own = lines.filter((line) => !line.includes('"message":"backend"'));
  claim(own.length === 0, 'a host or server reports no error', own.slice(0, 3));
}
