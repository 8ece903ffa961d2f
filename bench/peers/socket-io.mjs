import { fileURLToPath } from 'node:url';

/** A server of Socket.IO that emits each event to the room of its Worker. */
export const socketIoServer = fileURLToPath(new URL('programs/fanout-socket-io.mjs', import.meta.url));
