import type { RuntimeView, WorkerView } from '../../../../domain/observation/view.js';
import type { RosterState } from './roster.js';
import { listingOf } from './roster.js';

type Named = Pick<WorkerView, 'runtimeId' | 'workerId' | 'profile' | 'displayName'>;

export const runtimeName = ({ displayName, runtimeId }: RuntimeView): string => displayName ?? runtimeId;

export const profileLabel = (state: RosterState, { runtimeId, profile }: Named): string =>
  listingOf(state, runtimeId)?.profiles.find(({ name }) => name === profile)?.label ?? profile;

/** What a Worker is called: what somebody named it, else by its profile and the end of its id. */
export const workerName = (state: RosterState, worker: Named): string =>
  worker.displayName ?? `${profileLabel(state, worker)} ${worker.workerId.slice(-6)}`;
