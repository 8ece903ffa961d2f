import type { BackendListener } from '../adapters/execution-backend/serve/index.js';
import { ListenError, serveBackend } from '../adapters/execution-backend/serve/index.js';
import { pinoLogger } from '../adapters/logger/pino/index.js';
import { visible } from '../adapters/logger/pino/human-line.js';
import { ConfigError } from '../composition/config/config-error.js';
import { messageOf } from '../contracts/message-of.js';
import type { BackendServeOptions } from './backend-command.js';
import { backendNamed } from './backend-module.js';
import { endSignals } from './end-signals.js';
import type { ExitCode } from './exit-codes.js';
import { exitCodes } from './exit-codes.js';
import type { Write } from './kept-stdout.js';
import { keptStdout } from './kept-stdout.js';
import { voiceFor } from './voice.js';

/** Longer than any end that a backend of ours takes. */
const endMs = 30_000;

async function start(module: string, options: BackendServeOptions, signal: AbortSignal): Promise<BackendListener> {
  const { listen, keyFile, cert, certKey, allowPlaintext, grace, json } = options;
  if ((cert === undefined) !== (certKey === undefined)) {
    throw new ConfigError(['--cert and --cert-key go together: a certificate and its private key']);
  }
  const tls = cert !== undefined && certKey !== undefined ? { certFile: cert, keyFile: certKey } : undefined;
  const logger = pinoLogger({
    format: json ? 'json' : 'human',
    colors: process.stderr.isTTY && !process.env['NO_COLOR'],
  });
  const backend = await backendNamed(module, logger, signal);
  try {
    return await serveBackend(backend, { listen, keyFile, tls, allowPlaintext, graceMs: grace, logger });
  } catch (cause) {
    await backend[Symbol.asyncDispose]();
    throw cause;
  }
}

/** The first line of all. */
function announce(module: string, { address }: BackendListener, { keyFile, json }: BackendServeOptions, write: Write) {
  if (json) return void write(`${JSON.stringify({ event: 'listening', address, pid: process.pid })}\n`);
  const reached = address.replace(/^(t\w+):(0\.0\.0\.0|\[::\]):/, '$1:HOST:');
  const key = keyFile === undefined ? '' : `?key=FILE${address.startsWith('tls:') ? '&ca=FILE' : ''}`;
  write(`${module} listens on ${address}\na host reaches it by: workport serve --profile "NAME=${reached}${key}"\n`);
}

async function end(listener: BackendListener): Promise<void> {
  let late: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    late = setTimeout(() => reject(new Error(`the backend did not end within ${endMs / 1000} s`)), endMs);
  });
  try {
    await Promise.race([listener[Symbol.asyncDispose](), tooLate]);
  } finally {
    clearTimeout(late);
  }
}

interface Refusal {
  readonly lines: readonly string[];
  readonly code: ExitCode;
}
const interruption: Refusal = { lines: ['interrupted before it listened'], code: exitCodes.failed };

function refusal(cause: unknown): Refusal {
  if (cause instanceof ConfigError) return { lines: cause.lines, code: exitCodes.usage };
  const isUsage = cause instanceof ListenError && cause.problem === 'configuration';
  return { lines: [messageOf(cause)], code: isUsage ? exitCodes.usage : exitCodes.failed };
}

/** Serves until it is told to end, and answers how the process is to end. Never rejects. */
export async function serveBackendModule(module: string, options: BackendServeOptions): Promise<ExitCode> {
  const voice = voiceFor(options.json);
  const signals = endSignals();
  const interrupted = new AbortController();
  void signals.first.then(() => interrupted.abort(new Error('interrupted')));
  using kept = keptStdout();
  let listener: BackendListener | undefined;
  try {
    listener = await start(module, options, interrupted.signal);
    announce(module, listener, options, kept.write);
    await signals.first;
    voice.say('ending');
    await end(listener);
    return exitCodes.ended;
  } catch (cause) {
    const isInterrupted = listener === undefined && interrupted.signal.aborted;
    const { lines, code } = isInterrupted ? interruption : refusal(cause);
    voice.refuse(lines.map(visible));
    return code;
  } finally {
    signals.forget();
  }
}
