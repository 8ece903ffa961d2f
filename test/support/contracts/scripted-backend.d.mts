import type { Clock } from '../../../src/ports/clock.js';
import type { ExecutionBackend } from '../../../src/ports/execution-backend.js';

type Workport = Pick<typeof import('../../../src/index.js'), 'generatorBackend' | 'text' | 'failed'>;

export interface ScriptedOptions {
  readonly recover?: boolean | undefined;
  readonly clock?: Clock | undefined;
  /** Has what was started and not closed. */
  readonly open?: Set<unknown> | undefined;
}

export declare const canary: string;
export declare function scriptedBackend(workport: Workport, options?: ScriptedOptions): ExecutionBackend;
