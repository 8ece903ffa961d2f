export { examineLog } from './doctor/examine-log.js';
export type { ExamineOptions, FolderReport } from './doctor/examine-log.js';
export type { WorkerReport } from './doctor/worker-remains.js';
export { embeddedLog } from './embedded-log.js';
export { LogFolderError } from './log-folder-error.js';
export type { LogFolderProblem } from './log-folder-error.js';
export type { Durability, EmbeddedLogOptions } from './options.js';
