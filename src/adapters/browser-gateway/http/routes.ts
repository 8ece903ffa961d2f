import { answer, cancel, create, input, reconnect, remove, stop } from './commands.js';
import type { Endpoint, EndpointFor } from './endpoint.js';
import { live, ready } from './health.js';
import type { DescribedRoute } from './openapi/document.js';
import { openSocket } from './socket-endpoint.js';
import { documentEndpoint } from './openapi/document-endpoint.js';
import {
  readObservations,
  readProfiles,
  readRuntime,
  readRuntimes,
  readTranscript,
  readWorker,
  readWorkers,
} from './reads.js';
import type { Route } from './router.js';
import { endSession, openSession } from './session.js';
import { observe } from './stream.js';

/** Under which everything is but the probes. */
export const base = '/api/v1';

const runtime = '/runtimes/{runtimeId}';
const workers = `${runtime}/workers`;
const worker = `${workers}/{workerId}`;

const under = (prefix: string, served: readonly Route<Endpoint>[]): readonly DescribedRoute[] =>
  served.map(({ method, path, endpoint }) => ({ method, path: prefix + path, description: endpoint }));

/** Every route that there is, as the document has it. */
export const describedRoutes = (): readonly DescribedRoute[] => [...under(base, routes), ...under('', probes)];

/** Every route under `/api/v1`. */
export const routes: readonly Route<Endpoint>[] = [
  { method: 'POST', path: `${worker}/inputs`, endpoint: input },
  { method: 'GET', path: `${worker}/observations`, endpoint: readObservations },
  { method: 'GET', path: `${worker}/observations/stream`, endpoint: observe },
  { method: 'GET', path: `${worker}/transcript`, endpoint: readTranscript },
  { method: 'GET', path: worker, endpoint: readWorker },
  { method: 'DELETE', path: worker, endpoint: remove },
  { method: 'POST', path: `${worker}/inputs/{inputId}/cancel`, endpoint: cancel },
  { method: 'POST', path: `${worker}/questions/{questionId}/answer`, endpoint: answer },
  { method: 'POST', path: `${worker}/reconnect`, endpoint: reconnect },
  { method: 'POST', path: `${worker}/stop`, endpoint: stop },
  { method: 'GET', path: workers, endpoint: readWorkers },
  { method: 'POST', path: workers, endpoint: create },
  { method: 'POST', path: '/session', endpoint: openSession },
  { method: 'DELETE', path: '/session', endpoint: endSession },
  { method: 'GET', path: '/runtimes', endpoint: readRuntimes },
  { method: 'GET', path: runtime, endpoint: readRuntime },
  { method: 'GET', path: `${runtime}/profiles`, endpoint: readProfiles },
  { method: 'GET', path: '/socket', endpoint: openSocket },
  { method: 'GET', path: '/openapi.json', endpoint: documentEndpoint(describedRoutes, base) },
];

/** Every route beside them: nobody has to say who they are. */
export const probes: readonly Route<EndpointFor<'nothing'>>[] = [
  { method: 'GET', path: '/healthz', endpoint: live },
  { method: 'GET', path: '/readyz', endpoint: ready },
];
