// A backend in a process of its own. What an input says is what happens: `exit 3`, `print …`, `stderr …`, `hang`, `env NAME`.
import { output, text } from '../../../dist/adapters/execution-backend/generator/events.js';
import { generatorBackend } from '../../../dist/adapters/execution-backend/generator-backend.js';
import { serveBackend } from '../../../dist/adapters/execution-backend/process/index.js';

async function* run(input, { signal, session }) {
  const [verb, ...words] = (input.parts[0]?.text ?? '').split(' ');
  const rest = words.join(' ');
  if (verb === 'exit') process.exit(Number(rest));
  if (verb === 'print') process.stdout.write(`${rest}\n`);
  if (verb === 'stderr') process.stderr.write(`${rest}\n`);
  if (verb === 'env') yield text(process.env[rest] ?? 'unset');
  if (verb === 'session') yield text(JSON.stringify(session));
  if (verb === 'hang') await new Promise((resolve) => signal.addEventListener('abort', resolve));
  if (verb === 'flood') for (let count = 0; count < Number(rest); count += 1) yield output(`line ${count}\n`);
  if (verb === 'echo') yield text(rest);
}

await serveBackend(
  generatorBackend({
    id: 'echo',
    start: ({ workerId, profile }) => ({ pid: process.pid, workerId, options: profile.options }),
    run,
  }),
);
