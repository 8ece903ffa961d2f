import { join } from 'node:path';

import { wireBackend } from '../../../src/adapters/execution-backend/wire/host-end.js';
import { backendServer } from '../../../src/adapters/execution-backend/wire/serving-end.js';
import { BackendId, createRuntime } from '../../../src/index.js';
import type { Observation, Runtime, WorkerRef } from '../../../src/index.js';
import { recordingLogger } from '../recording-logger.js';
import { type ProxyFrame, SocketProxy, type SocketProxyOptions } from '../socket-proxy/index.js';
import { type Consequences, cursorsAreWhole, type Normal, normalLog } from './normal-log.js';
import { Play } from './play.js';
import { type Cast, script } from './script.js';
import { Sender } from './sender.js';
import { slowLog } from './slow-log.js';
import { Dialler, listening } from './wire-sockets.js';

/** What is played with while the script goes on. */
export interface Props {
  readonly proxy: SocketProxy;
  readonly dialler: Dialler;
}

export interface SessionOptions extends Pick<SocketProxyOptions, 'judge' | 'chunkBytes' | 'delayMs'> {
  /** A folder for its sockets, of no other session. */
  readonly folder: string;
  readonly onStep?: ((step: number, props: Props) => void) | undefined;
  /** How many turns of the event loop late the log of the host is. 0. */
  readonly lagTurns?: number | undefined;
}

/** What a session came to. */
export interface Played {
  /** Each Worker's log, made comparable. */
  readonly logs: Readonly<Record<keyof Cast, readonly Normal[]>>;
  /** What the sender was told that changes a log. */
  readonly consequences: Readonly<Record<keyof Cast, Consequences>>;
  readonly statuses: Readonly<Record<keyof Cast, string>>;
  readonly frames: readonly ProxyFrame[];
  readonly connections: number;
  /** How often the sender was told that something was cut off. */
  readonly refusals: number;
  /** Accepted inputs that did not run exactly once, by the backend's own account. */
  readonly notRunOnce: readonly string[];
  readonly isCursorsWhole: boolean;
  /** What either end told its operator of rules that were broken. */
  readonly complaints: readonly string[];
}

/** A session that takes longer hangs. */
const patienceMs = 20_000;

/** Plays the script through a real Runtime, over real sockets with a proxy between them. */
export async function playSession(options: SessionOptions): Promise<Played> {
  const { folder, onStep, lagTurns = 0, ...proxied } = options;
  const [listen, target] = [{ path: join(folder, 'proxy') }, { path: join(folder, 'backend') }];
  const [hostLog, backendLog] = [recordingLogger(), recordingLogger()];
  const play = new Play();
  await using server = backendServer(play.backend, { logger: backendLog });
  await using _listener = await listening(server, target);
  await using proxy = await SocketProxy.listen({ ...proxied, listen, target });
  const remote = wireBackend({ id: BackendId('remote'), loss: 'resumes', graceMs: 60_000, logger: hostLog });
  await using runtime = createRuntime({
    profiles: { play: { label: 'Play', backend: remote } },
    log: slowLog(lagTurns),
    logger: hostLog,
  });
  const dialler = new Dialler(remote, listen);
  using _end = { [Symbol.dispose]: () => dialler.end() };
  const isSettled = (): boolean => dialler.isJoined && proxy.isWhole;
  const patience = AbortSignal.timeout(patienceMs);
  const sender = new Sender(runtime, () => until(isSettled, patience));
  const at = { step: 0 };
  const steps = (step: number): void => {
    at.step = step;
    onStep?.(step, { proxy, dialler });
  };
  const playing = script({ sender, gates: play.gates, onStep: steps });
  const cast = await within(playing, patience, () => `step ${at.step} does not end`);
  const [a, b] = [cast.a.workerId, cast.b.workerId];
  const isOver = (): boolean => play.isRecorded(a) && play.isRecorded(b) && isSettled() && play.living.size === 2;
  await until(isOver, patience);
  return await told({ cast, runtime, sender, play, proxy, loggers: [hostLog, backendLog] });
}

interface Ended {
  readonly cast: Cast;
  readonly runtime: Runtime;
  readonly sender: Sender;
  readonly play: Play;
  readonly proxy: SocketProxy;
  readonly loggers: readonly ReturnType<typeof recordingLogger>[];
}

async function told({ cast, runtime, sender, play, proxy, loggers }: Ended): Promise<Played> {
  const read = async (worker: WorkerRef): Promise<readonly Observation[]> => {
    const page = await runtime.read({ type: 'observations', worker, limit: 500 });
    if (page.outcome !== 'answered') throw new Error(`a log cannot be read: ${JSON.stringify(page)}`);
    return page.observations;
  };
  const status = async (worker: WorkerRef): Promise<string> => {
    const view = await runtime.read({ type: 'worker', worker });
    return view.outcome === 'answered' ? view.worker.status : view.code;
  };
  const [a, b, c] = [await read(cast.a), await read(cast.b), await read(cast.c)];
  const of = (worker: WorkerRef) => ({ unheard: sender.unheard, end: sender.ends.get(worker) });
  const accepted = [a, b, c].flatMap((log, index) => {
    const { workerId } = [cast.a, cast.b, cast.c][index] ?? cast.a;
    return log.filter(({ event }) => event.type === 'input-accepted').map(({ inputId }) => ({ workerId, inputId }));
  });
  const runsOf = (one: (typeof accepted)[number]): number =>
    play.runs.filter(({ workerId, inputId }) => workerId === one.workerId && inputId === one.inputId).length;
  const isMember = ({ workerId }: { workerId: string }): boolean =>
    Object.values(cast).some((member: WorkerRef) => member.workerId === workerId);
  const strangers = play.runs.filter(
    (run) =>
      isMember(run) && !accepted.some(({ inputId, workerId }) => inputId === run.inputId && workerId === run.workerId),
  );
  return {
    logs: { a: normalLog(a), b: normalLog(b), c: normalLog(c) },
    consequences: { a: of(cast.a), b: of(cast.b), c: of(cast.c) },
    statuses: { a: await status(cast.a), b: await status(cast.b), c: await status(cast.c) },
    frames: proxy.frames,
    connections: proxy.connections,
    refusals: sender.refusals,
    notRunOnce: [...accepted.filter((one) => runsOf(one) !== 1), ...strangers].map((one) => JSON.stringify(one)),
    isCursorsWhole: [a, b, c].every(cursorsAreWhole),
    complaints: loggers
      .flatMap(({ lines }) => lines)
      .filter(({ level, message }) => level === 'error' || message === 'protocol violation')
      .map(({ message, fields }) => `${message} ${JSON.stringify(fields)}`),
  };
}

async function until(holds: () => boolean, patience: AbortSignal): Promise<void> {
  while (!holds()) {
    patience.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function within<T>(work: Promise<T>, patience: AbortSignal, what: () => string): Promise<T> {
  const late = new Promise<never>((_, reject) => {
    patience.addEventListener('abort', () => reject(new Error(what())), { once: true });
  });
  return Promise.race([work, late]);
}
