import { rejected } from '../../../domain/outcome.js';

import { problemReply } from './problem.js';
import type { Reply } from './reply.js';

/** The place of the WebSocket, asked for without an upgrade. */
export const refuseWithoutUpgrade = (): Promise<Reply> => Promise.resolve(problemReply(rejected('request-invalid')));
