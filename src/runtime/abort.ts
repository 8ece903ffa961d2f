export { abortable, leavable, linkedSignal } from '../ports/abort.js';
