import { createRuntime, generatorBackend, text } from 'workport';

const held = (signal) => new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));

const game = () =>
  generatorBackend({
    id: 'game',
    async *run({ parts: [part] }, { signal, ask }) {
      const heard = part?.type === 'text' ? part.text : '';
      if (heard.startsWith('hold')) return void (await held(signal));
      if (!heard.startsWith('ask')) return yield text(heard);
      const answer = await ask({ prompt: 'Go on?' });
      yield text('text' in answer ? answer.text : answer.optionId);
    },
  });

export default {
  profile: 'game',
  create: async () => {
    const runtime = createRuntime({ profiles: { game: { label: 'Game', backend: game() } } });
    return {
      gateway: runtime,
      runtimeId: runtime.runtimeId,
      [Symbol.asyncDispose]: () => runtime[Symbol.asyncDispose](),
    };
  },
};
