import type { ExecutionBackend } from '../../../src/ports/execution-backend.js';

type Workport = Pick<typeof import('../../../src/index.js'), 'generatorBackend' | 'text' | 'failed'>;

export declare const canary: string;
export declare function scriptedBackend(
  workport: Workport,
  options?: { readonly recover?: boolean | undefined },
): ExecutionBackend;
