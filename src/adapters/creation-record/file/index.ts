export { fileCreationRecord } from './file-creation-record.js';
