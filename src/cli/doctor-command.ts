import { Command, Option } from 'commander';

import { output } from './output.js';

export interface DoctorOptions {
  readonly data: string;
  readonly repair?: string;
  readonly json: boolean;
}

const more = `
It works on a copy and never changes DIR, and refuses while a host has it. It needs room beside DIR for what was written
last; with --repair, for all of it.

In COPY every Worker that is whole is what it was, byte for byte. One that is damaged ends before its damage, with a new
epoch from there on: cursors of what was cut are not known any more, and an open run ends as interrupted at the next
start. One whose head is lost is made from its observations.

Examples:
  workport doctor --data ./.workport
  workport doctor --data ./.workport --repair ./repaired
  workport serve --data ./repaired

It ends with 0 where nothing is wrong, 1 where damage was found (with --repair: and left out of the copy), and 2 where it
could not run.`;

/** `workport doctor`, with each option and its default. */
export function doctorCommand(run: (options: DoctorOptions) => Promise<void>): Command {
  return new Command('doctor')
    .description('Tells what of a data folder can be read, and repairs that into a copy')
    .requiredOption('--data <DIR>', 'the data folder of a host that is not running')
    .option('--repair <COPY>', 'makes a data folder of what can be read; it must not exist, or be empty')
    .addOption(
      new Option('--json', 'for programs: a JSON object a line on stdout, one a Worker and one at the end').default(
        false,
      ),
    )
    .helpOption('--help', 'show this')
    .addHelpText('after', more)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput(output)
    .showHelpAfterError('`workport doctor --help` shows what is allowed.')
    .action(run);
}
