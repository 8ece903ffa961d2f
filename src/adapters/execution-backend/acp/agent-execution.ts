import type { RequestPermissionRequest, RequestPermissionResponse } from '@agentclientprotocol/sdk';

import type { Generation, InputId } from '../../../domain/ids.js';
import type {
  CancelOutcome,
  CancelRequest,
  ControlOutcome,
  DispatchOutcome,
  ExecutionFacts,
  ExecutionInput,
  QuestionAnswer,
  RecoverOutcome,
  RecoverRequest,
  Refused,
  SpawnOutcome,
} from '../../../ports/execution-backend.js';
import type { ObservationPublisher } from '../../../ports/observation-publisher.js';

import type { Beginning, HeldExecution } from '../held/held-executions.js';
import { gone, inputNotOpen, rememberedInputs } from '../held/held-executions.js';
import { Outlet } from '../held/outlet.js';
import { Recent } from '../held/recent.js';
import { settledWithin } from '../held/settled-within.js';
import { takeOver } from '../held/take-over.js';
import { programEnvironment } from '../process/index.js';
import { unavailable, unsupported } from '../wire/refusals.js';
import type { AgentProgramDependencies } from './agent-program.js';
import { AgentProgram } from './agent-program.js';
import { AgentRun } from './agent-run.js';
import { AgentVoice } from './agent-voice.js';
import { hostServices } from './host-services.js';
import { recoverState, sessionNotification, toolCall } from './messages.js';
import type { CheckedOptions } from './options.js';
import { notAnswered } from './permission.js';
import { agentCodes } from './run-end.js';
import type { Sdk } from './sdk.js';
import type { StartedSession } from './session-start.js';
import { refusalOf, SessionLost, setMode, startSession } from './session-start.js';
import { Terminals } from './terminals.js';

export interface AgentExecutionParts {
  readonly options: CheckedOptions;
  readonly dependencies: AgentProgramDependencies;
  readonly sdk: () => Promise<Sdk>;
}

/** How long a run that is stopped may take to end; never past half the grace. */
const runGraceMs = 1_500;
type Lost = Extract<RecoverOutcome, { readonly outcome: 'lost' }>;
const lost: Lost = { outcome: 'lost' };

/** One Worker's agent: its program, its session, and at most one prompt at a time. */
export class AgentExecution implements HeldExecution {
  readonly #parts: AgentExecutionParts;
  readonly #beginning: Beginning;
  readonly #outlet: Outlet;
  readonly #voice: AgentVoice;
  readonly #terminals: Terminals;
  /** The inputs it took last: each is run once, however often it is handed over (W8). */
  readonly #inputs = new Recent<InputId, true>(rememberedInputs);
  #generation: Generation;
  #program: AgentProgram | undefined;
  #session: StartedSession | undefined;
  #run: AgentRun | undefined;
  #isEnding = false;

