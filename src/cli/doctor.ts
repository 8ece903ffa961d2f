import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';

import { examineLog, LogFolderError } from '../adapters/worker-log/embedded/index.js';
import type { LogFolderProblem } from '../adapters/worker-log/embedded/index.js';
import { ConfigError } from '../composition/config/config-error.js';
import { logFolder } from './data-folder.js';
import type { DoctorOptions } from './doctor-command.js';
import { doctorVoice } from './doctor/doctor-report.js';
import { beginCopy, checkCopy, checkData, copyOthers, workFolder } from './doctor/folders.js';
import { endSignals } from './end-signals.js';
import type { ExitCode } from './exit-codes.js';
import { exitCodes } from './exit-codes.js';
import { voiceFor } from './voice.js';

async function examine({ data, repair, json }: DoctorOptions, signal: AbortSignal): Promise<ExitCode> {
  await checkData(data);
  if (repair !== undefined) await checkCopy(data, repair);
  const voice = doctorVoice(json);
  await using work = await workFolder(data);
  const into = repair === undefined ? undefined : await beginCopy(repair);
  try {
    const report = await examineLog({
      folder: logFolder(data),
      workFolder: work.path,
      into,
      onBegun: () => (repair === undefined ? Promise.resolve() : copyOthers(data, repair)),
      onWorker: (worker) => voice.worker(worker),
      onProgress: (done, of) => voice.progress(done, of),
      signal,
    });
    voice.ended({ data: resolve(data), copy: repair === undefined ? undefined : resolve(repair), ...report });
    return report.damagedWorkers > 0 || report.problems.length > 0 ? exitCodes.failed : exitCodes.ended;
  } catch (cause) {
    if (repair !== undefined) await rm(resolve(repair), { recursive: true, force: true });
    throw cause;
  }
}

/** What to do where the doctor could not run. */
const advice: Readonly<Record<LogFolderProblem, string>> = {
  'in-use': 'end that first',
  'newer-format': 'ask the doctor of that version',
  damaged: 'it is not to be read here; restore it from a backup',
  unwritable: 'see that this user may write beside the data folder and the copy, and that the disk has room',
};

function linesOf(cause: unknown): readonly string[] {
  if (cause instanceof ConfigError) return cause.lines;
  if (cause instanceof LogFolderError) return [`${cause.message}: ${advice[cause.problem]}`];
  return [cause instanceof Error ? cause.message : String(cause)];
}

/** Reads a data folder, tells what it found, and answers how the process is to end. Never rejects. */
export async function doctor(options: DoctorOptions): Promise<ExitCode> {
  const voice = voiceFor(options.json);
  const signals = endSignals();
  const interrupted = new AbortController();
  void signals.first.then(() => interrupted.abort(new Error('interrupted')));
  try {
    return await examine(options, interrupted.signal);
  } catch (cause) {
    voice.refuse(linesOf(cause));
    return exitCodes.usage;
  } finally {
    signals.forget();
  }
}
