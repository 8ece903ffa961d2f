import type { recorder } from './recorder.js';
import type { RecordedSocket } from './socket-recorder.js';
import { noWorker } from './tour.js';

export interface Visited {
  readonly runtimeId: string;
  readonly workerId: string;
}

/**
 * Asks for one Worker in every way that there is, in the end to remove it. A stream is cut at its first event, and only
 * what a subscription is told first is waited for: whether it is there or not, every question is answered.
 */
export async function visit(
  { ask }: ReturnType<typeof recorder>,
  socket: RecordedSocket,
  { runtimeId, workerId }: Visited,
): Promise<void> {
  const worker = `/api/v1/runtimes/${runtimeId}/workers/${workerId}`;
  const post = (path: string, kind: string, body?: object) =>
    ask({ method: 'POST', path: `${worker}/${path}`, kind, body });
  for (const [id, after] of [[`${workerId}:all`, 'start'], [`${workerId}:now`]]) {
    socket.say({ type: 'subscribe', id, runtimeId, workerId, ...(after && { after }) });
    await socket.until(new RegExp(`"type":"(?!subscribed)[a-z]+","id":"${id}"`));
  }
  await ask({ path: worker, kind: 'worker' });
  await ask({ path: `${worker}/transcript`, kind: 'transcript' });
  await ask({ path: `${worker}/observations`, kind: 'observations' });
  for (const query of ['', '?after=start']) {
    await ask({ path: `${worker}/observations/stream${query}`, kind: 'stream', until: '\ndata: ' });
  }
  await post('inputs', 'input', { text: 'content' });
  await post(`inputs/${noWorker}/cancel`, 'cancel', { deadlineMs: 200 });
  await post('questions/q1/answer', 'answer', { text: 'yes' });
  await post('reconnect', 'reconnect');
  await post('stop', 'stop', { graceMs: 100 });
  await ask({ method: 'DELETE', path: worker, kind: 'deleted' });
}
