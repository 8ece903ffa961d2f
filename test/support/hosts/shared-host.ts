import { markVariable } from '../../../src/cli/check/marked-processes.js';
import type { HostProcess, ProcessOptions } from '../host-process.js';
import { accessToken, startServe } from '../host-process.js';
import { claim, RuleBroken } from '../kill/claim.js';
import { hostFolder } from '../kill/data-folder.js';
import type { Folder } from '../kill/data-folder.js';
import type { Network } from '../network.js';
import { stopProcess } from '../stop-process.js';

/** With what the drain of a host may take. */
const drainMs = 60_000;

export interface SharedHostOptions {
  readonly index: number;
  readonly folder: Folder;
  /** What the marks of all processes of the run begin with. */
  readonly prefix: string;
  /** Its way to the engine. */
  readonly between: Network;
  readonly onEnd: NonNullable<ProcessOptions['onEnd']>;
}

/** One of the lives of a host. */
export interface Life {
  readonly host: HostProcess;
  readonly mark: string;
  /** It was killed, or told to end. */
  isOver: boolean;
}

/** One of the hosts that share their Workers, in one life after the other. */
export class SharedHost {
  readonly index: number;
  readonly between: Network;
  isStopped = false;
  readonly #options: SharedHostOptions;
  #life: Life | undefined;
  #lives = 0;

  constructor(options: SharedHostOptions) {
    this.#options = options;
    this.index = options.index;
    this.between = options.between;
  }

  get name(): string {
    return `host ${this.index}`;
  }

  /** The life that is on, where there is one. */
  get life(): Life | undefined {
    return this.#life?.isOver === false ? this.#life : undefined;
  }

  /** What it said of late on stderr. */
  get said(): string {
    return this.#life?.host.stderr() ?? '';
  }

  /** Under which it owns Workers now. */
  get hostId(): string | undefined {
    return [...this.said.matchAll(/"hostId":"([^"]+)","message":"this host has entered/g)].at(-1)?.[1];
  }

  async start(): Promise<void> {
    this.#lives += 1;
    const { folder, prefix, index, onEnd } = this.#options;
    const mark = `${prefix}host${index}-${this.#lives}`;
    const env = { WORKPORT_TOKEN: accessToken, [markVariable]: mark, NODE_OPTIONS: '--trace-warnings' };
    const host = await startServe({ cwd: hostFolder(folder, index), args: [], env, onEnd });
    this.#life = { host, mark, isOver: false };
  }

  async kill(): Promise<void> {
    const life = this.#living();
    life.isOver = true;
    life.host.child.kill('SIGKILL');
    await life.host.ended;
    this.complain();
  }

  /** Nothing of it runs until it goes on. */
  stop(): void {
    this.isStopped = true;
    stopProcess(this.#living().host.child);
  }

  goOn(): void {
    this.#living().host.child.kill('SIGCONT');
    this.isStopped = false;
  }

  /** Ends as it is asked to: what it can hand over it does. */
  async end(): Promise<void> {
    const life = this.#living();
    life.isOver = true;
    life.host.child.kill('SIGTERM');
    const timer = setTimeout(() => life.host.child.kill('SIGKILL'), drainMs);
    const { code, stderr } = await life.host.ended;
    clearTimeout(timer);
    claim(code === 0, 'a host ends as it is told to', { host: this.name, code, stderr: stderr.slice(-4_000) });
    this.complain();
  }

  /** The lease, the log and other hosts may fail; nothing else does. */
  complain(): void {
    const at = this.said.search(/"a defect"|in a form that is not known|Unhandled|Warning: /);
    if (at < 0) return;
    const from = this.said.lastIndexOf('\n', at) + 1;
    throw new RuleBroken(`W16: ${this.name} has no defect: ${this.said.slice(from, at + 2_000)}`);
  }

  #living(): Life {
    const { life } = this;
    if (!life) throw new Error(`${this.name} does not live`);
    return life;
  }
}
