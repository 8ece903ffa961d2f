import type { NamedVariables } from '../process/index.js';

export interface SubprocessOptions {
  /** How the backend is called in the operator log. `subprocess`. */
  readonly id?: string | undefined;
  /** Found as a shell finds it, run without one. */
  readonly command: string;
  /** Seen by every user of the machine: no place for a secret. */
  readonly args?: readonly string[] | undefined;
  /** What the program gets beside `PATH`, `HOME`, `LANG`, `TZ` and `TMPDIR`. References are resolved at each start. */
  readonly env?: NamedVariables | undefined;
  /** The host's own where absent. */
  readonly cwd?: string | undefined;
  /** A program for each Worker (`worker`, the default), or one for all, started when it is needed. */
  readonly isolation?: 'worker' | 'backend' | undefined;
  /** `fd3`: frames on descriptors 3 (in) and 4 (out), for programs that print to stdout. `stdio`. */
  readonly channel?: 'stdio' | 'fd3' | undefined;
  /** Until a program that was started has answered. 10,000 ms. */
  readonly startMs?: number | undefined;
  /** Between SIGTERM and SIGKILL. 5,000 ms. */
  readonly graceMs?: number | undefined;
}
