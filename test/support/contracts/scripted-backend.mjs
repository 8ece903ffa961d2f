export const canary = 'canary-8c1f0b';

const aborted = (signal) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

/** A backend that does what the first word of its input says; `open` has the sessions that were not closed. Made with the sources, or with what was built of them. */
export const scriptedBackend = ({ generatorBackend, text, failed }, { open = new Set(), ...options } = {}) =>
  generatorBackend({
    ...options,
    id: 'scripted',
    codes: ['out-of-luck'],
    start: ({ profile, workerId }) => {
      if (profile.name === 'refused') throw new Error(canary);
      const session = { workerId };
      open.add(session);
      return session;
    },
    close: (session) => void open.delete(session),
    async *run({ parts: [part] }, { signal, ask }) {
      const [verb, count = '0', bytes = '1'] = part?.type === 'text' ? part.text.split(' ') : [];
      yield* verb === 'ask' ? [] : [text('begun')];
      if (verb === 'stream')
        for (let index = 0; index < Number(count); index += 1) yield text(`${index}`.padEnd(Number(bytes), '.'));
      if (verb === 'wait') await aborted(signal);
      if (verb === 'ask') yield text(JSON.stringify(await ask({ prompt: 'Go on?' })));
      if (verb === 'withdraw')
        await ask({ prompt: 'Still there?' }, { signal: AbortSignal.timeout(1) }).catch(() => undefined);
      if (verb === 'fail') throw new Error(canary);
      if (verb === 'fail-with-code') return failed('out-of-luck');
      if (verb === 'exit') process.kill(process.pid, 'SIGKILL');
    },
  });
