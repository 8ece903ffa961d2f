export type { RemoteSocketDependencies, RemoteSocketOptions } from './options.js';
export { remoteSocketBackend } from './remote-socket-backend.js';
