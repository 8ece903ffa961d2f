// Many hosts on a modelled engine, in a time of its own: tells what became of them as JSON.
import { simulated } from '../scaling/scenarios.mjs';

// What waits for an engine that is away makes errors by the million; nobody looks at where.
Error.stackTraceLimit = 0;
console.log(JSON.stringify(await simulated(JSON.parse(process.argv[2]))));