  constructor(generation: Generation, beginning: Beginning, parts: AgentExecutionParts) {
    const { options, dependencies } = parts;
    this.#parts = parts;
    this.#beginning = beginning;
    this.#generation = generation;
    this.#outlet = new Outlet(beginning.publisher, true);
    this.#terminals = new Terminals(
      { cwd: options.cwd, environment: () => programEnvironment(options.env) },
      dependencies,
    );
    this.#voice = new AgentVoice({
      outlet: this.#outlet,
      clock: dependencies.clock,
      logger: dependencies.logger,
      prefix: `g${generation}`,
      cwd: options.cwd,
      terminalText: (terminalId) => this.#terminals.textOf(terminalId),
      // One that is ending keeps its grace.
      onFenced: () => void (this.#isEnding || this.end(0)),
    });
  }

  get generation(): Generation {
    return this.#generation;
  }

  async spawn(): Promise<SpawnOutcome> {
    const { startMs } = this.#parts.options;
    const begun = await this.#begin(undefined, startMs);
    if (!('outcome' in begun)) return { outcome: 'connected', ...begun };
    return begun.outcome === 'lost' ? unavailable() : begun;
  }

  /** Begins the agent anew, with the session that it had: the run that was open then is over. */
  async resume({ handle, inputId, deadlineMs }: RecoverRequest): Promise<RecoverOutcome> {
    const { data: state } = recoverState.safeParse(handle.recoverState);
    if (state?.workerId !== handle.workerId) return lost;
    if (inputId !== undefined) return unavailable('the run that was open has ended with its agent');
    const begun = await this.#begin(state.sessionId, Math.min(this.#parts.options.startMs, deadlineMs));
    return 'outcome' in begun ? begun : { outcome: 'adopted', ...begun };
  }

  async dispatch(input: ExecutionInput): Promise<DispatchOutcome> {
    const program = this.#program;
    if (this.#inputs.has(input.inputId)) return { outcome: 'accepted' };
    if (!program || !this.#session || this.#isEnding || program.isLost) return gone;
    if (this.#run?.isOpen) return { outcome: 'busy' };
    if (!this.#session.takesImages && input.parts.some(({ type }) => type === 'blob'))
      return { outcome: 'rejected', code: 'image-unsupported' };
    this.#inputs.set(input.inputId, true);
    const run = new AgentRun(input, {
      program,
      sessionId: this.#session.sessionId,
      logger: this.#parts.dependencies.logger,
      publish: (event) => this.#voice.publish(event),
      onEnded: () => this.#voice.endRun(),
    });
    this.#run = run;
    try {
      await run.written;
      // What the agent has said before is not of this run.
      if (run.isOpen) this.#voice.beginRun(input.inputId);
      return { outcome: 'accepted' };
    } catch {
      return { outcome: 'unknown' };
    }
  }

  answer(answer: QuestionAnswer): ControlOutcome {
    return this.#run?.answer(answer) ?? { outcome: 'rejected', code: 'question-unknown' };
  }

  /** Answers when the agent has ended the run. Where it never does, the Runtime's deadline closes the generation. */
  async cancel({ inputId }: CancelRequest): Promise<CancelOutcome> {
    const run = this.#run;
    if (!run?.isOpen || run.inputId !== inputId) return inputNotOpen;
    await run.cancel();
    return { outcome: 'accepted' };
  }

  async recover(request: RecoverRequest, publisher: ObservationPublisher): Promise<RecoverOutcome> {
    const { handle, position, deadlineMs } = request;
    const session = this.#session;
    if (!session || this.#isEnding || this.#program?.isLost) return lost;
    if (!session.canLoad) return unsupported;
    if (!this.#outlet.covers(position)) return lost;
    const isResumed = handle.generation === this.#generation;
    this.#generation = handle.generation;
    const run = this.#run?.isOpen ? this.#run : undefined;
    const { clock } = this.#parts.dependencies;
    const silence = async (): Promise<boolean> => !run || settledWithin(run.cancel('silently'), deadlineMs / 2, clock);
    const living = { outlet: this.#outlet, inputs: this.#inputs, run, silence, isResumed };
    const answer = await takeOver(request, publisher, living);
    return answer ? { outcome: 'adopted', ...this.#factsOf(session), ...answer } : lost;
  }

  /** Ends the run, then the agent and what runs for it. */
  async end(graceMs: number): Promise<'stopped' | 'killed'> {
    this.#isEnding = true;
    const { clock } = this.#parts.dependencies;
    const endAt = clock.now() + graceMs;
    const run = this.#run;
    if (run?.isOpen) {
      await settledWithin(run.cancel(), Math.min(runGraceMs, graceMs / 2), clock);
      await settledWithin(run.abandon(), Math.max(0, endAt - clock.now()), clock);
    }
    this.#voice.end();
    const leftMs = Math.max(0, endAt - clock.now());
    const [ending] = await Promise.all([this.#program?.end('stop', leftMs), this.#terminals.end()]);
    return ending?.killed ? 'killed' : 'stopped';
  }

  /** Starts the agent and its session, within `withinMs`. Refused: nothing of it runs. */
  async #begin(sessionId: string | undefined, withinMs: number): Promise<ExecutionFacts | Refused | Lost> {
    await this.#beginning.former;
    if (this.#hasEnded()) return gone;
    const { options, dependencies } = this.#parts;
    let program: AgentProgram | undefined;
    try {
      const loaded = await this.#parts.sdk();
      if (this.#hasEnded()) return gone;
      program = this.#start(loaded);
      const { clock } = dependencies;
      const running = program;
      const late = clock.after(withinMs, () => void running.end('start-timeout', 0));
      try {
        this.#session = await startSession(program, options, sessionId);
        await setMode(program, this.#session, options);
      } finally {
        late();
      }
      if (this.#hasEnded()) return gone;
    } catch (cause) {
      await Promise.all([program?.end('start-failed', Math.min(options.graceMs, 1_000)), this.#terminals.end()]);
      if (!(cause instanceof SessionLost)) return refusalOf(cause, program?.noise ?? []);
      dependencies.logger.warn('an agent does not find its session again', { cause });
      return lost;
    }
    this.#voice.offer(this.#session.modes);
    void this.#watch(program, this.#session);
    return this.#factsOf(this.#session);
  }

  #hasEnded(): boolean {
    return this.#isEnding;
  }

  #start(sdk: Sdk): AgentProgram {
    const { options, dependencies } = this.#parts;
    const { command, args, cwd, env, graceMs } = options;
    const client = hostServices(sdk, {
      options,
      terminals: this.#terminals,
      permit: (request, signal) => this.#permit(request, signal),
    });
    const program = { command, args, cwd, environment: programEnvironment(env) };
    this.#program = new AgentProgram(
      { program, client, onUpdate: (params) => this.#hear(params), graceMs },
      dependencies,
    );
    return this.#program;
  }

  /** What is told before the session is there is what a session that is found again replays: the log has it. */
  async #hear(params: unknown): Promise<void> {
    const { data } = sessionNotification.safeParse(params);
    if (data && data.sessionId === this.#session?.sessionId) await this.#voice.tell(data.update);
  }

  async #permit(request: RequestPermissionRequest, signal: AbortSignal): Promise<RequestPermissionResponse> {
    const call = toolCall.parse(request.toolCall);
    const run = this.#run;
    const prompt = await this.#voice.tellCall(call);
    if (run?.isOpen) return run.permit(request, prompt, signal);
    const text = `The agent asks for a permission while nobody has asked it for anything, and does not get it: ${prompt}`;
    await this.#voice.publish({ type: 'notice', level: 'warning', text });
    return notAnswered;
  }

  /** An agent that ends by itself takes its execution with it; a session that can be loaded is only out of reach. */
  async #watch(program: AgentProgram, { canLoad }: StartedSession): Promise<void> {
    const { exit, cause } = await program.ended;
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#parts.dependencies.logger.info('an agent has ended', { exit, cause });
    this.#voice.end();
    await this.#terminals.end();
    // Who hears of it may ask for the session again at once, and does not find what is left of this one.
    this.#beginning.gone();
    await this.#outlet.disconnect(canLoad ? { kind: 'connection-lost' } : exit);
  }

  #factsOf({ sessionId, canLoad }: StartedSession): ExecutionFacts {
    const { workerId } = this.#beginning.publisher;
    return {
      capabilities: { cancel: true, stop: true, recover: canLoad, questions: true },
      codes: agentCodes,
      ...(canLoad && { recoverState: { workerId, sessionId } }),
    };
  }
}
