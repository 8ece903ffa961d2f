// Posts to one or several hosts at once, in a process of its own, so that what it costs can be told apart.
import { answer } from '../lib/asked.mjs';
import { posted } from '../lib/http-load.mjs';

answer({
  pid: () => process.pid,
  /** Answers the requests per second of all. */
  async post({ targets, body, count }) {
    const began = performance.now();
    await Promise.all(targets.map((target) => posted({ ...target, body, count })));
    const requests = targets.reduce((sum, { paths }) => sum + paths.length * count, 0);
    return (requests * 1_000) / (performance.now() - began);
  },
});
