import type { InputId, WorkerId } from '../../../src/domain/ids.js';
import type { Command } from '../../../src/ports/browser-gateway.js';
import type { ChaosHost } from './hosts.js';

/** What was asked, where, and what was told. */
export interface Call {
  readonly host: string;
  readonly command: Command;
  readonly askedAt: number;
  outcome?: Told;
}

/** Any outcome. */
export interface Told {
  readonly outcome: string;
  readonly code?: string;
  readonly executed?: string;
  readonly worker?: { readonly workerId: WorkerId };
}

/** What the callers know. */
export interface Account {
  readonly calls: readonly Call[];
  /** Everybody who was told of a Worker knows it. */
  readonly workers: Set<WorkerId>;
  readonly deleted: Set<WorkerId>;
  readonly stopped: Set<WorkerId>;
  /** Of which Worker an input was asked, and how often. */
  readonly inputs: Map<InputId, { readonly workerId: WorkerId | undefined; asked: number }>;
  execute(host: ChaosHost, command: Command): void;
  unsettled(): readonly Call[];
}

export function account(now: () => number): Account {
  const calls: Call[] = [];
  const known = { workers: new Set<WorkerId>(), deleted: new Set<WorkerId>(), stopped: new Set<WorkerId>() };
  const inputs: Account['inputs'] = new Map();
  const told = (call: Call, outcome: Told): void => {
    call.outcome = outcome;
    if (outcome.outcome !== 'accepted') return;
    const { command } = call;
    if (command.type === 'create' && outcome.worker) known.workers.add(outcome.worker.workerId);
    if (command.type === 'stop') known.stopped.add(command.worker.workerId);
    if (command.type === 'delete') known.deleted.add(command.worker.workerId);
  };
  return {
    calls,
    ...known,
    inputs,
    execute(host, command) {
      const call: Call = { host: host.name, command, askedAt: now() };
      calls.push(call);
      const inputId = command.type === 'input' ? command.inputId : command.type === 'create' && command.input?.inputId;
      if (inputId) {
        const input = inputs.get(inputId) ?? {
          workerId: 'worker' in command ? command.worker.workerId : undefined,
          asked: 0,
        };
        input.asked += 1;
        inputs.set(inputId, input);
      }
      host.runtime.execute(command).then(
        (outcome) => told(call, outcome as Told),
        (cause: unknown) => told(call, { outcome: 'thrown', code: String(cause) }),
      );
    },
    unsettled: () => calls.filter(({ outcome }) => outcome === undefined),
  };
}
