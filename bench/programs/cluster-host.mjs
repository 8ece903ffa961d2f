// One of several hosts that share their Workers on a NATS server: its inputs end at once.
import { clusterHost } from '../lib/cluster-host.mjs';

const [server, workers] = process.argv.slice(2);
const host = await clusterHost(server, Number(workers));
process.on('message', () => process.send({ runs: host.runs() }));
process.once('SIGTERM', () => process.exit());
process.send({ ...host.target, pid: process.pid });
