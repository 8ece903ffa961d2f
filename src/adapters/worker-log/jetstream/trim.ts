import type { WorkerId } from '../../../domain/ids.js';
import type { Pages } from './pages.js';
import type { Records } from './records.js';
import type { LogStream } from './stream.js';
import type { Subjects } from './subjects.js';

interface TrimDependencies {
  readonly stream: LogStream;
  readonly subjects: Subjects;
  readonly records: Records;
  readonly pages: Pages;
}

/**
 * Says first where the log begins, then takes away the records that are wholly before it. What a record holds of both
 * sides stays, and is not shown; so does the newest record, which has the head.
 */
export async function trim(dependencies: TrimDependencies, workerId: WorkerId, before: number): Promise<void> {
  const { stream, subjects, records, pages } = dependencies;
  const [newest, first] = await Promise.all([records.newest(workerId), pages.firstRetained(workerId)]);
  if (newest?.name.kind !== 'record') return;
  const begin = Math.min(before, newest.name.last + 1);
  if (begin < first || begin <= 1) return;
  const kept = begin > newest.name.last ? newest : await records.find(workerId, begin, newest);
  if (begin > first) await stream.mustPublish(subjects.first(workerId), String(begin), { 'Nats-Rollup': 'sub' });
  await stream.purge(subjects.log(workerId), kept.message.sequence);
  await stream.purge(subjects.piece(workerId), kept.name.pieces[0] ?? kept.message.sequence);
}
