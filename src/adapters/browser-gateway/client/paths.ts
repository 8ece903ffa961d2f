import type { WorkerRef } from '../../../ports/browser-gateway.js';

type Values = Readonly<Record<string, string | number | undefined>>;

const maxLength = 256;
/** No cursor and no id is longer: one that is, is as unknown when it is cut off here. */
export const cut = (text: unknown): string => String(text).slice(0, maxLength);

/**
 * A text as it stands in an address. An id that would name another path, or none, is one that nobody has: then the host
 * says that it is not found.
 */
function encoded(value: unknown): string {
  const text = cut(value);
  return /^\.{0,2}$|\p{Surrogate}/u.test(text) ? '!' : encodeURIComponent(text);
}

export const runtimePath = (runtimeId: string): string => `/runtimes/${encoded(runtimeId)}`;
export const workersPath = (runtimeId: string): string => `${runtimePath(runtimeId)}/workers`;
export const workerPath = ({ runtimeId, workerId }: WorkerRef): string =>
  `${workersPath(runtimeId)}/${encoded(workerId)}`;
export const inputPath = (worker: WorkerRef, inputId: string): string =>
  `${workerPath(worker)}/inputs/${encoded(inputId)}`;
export const questionPath = (worker: WorkerRef, questionId: string): string =>
  `${workerPath(worker)}/questions/${encoded(questionId)}`;

/** A path with those of the values that are there. */
export function withQuery(path: string, values: Values): string {
  const query = Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encoded(value)}`);
  return query.length > 0 ? `${path}?${query.join('&')}` : path;
}
