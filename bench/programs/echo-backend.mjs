import { serveBackend } from 'workport/backends/serve';
import { generatorBackend, text } from 'workport';

await serveBackend(
  generatorBackend({
    id: 'echo',
    run: async function* ({ parts }) {
      yield text(parts[0].text);
    },
  }),
);
