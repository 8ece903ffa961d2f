import { peerProgram, program } from './ends.mjs';
import { readFlood } from './floods.mjs';
import { interleaved } from './rounds.mjs';

/** The peers of npm that `streaming` puts beside Workport. */
export const streamingPeers = ['vscode-jsonrpc', '@agentclientprotocol/sdk'];

/**
 * A million events from another process into the log, to one observer, beside bare readers of the same events and beside
 * peers. `ours(events)` answers Workport's figure; `over(file, run)` is the way to every other side's program: it runs it,
 * and answers what `run(other)` makes of its end. `least`: the goal beside a line a write.
 */
export async function streaming({ workload, least, ours, over }, { quick, rounds, beside }) {
  const events = quick ? 2000 : 1_000_000;
  // Peers take a tenth: it is told per second.
  const peerEvents = events / 10;
  const floor = (name) => () => over(program(name), (other) => readFlood(other, events));
  const { blocks, ...figures } = await interleaved(rounds, {
    workport: () => ours(events),
    floor: floor('flood-lines.mjs'),
    blocks: floor('flood-blocks.mjs'),
    ...(await beside('vscode-jsonrpc', async () => {
      const { rpcFlood } = await import('../peers/json-rpc.mjs');
      return () => over(peerProgram('json-rpc.mjs'), (other) => rpcFlood(other, peerEvents));
    })),
    ...(await beside('ACP SDK', async () => {
      const { agentFlood } = await import('../peers/agent.mjs');
      return () => over(peerProgram('agent.mjs'), (other) => agentFlood(other, peerEvents));
    })),
  });
  const unit = 'events/s';
  const peerGoals = { 'vscode-jsonrpc': { least: 3 }, 'ACP SDK': { least: 3 } };
  const { workport } = figures;
  return {
    measurements: [
      { workload: `${workload}; floor: a line a write`, unit, goal: { least }, peerGoals, figures },
      { workload: `${workload}; floor: 64 KiB a write`, unit, figures: { workport, floor: blocks } },
    ],
  };
}
