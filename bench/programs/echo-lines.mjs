import { readLines } from '../lib/child.mjs';

readLines(process.stdin, (line) => process.stdout.write(`${JSON.stringify(JSON.parse(line))}\n`));
