import { expect, test, vi } from 'vitest';

import { embeddedLog } from '../../src/adapters/worker-log/embedded/index.js';
import { failingEngine } from '../support/failing-engine.js';
import type { WriteFault } from '../support/failing-engine.js';
import { delta } from '../support/scripted-backend.js';
import { scripted } from '../support/scripted-runtime.js';
import { temporaryFolder } from '../support/temporary-folder.js';

test.each<WriteFault>(['fails', 'tears'])(
  'W19: while every write %s Workers serve reads only; what says so comes first when the disk is back',
  async (fault) => {
    const engine = failingEngine();
    const log = embeddedLog({ folder: await temporaryFolder() }, engine.open);
    await using host = scripted({ log });
    const { worker, id } = await host.busy();
    engine.befall = () => fault;
    const begun = engine.begun(0);
    await host.backend.publisher().publish(delta('lost', id));
    await begun;
    expect((await host.backend.next('stop')).request).toEqual({ graceMs: 0 });
    const unavailable = { outcome: 'errored', code: 'log-unavailable' };
    expect(await host.input(worker)).toMatchObject({ ...unavailable, executed: 'no' });
    expect(await host.runtime.execute({ type: 'stop', worker })).toMatchObject(unavailable);
    expect((await host.view(worker)).status).toBe('busy');
    const before = ['worker-created', 'execution-connected', 'input-accepted'];
    expect(await host.story(worker)).toEqual(before);
    engine.befall = () => undefined;
    await vi.waitFor(
      async () => {
        await host.clock.advance(5_000);
        expect(await host.story(worker)).toEqual([
          ...before,
          'input-ended interrupted',
          'execution-disconnected closed',
        ]);
      },
      { timeout: 20_000, interval: 50 },
    );
    expect(await host.view(worker)).toMatchObject({ status: 'unconnected', reason: 'closed' });
    expect(await host.runtime.execute({ type: 'reconnect', worker })).toMatchObject({ outcome: 'accepted' });
  },
);
