import type { WireCaseDefinition } from './case-definition.js';
import { newInputId } from './stage.js';
import type { WirePeer } from './wire-peer.js';
import type { WireStage } from './wire-stage.js';
import { initializeParams } from './wire-stage.js';

interface Departure {
  readonly id: `EB-WIRE-${string}`;
  readonly when: string;
  readonly requires?: WireCaseDefinition['requires'];
  /** Speaks until the host goes away. */
  until(stage: WireStage): Promise<WirePeer>;
}

const departures: readonly Departure[] = [
  { id: 'EB-WIRE-080', when: 'before it has said anything', until: (stage) => stage.connect() },
  {
    id: 'EB-WIRE-081',
    when: 'in the middle of a line',
    async until(stage) {
      const peer = await stage.open();
      peer.sendText('{"jsonrpc":"2.0","id":7,');
      return peer;
    },
  },
  {
    id: 'EB-WIRE-082',
    when: 'before initialize is answered',
    async until(stage) {
      const peer = await stage.connect();
      peer.send({ id: peer.newId(), method: 'initialize', params: initializeParams() });
      return peer;
    },
  },
  {
    id: 'EB-WIRE-083',
    when: 'while a run is open',
    requires: ['runs-until-cancelled'],
    async until(stage) {
      const worker = await stage.worker();
      await worker.running(stage.inputs.runsUntilCancelled());
      return worker.peer;
    },
  },
  {
    id: 'EB-WIRE-084',
    when: 'while a window is full',
    requires: ['streams'],
    async until(stage) {
      const worker = await stage.worker({ limits: { windowEvents: 8 }, acknowledges: false });
      await worker.running(stage.inputs.streams(50));
      return worker.peer;
    },
  },
  {
    id: 'EB-WIRE-085',
    when: 'while a question waits for its answer',
    requires: ['questions', 'asks'],
    async until(stage) {
      const worker = await stage.worker();
      await worker.running(stage.inputs.asks());
      return worker.peer;
    },
  },
  {
    id: 'EB-WIRE-086',
    when: 'before any of its requests is answered',
    async until(stage) {
      const worker = await stage.worker();
      const { peer } = worker;
      const inputId = newInputId();
      const { deadlineMs } = stage;
      const input = worker.named({ inputId, parts: stage.inputs.completes() });
      peer.send({ id: peer.newId(), method: 'worker/input', params: input });
      peer.send({ id: peer.newId(), method: 'worker/cancel', params: worker.named({ inputId, deadlineMs }) });
      peer.send({ id: peer.newId(), method: 'worker/stop', params: worker.named({ graceMs: 0 }) });
      return peer;
    },
  },
];

/** A backend exits at the end of its input; one that outlives its connections lets go of this one. */
export const wireLossCases: readonly WireCaseDefinition[] = departures.map(({ id, when, requires, until }) => ({
  id,
  title: `a host that goes away ${when} leaves nothing waiting: the other end closes, too`,
  rules: ['W18', 'R5'],
  requires,
  async run(stage) {
    const peer = await until(stage);
    peer.close();
    await peer.closed('the end of the backend');
  },
}));
