import { onTestFinished } from 'vitest';

import { connectNats } from '../../src/adapters/nats/index.js';
import type { NatsConnection } from '../../src/adapters/nats/index.js';
import { jetStreamLog } from '../../src/adapters/worker-log/jetstream/index.js';
import type { JetStreamLogOptions } from '../../src/adapters/worker-log/jetstream/index.js';
import { Sequence } from '../../src/domain/ids.js';
import type { WorkerId } from '../../src/domain/ids.js';
import type { LedgerEntry } from '../../src/domain/worker/ledger.js';
import { systemClock } from '../../src/ports/clock.js';
import { nullLogger } from '../../src/ports/logger.js';
import type { AppendBatch, AppendResult, EncodedObservation, WorkerLog } from '../../src/ports/worker-log.js';
import { headAt } from './heads.js';
import { call } from './log-session.js';
import { encodedNotices } from './observations.js';

/** A host's log, which is closed with the test. */
export function logOf(options: JetStreamLogOptions): WorkerLog {
  const log = jetStreamLog(options);
  onTestFinished(() => log[Symbol.asyncDispose]());
  return log;
}

/** Somebody at the server without a log, who is gone with the test. */
export async function connectionTo(servers: readonly string[]): Promise<NatsConnection> {
  const connection = await connectNats({ servers, name: 'test', clock: systemClock, logger: nullLogger });
  onTestFinished(() => connection.close());
  return connection;
}

/** What JetStream answers to a request. */
export async function ask(connection: NatsConnection, subject: string, request: object = {}): Promise<unknown> {
  const answer = await connection.request(`$JS.API.${subject}`, JSON.stringify(request), { timeoutMs: 5_000 });
  return JSON.parse(new TextDecoder().decode(answer.data));
}

/** How many messages each subject has. */
export async function messagesOf(connection: NatsConnection, name: string, filter: string) {
  const info = await ask(connection, `STREAM.INFO.${name}`, { subjects_filter: filter });
  return (info as { readonly state: { readonly subjects?: Record<string, number> } }).state.subjects ?? {};
}

export const batchAfter = (
  workerId: WorkerId,
  last: number,
  revision: number,
  count: number,
  inputs?: readonly LedgerEntry[],
): AppendBatch => ({
  observations: encodedNotices(last + 1, last + count),
  head: headAt(workerId, revision + 1, last + count),
  inputs,
});

/** Who owns a Worker: what it was told of its appends. */
export function owner(log: WorkerLog, workerId: WorkerId) {
  const state = { last: 0, revision: 0 };
  return {
    state,
    /** Of a result that is not known it reads the head, as a Runtime does. */
    async append(count: number, inputs?: readonly LedgerEntry[]): Promise<AppendResult> {
      const { last, revision } = state;
      const result = await log.append(workerId, Sequence(last), batchAfter(workerId, last, revision, count, inputs));
      if (result === 'appended') Object.assign(state, { last: last + count, revision: revision + 1 });
      return result;
    },
    async look(): Promise<void> {
      const head = await log.head(workerId, call);
      Object.assign(state, { last: head?.sequence ?? 0, revision: head?.revision ?? 0 });
    },
  };
}

/** Everything that is retained, page by page. */
export async function everything(log: WorkerLog, workerId: WorkerId, limit = 1_000): Promise<EncodedObservation[]> {
  const all: EncodedObservation[] = [];
  for (let after = 0; ;) {
    const page = await log.read(workerId, Sequence(after), limit, call);
    all.push(...page.observations);
    const last = page.observations.at(-1);
    if (!last) return all;
    after = last.sequence;
  }
}
