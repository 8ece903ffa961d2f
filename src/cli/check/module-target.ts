import { ConfigError } from '../../composition/config/config-error.js';
import { browserGatewayContract } from '../../contracts/browser-gateway-contract.js';
import type { Capability, ContractCase } from '../../contracts/contract-case.js';
import { executionBackendContract } from '../../contracts/execution-backend-contract.js';
import type { ExecutionBackendHarness } from '../../contracts/execution-backend/harness.js';
import { capabilitiesOf } from '../../contracts/execution-backend/harness.js';
import { messageOf } from '../../contracts/message-of.js';
import { workerLogContract } from '../../contracts/worker-log-contract.js';
import type { CheckCommandOptions, PortName } from '../check-command.js';
import { harnessOf, readHarnessFile } from './harness-file.js';
import { backendOf, specification } from './backend-of.js';
import { limited } from './limited.js';
import type { Exported } from './load-module.js';
import { isHarness, isObject, loadExported } from './load-module.js';
import { declaredBy, probe, probeMs } from './probe.js';
import { refusalLines } from './refusal-lines.js';
import type { CheckTarget } from './target.js';

const loadMs = 30_000;
const makeMs = 10_000;

interface Judged {
  readonly cases: readonly ContractCase[];
  readonly capabilities: readonly Capability[];
}

/** The same harness, whatever it is made of, with another scale of deadlines. */
const withTiming = <T extends object>(harness: T, timing: number | undefined): T =>
  timing === undefined ? harness : (Object.create(harness, { timing: { value: timing } }) as T);

async function factoryTarget(
  make: () => unknown,
  file: string,
  options: CheckCommandOptions,
  signal: AbortSignal,
): Promise<Judged & Pick<CheckTarget, 'saysDefaultWords'>> {
  const data = await readHarnessFile(options.harness);
  const timing = options.timing ?? data.timing ?? 1;
  const create = async () => backendOf(await make(), file);
  const harness: ExecutionBackendHarness = { ...harnessOf(data), timing, create };
  using limit = limited(signal, probeMs(makeMs * timing, timing));
  const answer = await probe(harness, limit.signal).catch((cause: unknown) => {
    if (cause instanceof ConfigError) throw cause;
    throw new ConfigError([`${file}: a first backend could not be made and spawned: ${messageOf(cause)}`], { cause });
  });
  if (answer.outcome !== 'connected') throw new ConfigError(refusalLines(file, answer));
  const known = { ...harness, capabilities: declaredBy(answer) };
  return {
    cases: executionBackendContract(known),
    capabilities: capabilitiesOf(known),
    saysDefaultWords: data.inputs === undefined,
  };
}

function harnessTarget(
  harness: { readonly create: () => unknown },
  file: string,
  options: CheckCommandOptions,
): Judged {
  const given = withTiming(harness, options.timing) as Readonly<Record<string, unknown>>;
  if (options.port === 'worker-log') return { cases: workerLogContract(given as never), capabilities: [] };
  if (options.port === 'browser-gateway') {
    if (typeof given['profile'] !== 'string') throw new ConfigError([`${file}: harness.profile has to be a text`]);
    const capabilities = given['canaries'] === undefined ? [] : (['canaries'] as const);
    return { cases: browserGatewayContract(given as never), capabilities };
  }
  const { inputs } = given;
  if (!isObject(inputs) || typeof inputs['completes'] !== 'function') {
    throw new ConfigError([`${file}: harness.inputs.completes has to be a function; wordInputs() makes inputs`]);
  }
  const known = given as unknown as ExecutionBackendHarness;
  return { cases: executionBackendContract(known), capabilities: capabilitiesOf(known) };
}

const harnessNames: Readonly<Record<PortName, string>> = {
  'execution-backend': 'ExecutionBackendHarness',
  'worker-log': 'WorkerLogHarness',
  'browser-gateway': 'BrowserGatewayHarness',
};

function refuseExport({ name, value }: Exported, file: string, port: PortName): never {
  const form = port === 'execution-backend' ? 'a function that makes a backend, or a harness' : 'a harness';
  if (isObject(value) && value['specification'] === specification && port === 'execution-backend') {
    throw new ConfigError([
      `${file}: \`${name}\` is one backend, and every case needs a fresh one: export a function that makes it,` +
        ' for example "export const backend = () => …"',
    ]);
  }
  throw new ConfigError([
    `${file}: \`${name}\` has to be ${form}: an object with \`create\` (${harnessNames[port]} of workport/contracts)`,
  ]);
}

async function judged(exported: Exported, file: string, options: CheckCommandOptions, signal: AbortSignal) {
  const { name, value } = exported;
  if (isHarness(value)) {
    if (options.harness === undefined) return { ...harnessTarget(value, file, options), saysDefaultWords: false };
    throw new ConfigError([`--harness ${options.harness}: ${file} exports a harness, which says all of it`]);
  }
  const isFactory = options.port === 'execution-backend' && name !== 'harness' && typeof value === 'function';
  if (!isFactory) return refuseExport(exported, file, options.port);
  return factoryTarget(value as () => unknown, file, options, signal);
}

/** What a module exports: a harness, or a function that makes backends. A `ConfigError` says why it is neither. */
export async function moduleTarget(
  file: string,
  options: CheckCommandOptions,
  signal: AbortSignal,
): Promise<CheckTarget> {
  const target = await judged(await loadExported(file, loadMs * (options.timing ?? 1), signal), file, options, signal);
  return { ...target, name: file, takeLines: () => [], [Symbol.asyncDispose]: () => Promise.resolve() };
}
