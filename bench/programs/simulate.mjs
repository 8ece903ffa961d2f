// Many hosts on a modelled engine, in a time of its own: tells what became of them as JSON.
import { simulated } from '../scaling/scenarios.mjs';

console.log(JSON.stringify(await simulated(JSON.parse(process.argv[2]))));
