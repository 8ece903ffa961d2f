// A sound backend, but for a process that it starts in a session of its own and leaves behind.
import { spawn } from 'node:child_process';

import * as workport from 'workport';
import { serveBackend } from 'workport/backends/serve';

import { scriptedBackend } from '../contracts/scripted-backend.mjs';

const idle = ['-e', 'setInterval(() => {}, 1000)', process.argv[2]];
spawn(process.execPath, idle, { detached: true, stdio: 'ignore' }).unref();
console.error('a daemon was started');
await serveBackend(scriptedBackend(workport));
