export type { NamedVariables, ProcessRegister, ProcessRegisterOptions, ProgramDependencies } from '../process/index.js';
export { processRegister } from '../process/index.js';
export type { SubprocessOptions } from './options.js';
export { subprocessBackend } from './subprocess-backend.js';
