const text = 'x'.repeat(150);

/** A Worker whose events are appended as its Runtime would: 300 bytes of JSON each. */
export function loggedWorker(log, workerId) {
  let sequence = 0;
  let revision = 0;
  const observation = (number) => ({
    sequence: number,
    json: JSON.stringify({
      cursor: `wo_0badcafe_${number.toString(16).padStart(16, '0')}`,
      sequence: number,
      at: '2026-11-30T10:00:00.000Z',
      event: { type: 'text-delta', messageId: 'message', text },
    }),
  });
  return {
    append(count) {
      const observations = Array.from({ length: count }, (_, index) => observation(sequence + 1 + index));
      const after = sequence;
      sequence += count;
      revision += 1;
      const status = { status: 'unconnected', reason: 'no-backend' };
      const head = { workerId, revision, sequence, status, profile: 'bench', epochs: [], questions: [], stopsOwed: [] };
      return log.append(workerId, after, { observations, head });
    },
    async last() {
      return (await log.read(workerId, sequence, 1, { signal: new AbortController().signal })).last;
    },
  };
}
