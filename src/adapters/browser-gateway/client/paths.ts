import type { WorkerRef } from '../../../ports/browser-gateway.js';

type Values = Readonly<Record<string, string | number | undefined>>;

/** No id and no cursor is longer. */
const maxLength = 256;

/**
 * A text as it stands in an address. An id that would name another path, or none, is one that nobody has: then the host
 * says that it is not found.
 */
function encoded(text: string): string {
  const cut = text.slice(0, maxLength);
  return /^\.{0,2}$|\p{Surrogate}/u.test(cut) ? '!' : encodeURIComponent(cut);
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
    .map(([name, value]) => `${name}=${encoded(String(value))}`);
  return query.length > 0 ? `${path}?${query.join('&')}` : path;
}
