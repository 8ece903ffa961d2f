import { overPipes, peerProgram, program, talking } from '../lib/ends.mjs';
import { observeFlood, readFlood } from '../lib/floods.mjs';
import { interleaved } from '../lib/rounds.mjs';
import { subprocess } from '../lib/workport.mjs';

/** A subprocess streams events through EBP into the log to one observer, beside a bare reader of the same events. */
export const m3 = {
  what: 'a subprocess streams 1,000,000 events into the log to one observer',
  peers: ['vscode-jsonrpc', '@agentclientprotocol/sdk'],
  run,
};

async function run({ quick, rounds, beside }) {
  const events = quick ? 2000 : 1_000_000;
  // Peers take a tenth: it is told per second.
  const peerEvents = events / 10;
  const floor = (file) => () => talking(overPipes(program(file)), (other) => readFlood(other, events));
  const { blocks, ...figures } = await interleaved(rounds, {
    workport: () => observeFlood(subprocess('flood-backend.mjs'), events),
    floor: floor('flood-lines.mjs'),
    blocks: floor('flood-blocks.mjs'),
    ...(await beside('vscode-jsonrpc', async () => {
      const { rpcFlood } = await import('../peers/json-rpc.mjs');
      return () => talking(overPipes(peerProgram('json-rpc.mjs')), (other) => rpcFlood(other, peerEvents));
    })),
    ...(await beside('ACP SDK', async () => {
      const { agentFlood } = await import('../peers/agent.mjs');
      return () => talking(overPipes(peerProgram('agent.mjs')), (other) => agentFlood(other, peerEvents));
    })),
  });
  const workload = 'a subprocess streams into the log to one observer';
  const peerGoals = { 'vscode-jsonrpc': { least: 3 }, 'ACP SDK': { least: 3 } };
  return {
    measurements: [
      { workload: `${workload}; floor: a line a write`, unit: 'events/s', goal: { least: 1 }, peerGoals, figures },
      {
        workload: `${workload}; floor: 64 KiB a write`,
        unit: 'events/s',
        figures: { workport: figures.workport, floor: blocks },
      },
    ],
  };
}
