import type { NamedVariables } from '../process/index.js';

/** What of the Worker's folder an agent may ask its host for. */
export type FileAccess = 'none' | 'read' | 'write';

export interface AcpOptions {
  /** How the backend is called in the operator log. `acp`. */
  readonly id?: string | undefined;
  /** The agent. Found as a shell finds it, run without one. */
  readonly command: string;
  /** Seen by every user of the machine: no place for a secret. */
  readonly args?: readonly string[] | undefined;
  /** What the agent gets beside `PATH`, `HOME`, `LANG`, `TZ` and `TMPDIR`. References are resolved at each start. */
  readonly env?: NamedVariables | undefined;
  /** The folder that the agent works in. The host's own where absent. */
  readonly cwd?: string | undefined;
  /** The method by which the agent signs in, where it wants to be told: one of its `authMethods`, as `gemini-api-key`. */
  readonly authenticate?: string | undefined;
  /** The mode that a session is put in at each start of the agent, one of the agent's own. */
  readonly mode?: string | undefined;
  /**
   * Whether the agent may read and write text files of its folder through the host: UTF-8, at most 4 MiB, one at a time.
   * Most agents read and write by themselves, as the user that runs them: this is a service, not a fence. `none`.
   */
  readonly files?: FileAccess | undefined;
  /**
   * Whether the agent may have the host run commands in its folder: at most 32 at a time, the last 1 MiB of what each
   * prints. A command without arguments is a line for `/bin/sh`. `false`.
   */
  readonly terminals?: boolean | undefined;
  /** Until an agent that was started has answered and has a session. 30,000 ms. */
  readonly startMs?: number | undefined;
  /** Between SIGTERM and SIGKILL, where the host ends the agent by itself; a stop brings its own. 5,000 ms. */
  readonly graceMs?: number | undefined;
}

/** Options with what they mean where they are absent. */
export interface CheckedOptions extends AcpOptions {
  readonly id: string;
  /** Absolute. */
  readonly cwd: string;
  readonly files: FileAccess;
  readonly terminals: boolean;
  readonly startMs: number;
  readonly graceMs: number;
}
