import { WireError } from '../../adapters/execution-backend/wire/wire-error.js';
import { ConfigError } from '../../composition/config/config-error.js';
import { splitCommand } from '../../composition/config/split-command.js';
import { executionBackendContract } from '../../contracts/execution-backend-contract.js';
import { capabilitiesOf } from '../../contracts/execution-backend/harness.js';
import type { ExecutionExit } from '../../ports/observation-publisher.js';
import type { CheckCommandOptions } from '../check-command.js';
import { harnessOf, readHarnessFile } from './harness-file.js';
import { declaredBy, probe, probeMs } from './probe.js';
import { ProgramLog } from './program-log.js';
import type { ProgramRun } from './program-harness.js';
import { programHarness } from './program-harness.js';
import { messageOf, refusalLines } from './refusal-lines.js';
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
    case 'disposed':
      return ended(exit);
  }
}

function commandOf(text: string): readonly [command: string, ...args: readonly string[]] {
  const words = splitCommand(text);
  if (!words) throw new ConfigError([`--command ${JSON.stringify(text)}: a quote is not closed`]);
  const [command, ...args] = words;
  if (!command) throw new ConfigError([`--command ${JSON.stringify(text)}: there is no command`]);
  return [command, ...args];
}

/** A program that speaks EBP/1. It is started once to see what it can; a `ConfigError` says why that failed. */
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
  const run: ProgramRun = { programs: new StartedPrograms(), log: new ProgramLog() };
  try {
    const harness = programHarness(source, { ...harnessOf(data), timing }, run);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(probeMs(source.startMs, timing))]);
    const answer = await probe(harness, limit);
    if (answer.outcome !== 'connected') {
      const detail: unknown = 'detail' in answer ? answer.detail : undefined;
      if (!(detail instanceof Error)) throw new ConfigError(refusalLines(`--command ${text}`, answer));
      const failure = failureText({ cause: detail, exit: run.log.lastExit, startMs: source.startMs });
      throw new ConfigError([`--command ${text}: the program ${failure}`]);
    }
    const known = { ...harness, capabilities: declaredBy(answer) };
    run.log.take();
    return {
      name: text,
      cases: executionBackendContract(known),
      capabilities: capabilitiesOf(known),
      saysDefaultWords: data.inputs === undefined,
      takeLines: () => run.log.take(),
      [Symbol.asyncDispose]: () => run.programs[Symbol.asyncDispose](),
    };
  } catch (cause) {
    await run.programs[Symbol.asyncDispose]();
    const said = run.log.take();
    const lines = cause instanceof ConfigError ? cause.lines : [`--command ${text}: ${messageOf(cause)}`];
    throw new ConfigError(
      [...lines, ...(said.length > 0 ? ['the last that it said:', ...said.map((line) => `  ${line}`)] : [])],
      {
        cause,
      },
    );
  }
}
