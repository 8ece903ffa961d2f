import type { Clock } from '../../../ports/clock.js';
import type { RecoverResult } from '../../../protocol/ebp.js';
import { recoverResult } from '../../../protocol/ebp.js';
import { factsOf, resultOf } from './host-replies.js';
import type { HostWorker } from './host-worker.js';
import type { Peer, Reply } from './peer.js';

export interface ResumptionOptions {
  readonly clock: Clock;
  readonly deadlineMs: number;
  /** Whether it may be the connection that is dead, where nothing at all comes in. */
  readonly isWatched: boolean;
  /** The execution cannot be resumed: it is lost to this host. */
  readonly lose: (worker: HostWorker) => void;
}

/** How long a resumption waits where too much is to be written already. */
const fullMs = 20;

/** Goes on with a Worker on a new connection, under the same generation, from the last event that is recorded (E5). */
export async function resume(worker: HostWorker, peer: Peer, options: ResumptionOptions): Promise<void> {
  const input = worker.input;
  worker.attach(peer);
  worker.isResuming = true;
  const heard = peer.chunksReceived;
  const reply = await ask(worker, peer, options);
  // Its place was taken by a newer connection, which resumes it itself.
  if (worker.peer !== undefined && worker.peer !== peer) return;
  worker.isResuming = false;
  if (worker.peer !== peer || peer.isClosed) return;
  // Nothing at all came in: the connection is dead, not the execution, and the next one may resume it.
  if (options.isWatched && reply.type === 'aborted' && peer.chunksReceived === heard) return peer.close();
  const answer = read(peer, reply);
  if (answer?.outcome !== 'adopted') return options.lose(worker);
  worker.stopWaiting();
  worker.facts = factsOf(answer);
  if (!input || input.decided) return;
  if (answer.taken === undefined) return options.lose(worker);
  await worker.decide(input, answer.taken);
}

async function ask(worker: HostWorker, peer: Peer, { clock, deadlineMs }: ResumptionOptions): Promise<Reply> {
  const deadline = new AbortController();
  const cancel = clock.after(deadlineMs, () => deadline.abort());
  const { workerId, generation, input, facts } = worker;
  const params = {
    workerId,
    generation,
    recoverState: facts?.recoverState,
    position: { generation, sequence: worker.position },
    inputId: input?.inputId,
    deadlineMs,
  };
  let reply = await peer.request('worker/recover', params, deadline.signal);
  while (isFull(reply) && !peer.isClosed && !deadline.signal.aborted) {
    await new Promise<void>((resolve) => void clock.after(fullMs, resolve));
    reply = await peer.request('worker/recover', params, deadline.signal);
  }
  cancel();
  return isFull(reply) && !peer.isClosed ? { type: 'aborted' } : reply;
}

const isFull = (reply: Reply): boolean => reply.type === 'unsent' && reply.reason === 'disconnected';

function read(peer: Peer, reply: Reply): RecoverResult | undefined {
  try {
    return resultOf(peer, reply, recoverResult);
  } catch {
    return undefined;
  }
}
