import { fileURLToPath } from 'node:url';

import { BackendId } from '../../../domain/ids.js';
import type { ExecutionBackend } from '../../../ports/execution-backend.js';
import type { NamedVariables, ProgramDependencies } from '../process/index.js';
import { programBackend, programEnvironment } from '../process/index.js';

export interface JavascriptOptions {
  /** Where `require`, `import()` and the file system begin. The host's own folder where absent. */
  readonly cwd?: string | undefined;
  /** What sessions get beside `PATH`, `HOME`, `LANG`, `TZ` and `TMPDIR`. References are resolved at each start. */
  readonly env?: NamedVariables | undefined;
  /** Until a session has answered. 10,000 ms. */
  readonly startMs?: number | undefined;
  /** Between SIGTERM and SIGKILL. 5,000 ms. */
  readonly graceMs?: number | undefined;
}

/** The program is JavaScript also where this file is run from its source. */
const program = fileURLToPath(new URL('./program.js', import.meta.url)).replace(
  /([\\/])src(?=[\\/]adapters[\\/]execution-backend[\\/]javascript[\\/])/,
  '$1dist',
);

/**
 * Node.js sessions, each in a process of its own: variables live between inputs, `await`, `import()` and `require`
 * work, what is printed is `output` and the value of an input is its text. The user's code can do what this host can.
 */
export function javascriptBackend(
  options: JavascriptOptions = {},
  dependencies: ProgramDependencies = {},
): ExecutionBackend {
  return programBackend(
    {
      id: BackendId('javascript'),
      isolation: 'worker',
      startMs: options.startMs ?? 10_000,
      graceMs: options.graceMs ?? 5000,
      program: () => ({
        command: process.execPath,
        // `import()` of a session goes through a part of `node:vm` that warns of itself.
        args: ['--disable-warning=ExperimentalWarning', program],
        cwd: options.cwd,
        // What programs that the user starts print to the inherited stdout does not meet the frames.
        channel: 'fd3',
        environment: { ...programEnvironment(options.env), WORKPORT_BACKEND: '1' },
      }),
    },
    dependencies,
  );
}
