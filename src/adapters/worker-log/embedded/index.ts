export { embeddedLog } from './embedded-log.js';
export { LogFolderError } from './log-folder-error.js';
export type { LogFolderProblem } from './log-folder-error.js';
export type { Durability, EmbeddedLogOptions } from './options.js';
