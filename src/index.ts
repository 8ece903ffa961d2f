import { inMemoryLog } from './adapters/worker-log/in-memory/index.js';
import { runtimeFactory } from './runtime/create-runtime.js';

/** Owns Workers and serves them as a gateway; keeps them in memory where no log is given. Throws `TypeError` for options of the wrong form. */
export const createRuntime = runtimeFactory(() => inMemoryLog());

export { inMemoryLog } from './adapters/worker-log/in-memory/index.js';
export { audited } from './runtime/audited.js';
export { authenticators } from './runtime/authenticators.js';
export { mountRuntime } from './runtime/mount-runtime.js';
export type { MountOptions } from './runtime/mount-runtime.js';
export { registry } from './runtime/registry.js';
export { scoped } from './runtime/scoped.js';
export type { Runtime } from './runtime/create-runtime.js';
export type { ClusterOptions, ProfileOptions, RuntimeOptions } from './runtime/options.js';
export type { Deadlines, RuntimeLimits } from './runtime/deadlines.js';

export { defineBackend } from './adapters/execution-backend/define-backend.js';
export type { BackendDefinition } from './adapters/execution-backend/define-backend.js';
export { generatorBackend } from './adapters/execution-backend/generator-backend.js';
export type { GeneratorBackendOptions } from './adapters/execution-backend/generator-backend.js';
export {
  notice,
  output,
  planUpdated,
  reasoning,
  text,
  toolCallEnded,
  toolCallStarted,
  toolCallUpdated,
  usage,
} from './adapters/execution-backend/generator/events.js';
export { failed, refused } from './adapters/execution-backend/generator/run-end.js';

export {
  erroredCodes,
  publishRefusalCodes,
  rejectedCodes,
  runFailureCodes,
  streamEndCodes,
  unconnectedReasons,
} from './domain/codes.js';
export type {
  ErroredCode,
  PublishRefusalCode,
  ReasonCode,
  RejectedCode,
  RunFailureCode,
  StreamEndCode,
  UnconnectedReason,
} from './domain/codes.js';
export {
  BackendId,
  CorrelationId,
  Generation,
  InputId,
  QuestionId,
  RuntimeId,
  Sequence,
  WorkerId,
} from './domain/ids.js';
export type { Json } from './domain/ids.js';
export type { Busy, Errored, Outcome, Refusal, Rejected, Unsupported } from './domain/outcome.js';
export type { Cursor } from './domain/observation/cursor.js';
export type {
  Answer,
  BackendEvent,
  Diff,
  Observation,
  ObservedEvent,
  Part,
  PlanStep,
  QuestionOption,
} from './domain/observation/event.js';
export type { EncodedObservation } from './domain/observation/encoded.js';
export type { TranscriptEntry, TranscriptPart } from './domain/observation/transcript.js';
export type {
  OpenQuestionView,
  ProfileView,
  PublicStatus,
  RuntimeView,
  WorkerView,
} from './domain/observation/view.js';
export type { CreationRecord } from './ports/creation-record.js';
export type { Admission, Authenticator, Exchange, Principal, Scope, Sessions } from './ports/authenticator.js';
export type {
  AnswerOf,
  BrowserGateway,
  CallOptions,
  Command,
  Frame,
  Gap,
  OutcomeOf,
  Query,
  WorkerRef,
} from './ports/browser-gateway.js';
export type { Clock } from './ports/clock.js';
export type {
  CallContext,
  CancelOutcome,
  CancelRequest,
  Capabilities,
  ControlOutcome,
  DispatchOutcome,
  ExecutionBackend,
  ExecutionFacts,
  ExecutionHandle,
  ExecutionInput,
  Position,
  QuestionAnswer,
  RecoverOutcome,
  RecoverRequest,
  Refused,
  SpawnOutcome,
  SpawnRequest,
  StopOutcome,
  StopRequest,
} from './ports/execution-backend.js';
export type { HostAnswerer, HostLink, HostReply } from './ports/host-link.js';
export type { Logger, LogFields } from './ports/logger.js';
export type { ExecutionExit, ObservationPublisher, PublishResult, Recorded } from './ports/observation-publisher.js';
export type { HostId, Owner, OwnerDuties, WorkerOwnership } from './ports/worker-ownership.js';
export type { AppendBatch, AppendResult, LedgerEntry, LogPage, WorkerHead, WorkerLog } from './ports/worker-log.js';
