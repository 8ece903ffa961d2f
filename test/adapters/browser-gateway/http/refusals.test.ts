import { describe, expect, it } from 'vitest';

import { statusOf } from '../../../../src/adapters/browser-gateway/edge/status.js';
import { describedRoutes } from '../../../../src/adapters/browser-gateway/http/routes.js';
import { erroredCodes, rejectedCodes } from '../../../../src/domain/codes.js';
import type { Refusal } from '../../../../src/domain/outcome.js';
import type { ProblemCode } from '../../../../src/protocol/browser.js';
import { problemSchema } from '../../../../src/protocol/browser.js';
import { serving, workerUrl, workersUrl } from '../../../support/http.js';
import { correlationId, inputId, scriptedGateway } from '../../../support/scripted-gateway.js';

/** Of what a path names: no Runtime, no Worker, and what keeps its history. */
const place = ['runtime-unknown', 'runtime-unavailable'] as const;
const worker = [...place, 'worker-unknown', 'log-unavailable', 'worker-moved'] as const;
/** A backend has a part in it. `quota-exceeded`: of callers at once. */
const backend = [
  ...[
    'unsupported',
    'backend-rejected',
    'backend-unavailable',
    'backend-unauthenticated',
    'backend-fault',
    'quota-exceeded',
  ],
  ...['backend-disconnected', 'backend-timeout', 'runtime-draining', 'log-unavailable', 'worker-moved'],
] as const;
const operation = [...worker, ...backend, 'worker-stopping'] as const;

/** What the Runtime can answer to each operation and read, by the rules; an edge adds its own. */
const possible: Readonly<Record<string, readonly string[]>> = {
  createWorker: [
    ...[...place, ...backend, 'profile-unknown', 'input-invalid'],
    ...['worker-conflict', 'worker-unknown', 'worker-unconnected'],
  ],
  sendInput: [
    ...[...operation, 'busy', 'input-invalid', 'input-conflict'],
    ...['worker-unconnected', 'worker-connecting', 'worker-stopped'],
  ],
  answerQuestion: [...operation, 'question-unknown', 'question-closed', 'answer-invalid'],
  cancelInput: [...operation, 'input-not-open'],
  reconnectWorker: [...operation, 'worker-stopped'],
  stopWorker: operation,
  deleteWorker: [...worker, 'quota-exceeded', 'worker-not-stopped'],
  listRuntimes: [],
  readRuntime: place,
  listProfiles: place,
  listWorkers: [...place, 'limit-invalid', 'cursor-invalid'],
  readWorker: worker,
  readTranscript: [...worker, 'limit-invalid', 'cursor-invalid'],
  readObservations: [...worker, 'limit-invalid', 'cursor-invalid', 'cursor-unknown'],
  streamObservations: [...worker, 'cursor-invalid', 'cursor-unknown', 'quota-exceeded'],
};
/** Said before a gateway is asked, or of anything. */
const ofEdge = new Set([
  ...['request-invalid', 'forbidden', 'unauthenticated', 'request-timeout', 'input-too-large', 'internal'],
  'media-type-unsupported',
]);

const refusals: readonly Refusal[] = [
  { outcome: 'busy', inputId },
  { outcome: 'unsupported', operation: 'cancel' },
  ...rejectedCodes.map((code): Refusal => ({ outcome: 'rejected', code })),
  ...erroredCodes.map((code): Refusal => ({ outcome: 'errored', code, executed: 'unknown', correlationId })),
];
const codeOf = (refusal: Refusal): ProblemCode => ('code' in refusal ? refusal.code : refusal.outcome);

const commands = {
  createWorker: ['POST', workersUrl, { profile: 'javascript' }],
  sendInput: ['POST', `${workerUrl}/inputs`, { text: 'x' }],
  answerQuestion: ['POST', `${workerUrl}/questions/${inputId}/answer`, { text: 'x' }],
  cancelInput: ['POST', `${workerUrl}/inputs/${inputId}/cancel`, {}],
  reconnectWorker: ['POST', `${workerUrl}/reconnect`, {}],
  stopWorker: ['POST', `${workerUrl}/stop`, {}],
  deleteWorker: ['DELETE', workerUrl, undefined],
} as const;
const pages = {
  listProfiles: workersUrl.replace(/workers$/, 'profiles'),
  listWorkers: workersUrl,
  readWorker: workerUrl,
  readTranscript: `${workerUrl}/transcript`,
  readObservations: `${workerUrl}/observations`,
} as const;

const documented = (name: string): readonly string[] =>
  describedRoutes().find(({ description }) => description.operationId === name)?.description.codes ?? [];
const sorted = (codes: Iterable<string>): readonly string[] => [...new Set(codes)].sort();

describe('what a route can be refused with', () => {
  it.each(Object.keys(possible))('%s: the document says what the Runtime can answer, and nothing else', (name) => {
    expect(sorted(documented(name).filter((code) => !ofEdge.has(code)))).toEqual(sorted(possible[name] ?? []));
  });

  it.each(Object.entries(commands))('%s: a refusal that is possible is told as the document says', async (name, to) => {
    const [method, url, body] = to;
    for (const refusal of refusals.filter((one) => possible[name]?.includes(codeOf(one)))) {
      const { ask, post } = serving(scriptedGateway({ execute: () => refusal }));
      const code = codeOf(refusal);
      if (name === 'deleteWorker' && code === 'worker-unknown') continue;
      const response = method === 'DELETE' ? await ask(url, { method }) : await post(url, body);
      const problem = problemSchema.parse(await response.json());
      expect([response.status, problem.code]).toEqual([statusOf[code], code]);
    }
  });

  it.each(Object.entries(pages))('%s: a refusal that is possible is told as the document says', async (name, url) => {
    for (const refusal of refusals) {
      if (refusal.outcome !== 'rejected' && refusal.outcome !== 'errored') continue;
      // These say that the request is wrong, which this one is not.
      if (!possible[name]?.includes(refusal.code) || statusOf[refusal.code] === 400) continue;
      const response = await serving(scriptedGateway({ read: () => refusal })).ask(url);
      expect([response.status, problemSchema.parse(await response.json()).code]).toEqual([
        statusOf[refusal.code],
        refusal.code,
      ]);
    }
  });
});
