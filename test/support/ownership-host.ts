import type { WorkerId } from '../../src/domain/ids.js';
import type { HostId, Owner, WorkerOwnership } from '../../src/ports/worker-ownership.js';

/** A host that does its duties as a test tells it, and keeps what was asked of it. */
export interface OwnershipHost {
  readonly ownership: WorkerOwnership;
  /** As it entered last. */
  readonly id: HostId;
  /** Every id that it had. */
  readonly ids: readonly HostId[];
  /** What it was offered, in order. */
  readonly offered: readonly WorkerId[];
  /** What it has taken of that. */
  readonly taken: readonly WorkerId[];
  readonly losses: number;
  enter(): Promise<HostId>;
  /** What it does with a Worker that it is offered. It takes it. */
  onOffer(decide: (workerId: WorkerId) => Promise<void>): void;
  /** Called as its lease is lost. */
  onLoss(run: () => void): void;
}

export function ownershipHost(ownership: WorkerOwnership): OwnershipHost {
  const [ids, offered, taken]: [HostId[], WorkerId[], WorkerId[]] = [[], [], []];
  const state = { losses: 0, onLoss: () => undefined as void };
  let decide = async (workerId: WorkerId): Promise<void> => {
    const owner: Owner | undefined = await ownership.take(workerId).catch(() => undefined);
    if (owner?.hostId !== undefined && ids.includes(owner.hostId)) taken.push(workerId);
  };
  return {
    ownership,
    ids,
    offered,
    taken,
    get id() {
      const id = ids.at(-1);
      if (id === undefined) throw new Error('it has not entered');
      return id;
    },
    get losses() {
      return state.losses;
    },
    async enter() {
      const id = await ownership.enter({
        async orphaned(workerId) {
          offered.push(workerId);
          await decide(workerId);
        },
        async lost() {
          state.losses += 1;
          state.onLoss();
        },
        entered: (hostId) => void ids.push(hostId),
      });
      ids.push(id);
      return id;
    },
    onOffer: (decided) => void (decide = decided),
    onLoss: (run) => void (state.onLoss = run),
  };
}
