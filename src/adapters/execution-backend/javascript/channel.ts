/**
 * The thread that has the wire. It reads and answers also while the user's code blocks the main thread, which is how
 * a loop without end can be cancelled.
 */
import { parentPort, workerData } from 'node:worker_threads';

import type { ObservationPublisher } from '../../../ports/observation-publisher.js';
import { generatorBackend } from '../generator-backend.js';
import { refused } from '../generator/run-end.js';
import { fd3Transport, serveBackend } from '../process/index.js';
import { Session } from './session.js';

/** How long the main thread may take to exit once the host is gone. */
const exitMs = 500;
/** Longer than any deadline: a cancel is answered when the run has ended, and not before. */
const asLongAsItTakes = 2 ** 31 - 1;

if (!parentPort) throw new Error('this is a part of a program');
let publisher: ObservationPublisher | undefined;
const session = new Session({
  port: parentPort,
  state: new Int32Array(workerData as SharedArrayBuffer),
  publish: async ({ stream, text }) => publisher?.publish({ type: 'output', stream, text }),
});
const backend = generatorBackend<Session>({
  id: 'javascript',
  codes: ['user-error'],
  cancelGraceMs: asLongAsItTakes,
  start: () => session,
  run: ({ parts }, context) => {
    const code = parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
    return code === '' ? noCode() : context.session.run(code, context.signal);
  },
});

await serveBackend(
  {
    ...backend,
    spawn: (request, itsPublisher, call) => {
      publisher ??= itsPublisher;
      if (publisher.workerId !== request.workerId) return Promise.resolve({ outcome: 'busy' });
      publisher = itsPublisher;
      return backend.spawn(request, itsPublisher, call);
    },
    cancel: (handle, request, call) => backend.cancel(handle, { ...request, deadlineMs: 2 * asLongAsItTakes }, call),
  },
  fd3Transport(),
);
session.exit();
setTimeout(() => process.kill(process.pid, 'SIGKILL'), exitMs);

// eslint wants nothing of a generator that says nothing; the run it stands for is refused.
async function* noCode() {
  return refused();
}
