// A host with one program that has a grandchild; tells all their numbers, then only waits to be killed.
import { programEnvironment, startProgram } from '../../../dist/adapters/execution-backend/process/index.js';
import { processRegister } from '../../../dist/adapters/execution-backend/process/index.js';

const tree = new URL('./forks-a-grandchild.mjs', import.meta.url).pathname;
const program = startProgram(
  { command: process.execPath, args: [tree], environment: programEnvironment({}) },
  process.argv[2] ? { register: processRegister({ folder: process.argv[2] }) } : {},
);
program.output.pipe(process.stdout);
