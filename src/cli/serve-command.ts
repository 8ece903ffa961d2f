import { Command, InvalidArgumentError, Option } from 'commander';

import { output } from './output.js';

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly data: string;
  readonly memory: boolean;
  readonly config?: string;
  readonly profile: readonly string[];
  readonly tokenFile?: string;
  readonly json: boolean;
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^[0-9]{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('A port is 0 (any) … 65535.');
  return port;
}

const appended = (value: string, before: readonly string[]): readonly string[] => [...before, value];

const example = `
Example:
  WORKPORT_TOKEN=secret workport serve --port 7500 --profile "python=python3 backend.py"

SPEC is a command: it is split as a shell would, quotes but no expansion, and run without a shell. With acp: before it
it is an agent that speaks the Agent Client Protocol: --profile "gemini=acp:gemini --acp". Or it is where a backend
server listens: unix:PATH, tls:HOST:PORT or tcp:HOST:PORT, with ?key=FILE&keyId=ID&ca=FILE&fingerprint=SHA256
where they are needed.
Who may send input to a profile can do what its backend can.`;

/** `workport serve`, with each option and its default. */
export function serveCommand(run: (options: ServeOptions) => Promise<void>): Command {
  return new Command('serve')
    .description('Serves Workers over the browser API')
    .option('--host <ADDRESS>', 'where to listen', '127.0.0.1')
    .addOption(new Option('--port <PORT>', 'where to listen; 0 is any free one').default(7420).argParser(portOf))
    .addOption(
      new Option(
        '--data <DIR>',
        'keeps Workers and account of running programs: what was there is there again at the next start',
      ).default('./.workport'),
    )
    .addOption(new Option('--memory', 'no data folder: Workers end with the host').default(false).conflicts('data'))
    .option('--config <FILE>', 'configuration (default: workport.config.json, .js or .mjs, where there is one)')
    .addOption(
      new Option('--profile <NAME=SPEC>', 'offers a backend, beside those of the file; repeatable')
        .default([], 'javascript, where neither file nor flag names any')
        .argParser(appended),
    )
    .option(
      '--token-file <FILE>',
      'holds the access token (default: the variable WORKPORT_TOKEN; else one is made, and shown on a terminal)',
    )
    .addOption(
      new Option('--json', 'for programs: the first line on stdout is {"event":"ready",…}, logs are JSON').default(
        false,
      ),
    )
    .helpOption('--help', 'show this')
    .addHelpText('after', example)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput(output)
    .showHelpAfterError('`workport serve --help` shows what is allowed.')
    .action(run);
}
