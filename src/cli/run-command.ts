import { readFileSync } from 'node:fs';

import { Command, CommanderError } from 'commander';

import { backendCommand } from './backend-command.js';
import { checkCommand } from './check-command.js';
import { doctorCommand } from './doctor-command.js';
import type { ExitCode } from './exit-codes.js';
import { exitCodes } from './exit-codes.js';
import { output } from './output.js';
import { serveCommand } from './serve-command.js';

function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}

/** commander's own word for "this was asked for" is an error, too. */
const wasAsked = ({ code }: CommanderError): boolean =>
  code === 'commander.helpDisplayed' || code === 'commander.version' || code === 'commander.help';

/**
 * Runs the command line and answers how the process is to end. Never rejects. A command loads what it needs when it is
 * the one: most of a start is the loading of modules.
 */
export async function runCommand(args: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ended;
  const program = new Command('workport')
    .description('The layer between a host and whatever executes its Workers')
    .version(version(), '--version', 'show the version')
    .helpOption('--help', 'show this')
    .helpCommand(false)
    .exitOverride()
    .configureOutput(output)
    .showHelpAfterError('`workport --help` shows the commands.')
    .addHelpText('after', '\n`workport serve --help` shows the options of a command.');
  program.addCommand(
    serveCommand(async (options) => {
      const { serve } = await import('./serve.js');
      code = await serve(options);
    }),
  );
  program.addCommand(
    checkCommand(async (module, options) => {
      const { check } = await import('./check.js');
      code = await check(module, options);
    }),
  );
  program.addCommand(
    backendCommand(async (module, options) => {
      const { serveBackendModule } = await import('./backend-serve.js');
      code = await serveBackendModule(module, options);
    }),
  );
  program.addCommand(
    doctorCommand(async (options) => {
      const { doctor } = await import('./doctor.js');
      code = await doctor(options);
    }),
  );
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (cause) {
    if (!(cause instanceof CommanderError)) throw cause;
    return args.length > 0 && wasAsked(cause) ? exitCodes.ended : exitCodes.usage;
  }
}
