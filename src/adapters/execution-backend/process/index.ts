export type { Environment } from './environment.js';
export { inheritedVariables, programEnvironment } from './environment.js';
export type { ProcessRegister, ProcessRegisterOptions } from './process-register.js';
export { processRegister } from './process-register.js';
export type { ProgramEnding, RunningProgram } from './running-program.js';
export type { ProgramDependencies, ProgramOptions } from './start-program.js';
export { startProgram } from './start-program.js';
export { streamTransport } from './stream-transport.js';
