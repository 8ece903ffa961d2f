import { remoteSocketBackend } from 'workport/backends/remote-socket';

import { overSocket, peerProgram, program, ready, talking, withSocketPath } from '../lib/ends.mjs';
import { observeFlood, readFlood } from '../lib/floods.mjs';
import { interleaved } from '../lib/rounds.mjs';

/** A server streams events over a Unix socket into the log to one observer, beside a bare reader of the same events. */
export const m4 = {
  what: 'a server streams 1,000,000 events over a Unix socket into the log to one observer',
  peers: ['vscode-jsonrpc', '@agentclientprotocol/sdk'],
  run,
};

async function run({ quick, rounds, beside }) {
  const events = quick ? 2000 : 1_000_000;
  // Peers take a tenth: it is told per second.
  const peerEvents = events / 10;
  const over = (file, run) => () => withSocketPath((path) => talking(overSocket(path, file), run));
  const floor = (file) => over(program(file), (other) => readFlood(other, events));
  const { blocks, ...figures } = await interleaved(rounds, {
    workport: () => withSocketPath((path) => served(path, events)),
    floor: floor('flood-lines.mjs'),
    blocks: floor('flood-blocks.mjs'),
    ...(await beside('vscode-jsonrpc', async () => {
      const { rpcFlood } = await import('../peers/json-rpc.mjs');
      return over(peerProgram('json-rpc.mjs'), (other) => rpcFlood(other, peerEvents));
    })),
    ...(await beside('ACP SDK', async () => {
      const { agentFlood } = await import('../peers/agent.mjs');
      return over(peerProgram('agent.mjs'), (other) => agentFlood(other, peerEvents));
    })),
  });
  const workload = 'a server streams over a Unix socket into the log to one observer';
  const peerGoals = { 'vscode-jsonrpc': { least: 3 }, 'ACP SDK': { least: 3 } };
  return {
    measurements: [
      { workload: `${workload}; floor: a line a write`, unit: 'events/s', goal: { least: 0.9 }, peerGoals, figures },
      {
        workload: `${workload}; floor: 64 KiB a write`,
        unit: 'events/s',
        figures: { workport: figures.workport, floor: blocks },
      },
    ],
  };
}

const served = (path, events) =>
  talking(ready(program('flood-backend.mjs'), path), () =>
    observeFlood(remoteSocketBackend({ address: `unix:${path}` }), events),
  );
