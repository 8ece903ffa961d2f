import assert from 'node:assert/strict';

import type { WireCaseDefinition } from './case-definition.js';
import { newWorkerId } from './stage.js';
import { assertComplaint } from './wire-complaints.js';
import { initializeParams } from './wire-stage.js';

const isLimit = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 1;

export const wireHandshakeCases: readonly WireCaseDefinition[] = [
  {
    id: 'EB-WIRE-001',
    title: 'initialize is answered with version 1, the name of the backend, and limits that are whole numbers',
    rules: ['E2'],
    async run(stage) {
      const peer = await stage.connect();
      const { protocolVersion, backend, limits = {} } = await peer.result('initialize', initializeParams());
      assert.equal(protocolVersion, 1);
      const { name, version } = backend as { readonly name?: unknown; readonly version?: unknown };
      assert.deepEqual([typeof name, typeof version], ['string', 'string'], 'backend has a name and a version');
      const wrong = Object.entries(limits as object).filter(([, limit]) => !isLimit(limit));
      assert.deepEqual(wrong, []);
    },
  },
  {
    id: 'EB-WIRE-002',
    title: 'the answer to initialize is the first that the backend says, the log aside',
    rules: ['E3'],
    async run(stage) {
      const peer = await stage.connect();
      await peer.result('initialize', initializeParams());
      const first = peer.heard.find(({ message }) => message?.method !== 'log');
      assert.equal(first?.message?.id, 1, 'nothing comes before it');
    },
  },
  {
    id: 'EB-WIRE-003',
    title: 'of several versions the backend picks one that was offered',
    rules: ['E3'],
    async run(stage) {
      const peer = await stage.connect();
      const params = { ...initializeParams(), protocolVersions: [99, 1] };
      assert.equal((await peer.result('initialize', params))['protocolVersion'], 1);
    },
  },
  {
    id: 'EB-WIRE-004',
    title: 'no common version is answered with the error unsupported-version, and with the versions it has',
    rules: ['E2'],
    async run(stage) {
      const peer = await stage.connect();
      const { error } = await peer.request('initialize', { ...initializeParams(), protocolVersions: [99] });
      assert.equal(error?.data?.['kind'], 'unsupported-version');
      assert.ok([error.data['supported']].flat().includes(1), 'data.supported names version 1');
    },
  },
  {
    id: 'EB-WIRE-005',
    title: 'a request before initialize is named as a violation, nothing is begun, and the connection is closed',
    rules: ['E1'],
    async run(stage) {
      const peer = await stage.connect();
      const named = { workerId: newWorkerId(), generation: 1 };
      peer.send({ id: peer.newId(), method: 'worker/spawn', params: { ...named, profile: stage.profile } });
      await peer.closed();
      assertComplaint(peer, peer.linesSent);
      const begun = peer.heard.filter(({ message }) => message?.result !== undefined);
      assert.deepEqual(begun, []);
    },
  },
  {
    id: 'EB-WIRE-006',
    title: 'a line that cannot be read before initialize is named as a violation, and the connection is closed',
    rules: ['E1'],
    async run(stage) {
      const peer = await stage.connect();
      peer.sendText('hello\n');
      await peer.closed();
      assertComplaint(peer, peer.linesSent);
    },
  },
  {
    id: 'EB-WIRE-007',
    title: 'initialize a second time is answered, and what runs goes on',
    rules: ['W16', 'W18'],
    async run(stage) {
      const worker = await stage.worker();
      await worker.peer.request('initialize', initializeParams());
      await worker.completes();
    },
  },
  {
    id: 'EB-WIRE-008',
    title: 'shutdown is answered by a result while nothing runs, and the backend ends once the host has closed its end',
    rules: ['W18'],
    async run(stage) {
      const peer = await stage.open();
      await peer.result('shutdown', { graceMs: stage.deadlineMs });
      peer.close();
      await peer.closed('the end of the backend');
    },
  },
  {
    id: 'EB-WIRE-009',
    title: 'shutdown is answered by a result while a run is open, which says nothing after it',
    rules: ['W18', 'R5'],
    requires: ['runs-until-cancelled'],
    async run(stage) {
      const worker = await stage.worker();
      await worker.running(stage.inputs.runsUntilCancelled());
      await worker.peer.result('shutdown', { graceMs: stage.deadlineMs });
      const said = worker.events.length;
      worker.peer.close();
      await worker.peer.closed('the end of the backend');
      assert.equal(worker.events.length, said, 'it says nothing after the answer');
    },
  },
];
