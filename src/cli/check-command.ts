import { Command, InvalidArgumentError, Option } from 'commander';

import { output } from './output.js';

export const portNames = ['execution-backend', 'worker-log', 'browser-gateway'] as const;
export type PortName = (typeof portNames)[number];

export interface CheckCommandOptions {
  readonly command?: string;
  readonly socket?: string;
  readonly keyFile?: string;
  readonly keyId?: string;
  readonly ca?: string;
  readonly fingerprint?: string;
  readonly allowPlaintext?: boolean;
  readonly channel?: 'stdio' | 'fd3';
  readonly isolation?: 'worker' | 'backend';
  readonly port: PortName;
  readonly harness?: string;
  readonly focus: readonly string[];
  readonly skip: readonly string[];
  readonly repeat: number;
  readonly concurrency?: number;
  readonly seed?: number | 'random';
  readonly timing?: number;
  readonly knownFailures?: string;
  readonly json: boolean;
  readonly junit?: string;
}

const maxRepeat = 1_000;
const maxConcurrency = 64;
const maxTiming = 100;
const maxSeed = 2 ** 32 - 1;

function repeatOf(text: string): number {
  const repeat = Number(text);
  if (/^[0-9]+$/.test(text) && repeat >= 1 && repeat <= maxRepeat) return repeat;
  throw new InvalidArgumentError(`A number of times is 1 … ${maxRepeat}.`);
}

function concurrencyOf(text: string): number {
  const concurrency = Number(text);
  if (/^[0-9]+$/.test(text) && concurrency >= 1 && concurrency <= maxConcurrency) return concurrency;
  throw new InvalidArgumentError(`--concurrency is 1 … ${maxConcurrency}.`);
}

function timingOf(text: string): number {
  const timing = Number(text);
  if (/^[0-9]+(\.[0-9]+)?$/.test(text) && timing > 0 && timing <= maxTiming) return timing;
  throw new InvalidArgumentError(`A scale of deadlines is above 0 and at most ${maxTiming}, for example 4 or 0.5.`);
}

function seedOf(text: string): number | 'random' {
  if (text === 'random' || (/^[0-9]+$/.test(text) && Number(text) <= maxSeed)) {
    return text === 'random' ? text : Number(text);
  }
  throw new InvalidArgumentError(`A seed is 0 … ${maxSeed}, or "random".`);
}

const appended = (value: string, before: readonly string[]): readonly string[] => [...before, value];

const more = `
MODULE exports what is judged: \`backend\`, a function that makes an ExecutionBackend, or \`harness\`, which says also how
it is provoked (ExecutionBackendHarness, WorkerLogHarness or BrowserGatewayHarness of workport/contracts); as a default
export either will do.

A command is split as a shell would, quotes but no expansion, and run without a shell. Its environment has PATH, HOME,
LANG, TZ and TMPDIR of this one.

Of a server what is judged is spawned, stopped and cut off there: use one that serves nobody else.

A backend is told by the text of an input what to do: complete · stream COUNT BYTES · wait · ask · withdraw · fail.
A harness file names other texts, and takes an input away by null; all of its keys are optional:
  { "inputs": { "completes": "Ada", "streams": "Ada {count}", "runsUntilCancelled": "?", "asks": "?",
                "withdraws": null, "fails": "nobody" },
    "profile": { "name": "ada", "options": {} }, "refusedProfile": { "name": "no" },
    "answer": { "text": "yes" }, "canaries": ["secret"], "timing": 2 }

Examples:
  workport check ./my-backend.js
  workport check --command "python3 backend.py" --harness harness.json
  workport check --socket tls:host:7500 --key-file key --ca ca.pem
  workport check ./my-backend.js --focus EB-CANCEL --focus W17 --repeat 20 --seed random
  workport check ./my-log.js --port worker-log --known-failures known.txt --junit report.xml

It ends with 0 where every rule was kept (known failures aside), 1 where one was broken or it was interrupted, and 2
where it could not run. Ctrl-C once ends it after the case that runs, twice at once.`;

/** What is judged, and how it is provoked. */
const targetOptions: readonly Option[] = [
  new Option('--command <COMMAND>', 'judges a program instead, which speaks EBP/1 on stdin and stdout'),
  new Option('--socket <ADDRESS>', 'judges a backend server that runs: unix:PATH, tls:HOST:PORT or tcp:HOST:PORT'),
  new Option('--key-file <FILE>', 'with --socket: the key that the server has'),
  new Option('--key-id <ID>', 'with --key-file: which of its keys, where it has several'),
  new Option('--ca <FILE>', 'with --socket tls:…: the certificate of who vouches for the server'),
  new Option('--fingerprint <SHA256>', 'with --socket tls:…, instead of --ca: that of the server’s certificate'),
  new Option('--allow-plaintext', 'with --socket tcp:…: to another host, too, where nobody else is on the path'),
  new Option('--channel <CHANNEL>', 'where the program speaks (default: stdio)').choices(['stdio', 'fd3']),
  new Option('--isolation <SCOPE>', 'a program for each Worker, or one for all (default: worker)').choices([
    'worker',
    'backend',
  ]),
  new Option('--port <PORT>', 'the port of the architecture that is implemented (not one of TCP)')
    .choices(portNames)
    .default('execution-backend'),
  new Option('--harness <FILE>', 'JSON: how a program, or a module that exports a backend, is provoked (see below)'),
];

/** Which cases are run, how often and in what order. */
const runOptions: readonly Option[] = [
  new Option('--focus <PATTERN>', 'only these cases: an id, its beginning (EB-CANCEL), or a rule (W11); repeatable')
    .default([], 'all')
    .argParser(appended),
  new Option('--skip <PATTERN>', 'not these cases; repeatable').default([], 'none').argParser(appended),
  new Option('--repeat <N>', 'runs all of them so many times').default(1).argParser(repeatOf),
  new Option('--concurrency <N>', 'cases that run at a time, only with --command and --socket (default: 4)').argParser(
    concurrencyOf,
  ),
  new Option('--seed <N>', 'a random order, the same for the same N; "random" picks one').argParser(seedOf),
  new Option(
    '--timing <N>',
    'multiplies every deadline (default: 1, that is 5 s a case; of a program or server 2)',
  ).argParser(timingOf),
];

const reportOptions: readonly Option[] = [
  new Option('--known-failures <FILE>', 'ids that may fail, one a line; one that passes fails the run'),
  new Option('--json', 'for programs: one JSON object a line on stdout').default(false),
  new Option('--junit <FILE>', 'writes the results as JUnit XML, too'),
];

/** `workport check`, with each option and its default. */
export function checkCommand(
  run: (module: string | undefined, options: CheckCommandOptions) => Promise<void>,
): Command {
  const command = new Command('check')
    .description('Judges a backend, a log or a gateway by the rules it has to keep')
    .argument('[MODULE]', 'a JavaScript file that exports what is judged');
  for (const option of [...targetOptions, ...runOptions, ...reportOptions]) command.addOption(option);
  return command
    .helpOption('--help', 'show this')
    .addHelpText('after', more)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput(output)
    .showHelpAfterError('`workport check --help` shows what is allowed.')
    .action(run);
}
