import { inMemoryLog } from './adapters/worker-log/in-memory/index.js';
import { runtimeFactory } from './runtime/create-runtime.js';

/** Owns Workers and serves them as a gateway; keeps them in memory where no log is given. */
export const createRuntime = runtimeFactory(() => inMemoryLog());

export { defineBackend } from './adapters/execution-backend/define-backend.js';
export { generatorBackend } from './adapters/execution-backend/generator-backend.js';
