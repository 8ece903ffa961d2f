const text = 'x'.repeat(150);

/** The JSON of an event as a Runtime would append it: 300 bytes. */
export const loggedEvent = (sequence) =>
  JSON.stringify({
    cursor: `wo_0badcafe_${sequence.toString(16).padStart(16, '0')}`,
    sequence,
    at: '2026-11-30T10:00:00.000Z',
    event: { type: 'text-delta', messageId: 'message', text },
  });

/** A Worker whose events are appended as its Runtime would. */
export function loggedWorker(log, workerId) {
  let sequence = 0;
  let revision = 0;
  return {
    /** The next events, encoded: what is answered appends them. */
    next(count) {
      const after = sequence;
      const observations = Array.from({ length: count }, (_, index) => {
        return { sequence: after + 1 + index, json: loggedEvent(after + 1 + index) };
      });
      sequence += count;
      revision += 1;
      const status = { status: 'unconnected', reason: 'no-backend' };
      const head = { workerId, revision, sequence, status, profile: 'bench', epochs: [], questions: [], stopsOwed: [] };
      return () => log.append(workerId, after, { observations, head });
    },
    async last() {
      return (await log.read(workerId, sequence, 1, { signal: new AbortController().signal })).last;
    },
  };
}
