import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';

import { claim } from './claim.js';

interface Entry {
  readonly what: 'begin' | 'take-over' | 'resume' | 'end' | 'take' | 'strange';
  readonly pid: number;
  /** The mark of the life that it is part of: numbers of processes come back. */
  readonly life: string;
  readonly workerId: string;
  readonly generation?: number;
  readonly inputId?: string;
}

/** What the programs have done, by their own account. */
export class Account {
  readonly #file: string;
  #position = 0;
  readonly #takes = new Map<string, number>();
  readonly #begins = new Map<string, number>();
  readonly #begun = new Set<string>();
  /** The highest that a process was asked for, of each Worker. */
  readonly #generations = new Map<string, number>();
  /** By process of a life: the Workers that it executes. */
  readonly #executed = new Map<string, Set<string>>();

  constructor(file: string) {
    this.#file = file;
  }

  /** How often an input was executed. */
  takes(inputId: string): number {
    this.#read();
    return this.#takes.get(inputId) ?? 0;
  }

  /** How often a Worker's execution was begun or found again. */
  begins(workerId: string): number {
    this.#read();
    return this.#begins.get(workerId) ?? 0;
  }

  /** The Workers that these processes of a life execute. */
  executedBy(life: string, pids: ReadonlySet<number>): readonly string[] {
    this.#read();
    return [...pids].flatMap((pid) => [...(this.#executed.get(`${life} ${pid}`) ?? [])]);
  }

  /** What was added since it was last read: whole lines, each written at once. */
  #read(): void {
    if (!existsSync(this.#file)) return;
    const descriptor = openSync(this.#file, 'r');
    const added = Buffer.alloc(fstatSync(descriptor).size - this.#position);
    readSync(descriptor, added, 0, added.length, this.#position);
    closeSync(descriptor);
    const whole = added.lastIndexOf('\n') + 1;
    this.#position += whole;
    const lines = added.toString('utf8', 0, whole).split('\n').slice(0, -1);
    for (const line of lines) this.#take(JSON.parse(line) as Entry);
  }

  #take(entry: Entry): void {
    const { what, pid, life, workerId, generation, inputId } = entry;
    const process = `${life} ${pid}`;
    const executed = this.#executed.get(process) ?? new Set();
    this.#executed.set(process, executed);
    claim(what !== 'strange', 'R2: a recover names the position that the program knows', entry);
    if (what === 'end') executed.delete(workerId);
    if (what === 'begin' || what === 'take-over' || what === 'resume') {
      // Whose answer was lost with its process is asked again of the next one, but for a spawn.
      const name = `${workerId} ${generation} ${what === 'begin' ? '' : process}`;
      claim(!this.#begun.has(name), 'R5: an execution is begun once under its generation', entry);
      this.#begun.add(name);
      this.#begins.set(workerId, (this.#begins.get(workerId) ?? 0) + 1);
      executed.add(workerId);
    }
    if (generation !== undefined && what !== 'end') this.#generation(generation, `${process} ${workerId}`, entry);
    if (what === 'take' && inputId !== undefined) {
      const takes = (this.#takes.get(inputId) ?? 0) + 1;
      claim(takes === 1, 'W8: an input is executed at most once', entry);
      this.#takes.set(inputId, takes);
    }
  }

  /** Of hosts that ask one program, those that own the Worker no more are refused. */
  #generation(generation: number, execution: string, entry: Entry): void {
    const highest = this.#generations.get(execution) ?? 0;
    claim(generation >= highest, 'E6: nothing is done for an earlier generation', { entry, highest });
    this.#generations.set(execution, generation);
  }
}
