#!/usr/bin/env node
import { endProcess } from './end-process.js';
import { runCommand } from './run-command.js';

await endProcess(await runCommand(process.argv.slice(2)));
