import { pathToFileURL } from 'node:url';

import { build } from './build.mjs';
import { install } from './install.mjs';
import { root } from './root.mjs';

// stdout belongs to the program.
const say = (line) => console.error(`workport: ${line}`);

/** Installs and, unless told otherwise, builds what is missing; ends the process where that fails. */
export async function prepare({ built = true } = {}) {
  const problem = (await install(say)) ?? (built ? await build(say) : undefined);
  if (problem === undefined) return;
  console.error(problem);
  process.exit(1);
}

/**
 * Makes ready what is missing, then becomes the program: it runs in this very process, so signals, exit code and
 * descriptors are its own, and nothing is left that could outlive it.
 */
export async function launch(file, args, needs) {
  await prepare(needs);
  const program = root + file;
  process.argv = [process.execPath, program, ...args];
  await import(pathToFileURL(program).href);
}
