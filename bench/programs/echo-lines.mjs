import { readLines } from '../lib/lines.mjs';

readLines(process.stdin, (line) => process.stdout.write(`${JSON.stringify(JSON.parse(line))}\n`));
