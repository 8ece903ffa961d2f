export type { NamedVariables, ProcessRegister, ProcessRegisterOptions, ProgramDependencies } from '../process/index.js';
export { processRegister } from '../process/index.js';
export { acpBackend } from './acp-backend.js';
export type { AcpOptions, FileAccess } from './options.js';
