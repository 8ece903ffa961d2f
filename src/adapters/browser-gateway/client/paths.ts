import type { WorkerRef } from '../../../ports/browser-gateway.js';

type Values = Readonly<Record<string, string | number | undefined>>;

export const runtimePath = (runtimeId: string): string => `/runtimes/${encodeURIComponent(runtimeId)}`;
export const workersPath = (runtimeId: string): string => `${runtimePath(runtimeId)}/workers`;
export const workerPath = ({ runtimeId, workerId }: WorkerRef): string =>
  `${workersPath(runtimeId)}/${encodeURIComponent(workerId)}`;

/** A path with those of the values that are there. */
export function withQuery(path: string, values: Values): string {
  const query = Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return query.length > 0 ? `${path}?${query.join('&')}` : path;
}
