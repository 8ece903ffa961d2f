import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { accessToken, startServe } from '../../support/host-process.js';
import { canaries } from '../../support/leaks/canary.js';
import type { Canary } from '../../support/leaks/canary.js';
import { findLeaks } from '../../support/leaks/find-leaks.js';
import { leakingHost, nonsense } from '../../support/leaks/leaking-host.js';
import { recorder } from '../../support/leaks/recorder.js';
import { secretsOf } from '../../support/leaks/secrets.js';
import { recordSocket } from '../../support/leaks/socket-recorder.js';
import type { Told } from '../../support/leaks/tells-nothing.js';
import { tellsNothing } from '../../support/leaks/tells-nothing.js';
import { visit } from '../../support/leaks/visit.js';
import { suiteFolder } from '../../support/temporary-folder.js';

const workerId = '0190d1b2-1111-7000-8000-000000000001';

describe('of other hosts whose Runtimes are mounted, and which answer nonsense or nothing', () => {
  let scene: Told & { readonly token: Canary };
  beforeAll(async () => {
    const canary = canaries();
    const secret = secretsOf(canary);
    const end: (() => Promise<void>)[] = [];
    const cwd = join(await suiteFolder(), canary.name('folder'));
    await mkdir(cwd, { mode: 0o700 });
    const tokenFile = canary.name('token-file');
    const token = { where: 'token', value: canary.name('token') };
    await writeFile(join(cwd, tokenFile), `${token.value}\n`, { mode: 0o600 });

    const runtimes: Record<string, object> = {
      dead: { url: `http://127.0.0.1:9/${canary.name('path')}`, tokenFile, remoteId: canary.name('remote-id') },
      'no-token': { url: 'http://127.0.0.1:9', tokenFile },
    };
    for (const kind of Object.keys(nonsense)) {
      const far = await leakingHost(kind, secret);
      end.push(() => far.close());
      runtimes[kind] = { url: `${far.url}/${canary.name(`path-of-${kind}`)}`, tokenFile };
    }
    const profiles = { planned: { label: 'Planned', backend: null } };
    await writeFile(join(cwd, 'workport.config.json'), JSON.stringify({ profiles, runtimes }));
    const host = await startServe({ cwd, args: ['--data', 'data'], onEnd: (run) => end.push(run) });

    const record = recorder(host.url, accessToken);
    const { ask } = record;
    const visits = Object.keys(runtimes).map(async (runtimeId) => {
      const socket = await recordSocket(host.url, { asked: `socket about ${runtimeId}`, token: accessToken });
      const path = `/api/v1/runtimes/${runtimeId}`;
      await ask({ path, kind: 'runtime' });
      await ask({ path: `${path}/profiles`, kind: 'profiles' });
      await ask({ path: `${path}/workers`, kind: 'workers' });
      await ask({ method: 'POST', path: `${path}/workers`, kind: 'create', body: { profile: 'planned' } });
      await visit(record, socket, { runtimeId, workerId });
      return socket;
    });
    await ask({ path: '/api/v1/runtimes', kind: 'runtimes' });
    const sockets = await Promise.all(visits);
    await ask({ path: '/readyz', kind: 'ready' });
    host.child.kill('SIGTERM');
    const { stdout, stderr } = await host.ended;
    await Promise.all(sockets.map(({ closed }) => closed));
    const recording = { replies: record.replies, sockets, ready: stdout };
    scene = { recording, planted: canary.planted, logged: stderr, token };
    return async () => {
      for (const run of end.reverse()) await run();
    };
  }, 120_000);

  tellsNothing(() => scene);

  test('B2: they are answered as runtime-unavailable, and the token for them is in no log', () => {
    const bodies = scene.recording.replies?.map(({ body }) => body).join('\n') ?? '';
    const codes = new Set([...bodies.matchAll(/"code":"([^"]+)"/g)].map(([, code]) => code));
    expect([...codes]).toEqual(['runtime-unavailable']);
    expect(findLeaks(scene.logged, [scene.token])).toEqual([]);
  });
});
