// A host with as many Workers as it is told, whose inputs end at once.
import { httpHost } from '../lib/http-host.mjs';

const host = await httpHost(Number(process.argv[2]));
process.on('message', () => process.send(host.runs()));
process.once('SIGTERM', () => process.exit());
process.send(host.target);
