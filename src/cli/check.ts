import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';

import { visible } from '../adapters/logger/pino/human-line.js';
import { ConfigError } from '../composition/config/config-error.js';
import type { ContractCase } from '../contracts/contract-case.js';
import { skipReason } from '../contracts/contract-case.js';
import { messageOf } from '../contracts/message-of.js';
import { selectCases } from '../contracts/select-cases.js';
import { verdictOf } from '../contracts/verdict.js';
import type { CheckCommandOptions } from './check-command.js';
import { casesOf } from './check/cases-of.js';
import { commandTarget } from './check/command-target.js';
import { earlyExit } from './check/early-exit.js';
import { readKnownFailures } from './check/known-failures.js';
import { checkUsage, isOutside } from './check/check-usage.js';
import { moduleTarget } from './check/module-target.js';
import { jsonReporter } from './check/reporters/json.js';
import { junitXml } from './check/reporters/junit.js';
import { linesReporter } from './check/reporters/lines.js';
import { peopleReporter } from './check/reporters/people.js';
import type { CheckEnd, CheckStart, Reporter } from './check/reporters/reporter.js';
import { runCases } from './check/run-cases.js';
import { checkSelection } from './check/selection.js';
import { socketTarget } from './check/socket-target.js';
import { strayErrors } from './check/stray-errors.js';
import type { CheckTarget } from './check/target.js';
import { endSignals } from './end-signals.js';
import type { ExitCode } from './exit-codes.js';
import { exitCodes } from './exit-codes.js';
import type { Write } from './kept-stdout.js';
import { keptStdout } from './kept-stdout.js';
import { voiceFor } from './voice.js';

type Options = CheckCommandOptions;

/** Programs and servers mostly wait. */
const outsideConcurrency = 4;

function openTarget(module: string | undefined, options: Options, signal: AbortSignal): Promise<CheckTarget> {
  if (options.command !== undefined) return commandTarget(options.command, options, signal);
  if (options.socket !== undefined) return socketTarget(options.socket, options, signal);
  return moduleTarget(module ?? '', options, signal);
}

function reporterFor({ json }: Options, write: Write): Reporter {
  const { stdout } = process;
  if (json) return jsonReporter(write);
  const colors = stdout.isTTY && !process.env['NO_COLOR'];
  return stdout.isTTY ? peopleReporter({ write, columns: stdout.columns }, colors) : linesReporter(write, colors);
}

/** Early, so that nobody waits for what cannot be written. */
async function openJunit(file: string | undefined): Promise<void> {
  if (file === undefined) return;
  await writeFile(file, '').catch((cause: unknown) => {
    throw new ConfigError([`--junit ${file}: cannot be written: ${messageOf(cause)}`], { cause });
  });
}

const seedOf = (seed: Options['seed']): number | undefined => (seed === 'random' ? randomInt(2 ** 32) : seed);

/** A run that judged nothing says nothing: it is no success. */
function exitCodeOf({ verdict, isInterrupted }: Omit<CheckEnd, 'exitCode'>): ExitCode {
  const { passed, failed, known, unexpectedlyPassed, isKept } = verdict;
  if (isInterrupted) return exitCodes.failed;
  if ([passed, failed, known, unexpectedlyPassed].every(({ length }) => length === 0)) return exitCodes.usage;
  return isKept ? exitCodes.ended : exitCodes.failed;
}

function startOf(
  { name, capabilities }: CheckTarget,
  cases: readonly ContractCase[],
  { port, repeat, seed }: Pick<CheckStart, 'port' | 'repeat' | 'seed'>,
): CheckStart {
  const repeated = cases.filter((contractCase) => skipReason(contractCase, capabilities) === undefined);
  const results = cases.length + repeated.length * (repeat - 1);
  return { port, target: name, cases: cases.length, repeat, results, ...(seed !== undefined && { seed }) };
}

async function judge(module: string | undefined, options: Options, signal: AbortSignal): Promise<ExitCode> {
  checkUsage(module, options);
  const all = casesOf(options.port);
  const { port, focus, skip, repeat } = options;
  checkSelection({ focus, skip }, all);
  const knownFailures = await readKnownFailures(options.knownFailures, all);
  await openJunit(options.junit);
  using kept = keptStdout();
  // The errors of a program or a server are its own; a module's come up here.
  using stray = isOutside(options) ? undefined : strayErrors();
  await using target = await openTarget(module, options, signal);

  const selected = selectCases(target.cases, { focus, skip });
  const cases = stray?.watched(selected) ?? selected;
  const reporter = reporterFor(options, kept.write);
  const seed = seedOf(options.seed);
  const { concurrency = isOutside(options) ? outsideConcurrency : 1 } = options;
  const start = startOf(target, cases, { port, repeat, seed });
  const startedAt = performance.now();
  reporter.started(start);
  const results = await runCases(target, { cases, repeat, seed, knownFailures, concurrency }, reporter, signal);
  const found = {
    start,
    verdict: verdictOf(results, knownFailures),
    failures: results.filter(({ status }) => status === 'failed'),
    durationMs: Math.round(performance.now() - startedAt),
    isInterrupted: signal.aborted,
  };
  const end: CheckEnd = { ...found, exitCode: exitCodeOf(found) };
  reporter.ended(end);
  if (options.junit !== undefined) await writeFile(options.junit, junitXml(end));
  if (end.exitCode !== exitCodes.usage) return end.exitCode;
  throw new ConfigError(['every case that was chosen is skipped: nothing was judged']);
}

/** Judges what is named, tells what it found, and answers how the process is to end. Never rejects. */
export async function check(module: string | undefined, options: Options): Promise<ExitCode> {
  const voice = voiceFor(options.json);
  const signals = endSignals();
  const interrupted = new AbortController();
  void signals.first.then(() => interrupted.abort(new Error('interrupted')));
  using _ = earlyExit(interrupted.signal, (lines) => voice.refuse(lines));
  try {
    return await judge(module, options, interrupted.signal);
  } catch (cause) {
    const lines = cause instanceof ConfigError ? cause.lines : [messageOf(cause)];
    voice.refuse(interrupted.signal.aborted ? ['interrupted before anything was judged'] : lines.map(visible));
    return interrupted.signal.aborted ? exitCodes.failed : exitCodes.usage;
  } finally {
    signals.forget();
  }
}
