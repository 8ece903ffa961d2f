import type { WorkerCommand } from './command.js';
import type { Circumstances, Decision } from './decision.js';
import {
  decideAnswered,
  decideDecided,
  decideDispatched,
  decideRecovered,
  decideSpawned,
  decideStopAnswered,
} from './decide-backend.js';
import {
  decideAnswer,
  decideCancel,
  decideCreate,
  decideDelete,
  decideReconnect,
  decideStop,
} from './decide-client.js';
import { decideDisconnected, decideFaulted, decidePublished } from './decide-event.js';
import { decideClosing, decideDeadline, decideLogRestored, decideOwedStop, decideRecover } from './decide-host.js';
import { decideInput } from './decide-input.js';
import type { WorkerState } from './state.js';

/**
 * What a Worker answers to a command, what is recorded of it, and what is asked of its backend. Pure: it neither
 * waits nor throws; a refusal is a value. The facts take effect only when they are appended (W19).
 */
export function decide(state: WorkerState, command: WorkerCommand, circumstances: Circumstances): Decision {
  switch (command.type) {
    case 'create':
      return decideCreate(state, command, circumstances);
    case 'input':
      return decideInput(state, command, circumstances);
    case 'answer':
      return decideAnswer(state, command, circumstances);
    case 'cancel':
      return decideCancel(state, command, circumstances);
    case 'reconnect':
      return decideReconnect(state, command, circumstances);
    case 'stop':
      return decideStop(state, command, circumstances);
    case 'delete':
      return decideDelete(state);
    case 'spawn-answered':
      return decideSpawned(state, command, circumstances);
    case 'recover-answered':
      return decideRecovered(state, command, circumstances);
    case 'dispatch-answered':
      return decideDispatched(state, command, circumstances);
    case 'answer-answered':
      return decideAnswered(state, command, circumstances);
    case 'stop-answered':
      return decideStopAnswered(state, command, circumstances);
    case 'input-decided':
      return decideDecided(state, command, circumstances);
    case 'published':
      return decidePublished(state, command, circumstances);
    case 'disconnected':
      return decideDisconnected(state, command, circumstances);
    case 'generation-faulted':
      return decideFaulted(state, command, circumstances);
    case 'deadline-passed':
      return decideDeadline(state, circumstances);
    case 'recover':
      return decideRecover(state, command, circumstances);
    case 'host-closing':
      return decideClosing(state, circumstances);
    case 'log-restored':
      return decideLogRestored(state, circumstances);
    case 'owed-stop-answered':
      return decideOwedStop(state, command);
  }
}
