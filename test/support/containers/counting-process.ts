import type { RemoteSocketOptions } from '../../../src/adapters/execution-backend/remote-socket/index.js';
import type { Observation } from '../../../src/index.js';
import type { HostProcess, ProcessOptions } from '../host-process.js';
import { startServe } from '../host-process.js';
import { streamUntil } from '../worker-stream.js';
import { CountedLog } from './counted-log.js';

export interface CountingProcessOptions {
  /** Where its data are, and those of the one after it. */
  readonly cwd: string;
  readonly server: RemoteSocketOptions;
  readonly onEnd: NonNullable<ProcessOptions['onEnd']>;
}

/** Starts a host, as a process of its own, that has a profile `count`. */
export function startCountingProcess({ cwd, server, onEnd }: CountingProcessOptions): Promise<HostProcess> {
  const profile = `count=${server.address}?key=${server.keyFile ?? ''}&allowPlaintext=true`;
  return startServe({ cwd, onEnd, args: ['--data', 'data', '--profile', profile] });
}

/** The log of a Worker, from its beginning until it is as asked for; judged. */
export async function logUntil(
  host: HostProcess,
  worker: string,
  isEnough: (log: CountedLog) => boolean,
): Promise<CountedLog> {
  const log = new CountedLog();
  await streamUntil(host, worker, { after: 'start' }, (seen) => {
    log.add(seen as unknown as Observation);
    log.check();
    return isEnough(log);
  });
  return log;
}
