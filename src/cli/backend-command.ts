import { Command, InvalidArgumentError, Option } from 'commander';

import { longestGraceMs } from '../adapters/execution-backend/wire/limits.js';
import { output } from './output.js';

export interface BackendServeOptions {
  readonly listen: string;
  readonly keyFile?: string;
  readonly cert?: string;
  readonly certKey?: string;
  readonly allowPlaintext: boolean;
  readonly grace: number;
  readonly json: boolean;
}

function graceOf(text: string): number {
  const graceMs = Number(text);
  if (/^\d+$/.test(text) && graceMs <= longestGraceMs) return graceMs;
  throw new InvalidArgumentError(`A grace is 0 … ${longestGraceMs} ms.`);
}

const more = `
MODULE exports \`backend\`, a function that makes an ExecutionBackend, or one that is made; as a default export either
will do. \`javascript\` names the built-in one.

Hosts show that they have a key of the key file before anything else is said. Of each host's key the executions are its
own: give every host one. The file is read for each connection; it has a line for each key, ID:HEX or HEX alone:
  openssl rand -hex 32 > key && chmod 600 key

Examples:
  workport backend serve ./my-backend.js --listen unix:/run/workport/my-backend.sock
  workport backend serve ./my-backend.js --listen tls:0.0.0.0:7500 --key-file key --cert cert.pem --cert-key cert.key
  workport backend serve javascript --listen tcp:127.0.0.1:7500 --key-file key
and a host that reaches it:
  workport serve --profile "far=tcp:127.0.0.1:7500?key=key"

SIGTERM or Ctrl-C ends it and all it runs, twice at once. It ends with 0 as it was asked to, 1 where it failed, and 2
where an option, a file or the module is wrong. Who has a key can do what the backend can.`;

const serveOptions: readonly Option[] = [
  new Option(
    '--listen <ADDRESS>',
    'unix:PATH, tls:HOST:PORT or tcp:HOST:PORT; port 0 is any free one',
  ).makeOptionMandatory(),
  new Option('--key-file <FILE>', 'the keys of hosts; without it, unix: in a folder of mode 0700 alone'),
  new Option('--cert <FILE>', 'for tls: the certificate, with what it was issued by, in PEM'),
  new Option('--cert-key <FILE>', 'for tls: its private key, in PEM'),
  new Option('--allow-plaintext', 'tcp: also for others than this machine, in clear text').default(false),
  new Option('--grace <MS>', 'how long executions are held at most for a host that is gone')
    .default(longestGraceMs, '3 h; a host asks for 5 min')
    .argParser(graceOf),
  new Option('--json', 'for programs: the first line on stdout is {"event":"listening",…}, logs are JSON').default(
    false,
  ),
];

/** `workport backend`, with what can be done with one. */
export function backendCommand(run: (module: string, options: BackendServeOptions) => Promise<void>): Command {
  const serve = new Command('serve')
    .description('Serves a backend to hosts that connect to it')
    .argument('<MODULE>', 'a JavaScript file that exports the backend, or `javascript`')
    .addHelpText('after', more)
    .action(run);
  for (const option of serveOptions) serve.addOption(option);
  const backend = new Command('backend').description('Runs a backend by itself').helpCommand(false);
  for (const [command, help] of [
    [backend, 'workport backend --help'],
    [serve, 'workport backend serve --help'],
  ] as const) {
    command
      .helpOption('--help', 'show this')
      .allowExcessArguments(false)
      .exitOverride()
      .configureOutput(output)
      .showHelpAfterError(`\`${help}\` shows what is allowed.`);
  }
  return backend.addCommand(serve);
}
