import { describe, expect, it } from 'vitest';

import { inMemoryLog } from '../../src/adapters/worker-log/in-memory/index.js';
import { Sequence } from '../../src/domain/ids.js';
import { faultyLog } from './faulty-log.js';
import type { FaultKind } from './faulty-log.js';
import { headAt, workerIdOf } from './heads.js';
import { encodedNotices } from './observations.js';

const workerId = workerIdOf(1);
const call = { signal: new AbortController().signal };
const batch = { observations: encodedNotices(1, 2), head: headAt(workerId, 1, 2) };
const start = Sequence(0);

describe('the faulty log', () => {
  it.each<[FaultKind, string, number]>([
    ['failed', 'failed', 0],
    ['conflict', 'conflict', 0],
    ['unknown-not-written', 'unknown', 0],
    ['unknown-but-written', 'unknown', 2],
  ])('%s answers %s and leaves %i observations', async (kind, answer, last) => {
    const log = faultyLog(inMemoryLog());
    const fault = log.fault(kind);
    expect(await log.append(workerId, start, batch)).toBe(answer);
    expect(await fault.hit).toBe(batch);
    expect((await log.read(workerId, start, 9, call)).last).toBe(last);
    if (last === 0) expect(await log.append(workerId, start, batch)).toBe('appended');
  });

  it('what hangs is appended once it is released', async () => {
    const log = faultyLog(inMemoryLog());
    const fault = log.fault('hangs');
    const answer = log.append(workerId, start, batch);
    await fault.hit;
    expect((await log.read(workerId, start, 9, call)).last).toBe(0);
    fault.clear();
    expect(await answer).toBe('appended');
  });

  it('a fault befalls only what it is meant for, as often as it says', async () => {
    const log = faultyLog(inMemoryLog());
    const fault = log.fault('failed', { times: Number.POSITIVE_INFINITY, when: (id) => id === workerId });
    expect(await log.append(workerIdOf(2), start, { ...batch, head: headAt(workerIdOf(2), 1, 2) })).toBe('appended');
    expect(await log.append(workerId, start, batch)).toBe('failed');
    expect(await log.append(workerId, start, batch)).toBe('failed');
    fault.clear();
    expect(await log.append(workerId, start, batch)).toBe('appended');
  });
});
