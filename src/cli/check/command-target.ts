import { WireError } from '../../adapters/execution-backend/wire/wire-error.js';
import { ConfigError } from '../../composition/config/config-error.js';
import { splitCommand } from '../../composition/config/split-command.js';
import { executionBackendContract } from '../../contracts/execution-backend-contract.js';
import type { ExecutionBackendHarness } from '../../contracts/execution-backend/harness.js';
import { capabilitiesOf } from '../../contracts/execution-backend/harness.js';
import { messageOf } from '../../contracts/message-of.js';
import type { ExecutionExit } from '../../ports/observation-publisher.js';
import type { CheckCommandOptions } from '../check-command.js';
import { harnessOf, readHarnessFile } from './harness-file.js';
import { limited } from './limited.js';
import { declaredBy, probe, probeManyWorkers, probeMs } from './probe.js';
import { ProgramLog } from './program-log.js';
import { programHarness } from './program-harness.js';
import { refusalLines } from './refusal-lines.js';
import { StartedPrograms } from './started-programs.js';
import type { CheckTarget } from './target.js';

/** A case starts several programs: they get the time to. */
const programTiming = 2;
const startMs = 10_000;
const graceMs = 1_000;

interface ProgramFailure {
  readonly cause: unknown;
  readonly exit: ExecutionExit | undefined;
  readonly startMs: number;
}

function endText(exit: ExecutionExit | undefined): string {
  if (exit?.kind === 'signal') return `was ended by ${exit.value ?? 'a signal'}`;
  return exit?.kind === 'code' ? `exited with ${exit.value ?? 'a code'}` : 'ended';
}

function ended(exit: ExecutionExit | undefined): string {
  if (exit?.kind === 'code' && exit.value === 127) return 'was not found: is it installed, and in PATH?';
  if (exit?.kind === 'code' && exit.value === 126) return 'may not be run: is it executable?';
  return `${endText(exit)} before it answered \`initialize\`: a backend reads stdin and answers its lines until it ends`;
}

/** What a program did instead of answering the handshake, and what to do about it. */
function failureText({ cause, exit, startMs: waitedMs }: ProgramFailure): string {
  const wire = cause instanceof Error ? cause.cause : undefined;
  if (!(wire instanceof WireError)) return `could not be started: ${messageOf(cause)}`;
  switch (wire.kind) {
    case 'handshake-timeout':
      return `did not answer \`initialize\` within ${waitedMs / 1000} s: is what it writes flushed? --timing gives it longer`;
    case 'protocol-violation':
      return (
        `wrote something else than messages of EBP in line ${wire.line ?? '?'}: stdout is the wire, print to stderr,` +
        ' or speak over descriptors 3 and 4 with --channel fd3'
      );
    case 'unsupported-version':
      return 'speaks no version of EBP that this one speaks: EBP/1';
    case 'backend-fault':
      return 'answered `initialize` with an error';
    case 'connection-lost':
    case 'unauthorized':
    case 'disposed':
      return ended(exit);
  }
}

interface Opening {
  /** The command line, as it was given. */
  readonly text: string;
  readonly startMs: number;
  readonly timing: number;
  readonly log: ProgramLog;
  readonly signal: AbortSignal;
}

function commandOf(text: string): readonly [command: string, ...args: readonly string[]] {
  const words = splitCommand(text);
  if (!words) throw new ConfigError([`--command ${JSON.stringify(text)}: a quote is not closed`]);
  const [command, ...args] = words;
  if (!command) throw new ConfigError([`--command ${JSON.stringify(text)}: there is no command`]);
  return [command, ...args];
}

/** A harness whose programs are started once, to see what they can. A `ConfigError` says why that failed. */
async function probed(harness: ExecutionBackendHarness, opening: Opening): Promise<ExecutionBackendHarness> {
  const { text, startMs: waitedMs, timing, log, signal } = opening;
  using limit = limited(signal, probeMs(waitedMs, timing));
  const answer = await probe(harness, limit.signal);
  if (answer.outcome === 'connected') {
    using wireLimit = limited(signal, probeMs(waitedMs, timing));
    const manyWorkers = await probeManyWorkers(harness, wireLimit.signal);
    return { ...harness, capabilities: declaredBy(answer), manyWorkers };
  }
  const detail: unknown = 'detail' in answer ? answer.detail : undefined;
  if (!(detail instanceof Error)) throw new ConfigError(refusalLines(`--command ${text}`, answer));
  const failure = failureText({ cause: detail, exit: log.lastExit, startMs: waitedMs });
  throw new ConfigError([`--command ${text}: the program ${failure}`], { cause: detail });
}

/** The same failure, and below it what the program said. */
function withWords(cause: unknown, { text, log }: Opening): ConfigError {
  const lines = cause instanceof ConfigError ? cause.lines : [`--command ${text}: ${messageOf(cause)}`];
  const said = log.take().map((line) => `  ${line}`);
  return new ConfigError([...lines, ...(said.length > 0 ? ['the last that it said:', ...said] : [])], { cause });
}

/** A program that speaks EBP/1. A `ConfigError` says why it cannot be judged. */
export async function commandTarget(
  text: string,
  options: CheckCommandOptions,
  signal: AbortSignal,
): Promise<CheckTarget> {
  const [command, ...args] = commandOf(text);
  const data = await readHarnessFile(options.harness);
  const timing = options.timing ?? data.timing ?? programTiming;
  const { channel, isolation } = options;
  const source = { command, args, channel, isolation, startMs: startMs * timing, graceMs: graceMs * timing };
  const programs = new StartedPrograms();
  const log = new ProgramLog();
  const opening: Opening = { text, startMs: source.startMs, timing, log, signal };
  try {
    const harness = programHarness(source, { ...harnessOf(data), timing }, { programs, log });
    const known = await probed(harness, opening);
    log.take();
    return {
      name: text,
      cases: executionBackendContract(known),
      capabilities: capabilitiesOf(known),
      saysDefaultWords: data.inputs === undefined,
      takeLines: () => log.take(),
      [Symbol.asyncDispose]: () => programs[Symbol.asyncDispose](),
    };
  } catch (cause) {
    await programs[Symbol.asyncDispose]();
    throw withWords(cause, opening);
  }
}
