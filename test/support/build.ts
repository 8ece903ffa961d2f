import { loadScript } from '../house/load-script.js';

interface BuildScript {
  build(say: (line: string) => void): Promise<string | undefined>;
}

/**
 * Before the tests, for the programs that they run: brings `dist` up to date as `npm start` does. After `npm test` has
 * built, there is nothing to do.
 */
export async function setup(): Promise<void> {
  const { build } = await loadScript<BuildScript>('scripts/lib/build.mjs');
  const problem = await build((line) => console.log(line));
  if (problem !== undefined) throw new Error(problem);
}
