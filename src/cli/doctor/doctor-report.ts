import type { FolderReport, WorkerReport } from '../../adapters/worker-log/embedded/index.js';

export interface DoctorReport extends FolderReport {
  readonly data: string;
  readonly copy?: string | undefined;
}

/** What the doctor says, and to whom. */
export interface DoctorVoice {
  worker(report: WorkerReport): void;
  progress(done: number, of: number): void;
  ended(report: DoctorReport): void;
}

const progressMs = 1_000;

/** At most one line a second, and none for what is done at once. */
function progressLine(): (done: number, of: number) => void {
  let next = performance.now() + progressMs;
  return (done, of) => {
    if (performance.now() < next) return;
    next = performance.now() + progressMs;
    process.stderr.write(`read ${String(done)} of ${String(of)} Workers\n`);
  };
}

const count = (number: number, noun: string): string => `${String(number)} ${noun}${number === 1 ? '' : 's'}`;

const readableOf = ({ first, last }: WorkerReport): string =>
  last < first ? 'nothing of its log can be read' : `sequences ${String(first)} … ${String(last)} can be read`;

/** As it is typed in a shell. */
const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

function endOf({ data, copy, workers, damagedWorkers, problems }: DoctorReport): readonly string[] {
  const isSound = damagedWorkers === 0 && problems.length === 0;
  const files = problems.map((problem) => `files: ${problem}`);
  const found = isSound
    ? `${data}: ${workers === 0 ? 'there is nothing in it yet' : `${count(workers, 'Worker')}, nothing is wrong`}`
    : `${data}: ${count(workers, 'Worker')}, ${String(damagedWorkers)} of them damaged`;
  if (copy !== undefined) {
    return [...files, found, `what can be read is in ${copy}: workport serve --data ${shellWord(copy)}`];
  }
  return [...files, found, ...(isSound ? [] : ['--repair COPY makes a folder of what can be read'])];
}

const forPeople = (): DoctorVoice => ({
  worker(report) {
    if (report.problems.length === 0) return;
    process.stdout.write(`${report.workerId}: ${report.problems.join('; ')}; ${readableOf(report)}\n`);
  },
  progress: progressLine(),
  ended: (report) => void process.stdout.write(endOf(report).join('\n') + '\n'),
});

const line = (entry: object): void => void process.stdout.write(`${JSON.stringify(entry)}\n`);

const forPrograms = (): DoctorVoice => ({
  worker: (report) => line({ event: 'worker', ...report }),
  progress: progressLine(),
  ended: (report) => line({ event: 'ended', ...report }),
});

export const doctorVoice = (json: boolean): DoctorVoice => (json ? forPrograms() : forPeople());
