import { chosenKey } from '../../adapters/execution-backend/remote-socket/chosen-key.js';
import { dial } from '../../adapters/execution-backend/remote-socket/dial.js';
import { dialErrorOf } from '../../adapters/execution-backend/remote-socket/dial-error.js';
import type { RemoteSocketOptions } from '../../adapters/execution-backend/remote-socket/index.js';
import { optionsProblem } from '../../adapters/execution-backend/remote-socket/options.js';
import { socketTransport } from '../../adapters/execution-backend/socket/socket-transport.js';
import { wireBackend } from '../../adapters/execution-backend/wire/host-end.js';
import { ConfigError } from '../../composition/config/config-error.js';
import { executionBackendContract } from '../../contracts/execution-backend-contract.js';
import type { ExecutionBackendHarness } from '../../contracts/execution-backend/harness.js';
import { capabilitiesOf } from '../../contracts/execution-backend/harness.js';
import { messageOf } from '../../contracts/message-of.js';
import { BackendId } from '../../domain/ids.js';
import type { CheckCommandOptions } from '../check-command.js';
import { socketFlags } from './check-usage.js';
import { harnessOf, readHarnessFile } from './harness-file.js';
import { limited } from './limited.js';
import { declaredBy, probe, probeManyWorkers, probeMs } from './probe.js';
import { ProgramLog } from './program-log.js';
import { refusalLines } from './refusal-lines.js';
import { socketHarness } from './socket-harness.js';
import type { CheckTarget } from './target.js';

/** A server is as far away as a program, at least. */
const socketTiming = 2;
const connectMs = 10_000;
/** What a case leaves at the server is ended so soon. */
const graceMs = 5_000;

const flags: Readonly<Partial<Record<keyof RemoteSocketOptions, string>>> = socketFlags;

function optionsOf(address: string, options: CheckCommandOptions, timing: number): RemoteSocketOptions {
  const { keyFile, keyId, ca, fingerprint, allowPlaintext } = options;
  const scaled = { connectMs: connectMs * timing, graceMs: graceMs * timing };
  const given = { address, keyFile, keyId, ca, fingerprint, allowPlaintext, ...scaled };
  const problem = optionsProblem(given);
  if (problem) throw new ConfigError([`${flags[problem.option] ?? '--socket'}: ${problem.reason}`]);
  return given;
}

/** Connects once, to say in plain words why that fails. */
async function connectOnce(options: RemoteSocketOptions, logger: ProgramLog, signal: AbortSignal): Promise<void> {
  using limit = limited(signal, options.connectMs ?? connectMs);
  await using wire = wireBackend({ id: BackendId('probe'), loss: 'ends', handshakeMs: options.connectMs, logger });
  try {
    const key = await chosenKey(options);
    await wire.connect(socketTransport(await dial(options, limit.signal)), { key });
  } catch (cause) {
    const { message, sign } = dialErrorOf(cause, options.keyFile !== undefined);
    const lines = [`--socket ${options.address}: ${message}${sign === undefined ? '' : ` (${sign})`}`];
    throw new ConfigError(lines, { cause });
  }
}

/** A harness whose server is asked once, to see what it can. A `ConfigError` says why that failed. */
async function probed(
  harness: ExecutionBackendHarness,
  options: RemoteSocketOptions,
  timing: number,
  signal: AbortSignal,
): Promise<ExecutionBackendHarness> {
  using limit = limited(signal, probeMs(connectMs * timing, timing));
  const answer = await probe(harness, limit.signal);
  if (answer.outcome !== 'connected') throw new ConfigError(refusalLines(`--socket ${options.address}`, answer));
  using wireLimit = limited(signal, probeMs(connectMs * timing, timing));
  const manyWorkers = await probeManyWorkers(harness, wireLimit.signal);
  return { ...harness, capabilities: declaredBy(answer), manyWorkers };
}

/** A backend server that runs. A `ConfigError` says why it cannot be judged. */
export async function socketTarget(
  address: string,
  options: CheckCommandOptions,
  signal: AbortSignal,
): Promise<CheckTarget> {
  const data = await readHarnessFile(options.harness);
  const timing = options.timing ?? data.timing ?? socketTiming;
  const socketOptions = optionsOf(address, options, timing);
  const log = new ProgramLog();
  const harness = socketHarness(socketOptions, { ...harnessOf(data), timing }, { logger: log });
  await connectOnce(socketOptions, log, signal);
  const known = await probed(harness, socketOptions, timing, signal).catch((cause: unknown) => {
    if (cause instanceof ConfigError) throw cause;
    throw new ConfigError([`--socket ${address}: ${messageOf(cause)}`], { cause });
  });
  log.take();
  return {
    name: address,
    cases: executionBackendContract(known),
    capabilities: capabilitiesOf(known),
    saysDefaultWords: data.inputs === undefined,
    takeLines: () => log.take(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
