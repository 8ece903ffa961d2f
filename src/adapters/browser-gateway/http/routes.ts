import type { Call } from './call.js';
import { answer, cancel, create, input, reconnect, remove, stop } from './commands.js';
import {
  readObservations,
  readProfiles,
  readRuntime,
  readRuntimes,
  readTranscript,
  readWorker,
  readWorkers,
} from './reads.js';
import { refuseWithoutUpgrade } from './refuse-without-upgrade.js';
import type { Reply } from './reply.js';
import type { Parameters, Route } from './router.js';
import { observe } from './stream.js';

export type Handle = (call: Call, parameters: Parameters) => Promise<Reply>;

const runtime = '/runtimes/{runtimeId}';
const workers = `${runtime}/workers`;
const worker = `${workers}/{workerId}`;

/** Every route under `/api/v1`. */
export const routes: readonly Route<Handle>[] = [
  { method: 'POST', path: `${worker}/inputs`, handle: input },
  { method: 'GET', path: `${worker}/observations`, handle: readObservations },
  { method: 'GET', path: `${worker}/observations/stream`, handle: observe },
  { method: 'GET', path: `${worker}/transcript`, handle: readTranscript },
  { method: 'GET', path: worker, handle: readWorker },
  { method: 'DELETE', path: worker, handle: remove },
  { method: 'POST', path: `${worker}/inputs/{inputId}/cancel`, handle: cancel },
  { method: 'POST', path: `${worker}/questions/{questionId}/answer`, handle: answer },
  { method: 'POST', path: `${worker}/reconnect`, handle: reconnect },
  { method: 'POST', path: `${worker}/stop`, handle: stop },
  { method: 'GET', path: workers, handle: readWorkers },
  { method: 'POST', path: workers, handle: create },
  { method: 'GET', path: '/socket', handle: refuseWithoutUpgrade },
  { method: 'GET', path: '/runtimes', handle: readRuntimes },
  { method: 'GET', path: runtime, handle: readRuntime },
  { method: 'GET', path: `${runtime}/profiles`, handle: readProfiles },
];
