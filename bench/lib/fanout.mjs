import { asked } from './asked.mjs';
import { program } from './ends.mjs';

/** A server and its observers, for as long as `use` takes. `file` is a program of `fanOutServer`. */
export async function fanOut({ file, wire = 'workport', open }, use) {
  const server = asked(file, { execArgv: ['--expose-gc', ...(process.env.BENCH_HOST_ARGS?.split(' ') ?? [])] });
  const observers = asked(program('fanout-observers.mjs'));
  try {
    const { url, places } = await server.ask('open', open);
    return await use({
      places,
      held: () => server.ask('held'),
      connect: (added, slow) => observers.ask('connect', { url, wire, places: added, slow }),
      /** Each Worker publishes so many events; answers when all observers but the slow ones have them. */
      async deliver(events, more = {}) {
        await observers.ask('expect', { events });
        const began = performance.now();
        const [published, { messages }] = await Promise.all([
          server.ask('publish', { events, ...more }),
          observers.ask('arrived'),
        ]);
        return { seconds: (performance.now() - began) / 1_000, messages, ...published };
      },
    });
  } finally {
    await Promise.all([observers.end(), server.end()]);
  }
}
