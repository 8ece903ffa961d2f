// A host with one agent that has a child; tells what the agent says, then only waits to be killed.
import { acpBackend } from '../../../dist/adapters/execution-backend/acp/index.js';
import { createRuntime } from '../../../dist/index.js';

const agent = new URL('../acp-agent/agent.mjs', import.meta.url).pathname;
const args = [agent, '--misbehave', 'ignores-stdin-end,ignores-sigterm'];
const backend = acpBackend({ command: process.execPath, args, cwd: process.argv[2], terminals: true });
const runtime = createRuntime({ profiles: { agent: { label: 'Agent', backend } } });
const parts = [{ type: 'text', text: 'pid; child; terminal-leave sleep 300; wait' }];
const { worker } = await runtime.execute({ type: 'create', runtimeId: 'local', profile: 'agent', input: { parts } });
let said = '';
for await (const frame of runtime.observe({ runtimeId: 'local', workerId: worker.workerId }, 'start')) {
  if (frame.type !== 'events') continue;
  for (const { event } of frame.observations) {
    if (event.type === 'text-delta') said += ` ${event.text}`;
    if (event.type === 'text-delta' && event.text === 'begun') process.stdout.write(`${said}\n`);
  }
}
