import type { InputId } from '../../../domain/ids.js';
import type { Command, OutcomeOf } from '../../../ports/browser-gateway.js';

import type { HttpAnswer, HttpRequest } from './http.js';
import { randomUuid } from './ids.js';
import { inputPath, questionPath, workerPath, workersPath } from './paths.js';

type Accepted<C extends Command> = Extract<OutcomeOf<C>, { readonly outcome: 'accepted' }>;
type CommandOf<Type extends Command['type']> = Extract<Command, { readonly type: Type }>;

const newInputId = (): InputId => randomUuid() as InputId;

/** Under a key of the caller's own an id that is new each time would be other content. */
function firstInput({ input, idempotencyKey }: CommandOf<'create'>): object | undefined {
  if (!input) return undefined;
  const inputId = input.inputId ?? (idempotencyKey === undefined ? newInputId() : undefined);
  return { ...(inputId !== undefined && { inputId }), parts: input.parts };
}

function createRequest(command: CommandOf<'create'>): HttpRequest {
  const { runtimeId, profile, displayName, idempotencyKey = randomUuid() } = command;
  const input = firstInput(command);
  const body = { profile, ...(displayName !== undefined && { displayName }), ...(input && { input }) };
  return { ...post(workersPath(runtimeId), body, 'worker'), idempotencyKey: keyOf(idempotencyKey), isRepeatable: true };
}

/** A key that would not come out of a header as it went in is given as none that is good: the host refuses it. */
const keyOf = (key: string): string => (/^[!-~]{1,255}$/.test(key) ? key : '');

const post = (path: string, body: object, answers?: string): HttpRequest => ({
  method: 'POST',
  path,
  body,
  answers,
  isRepeatable: false,
});

/** The request of a command. An input gets an id here where it has none, a create a key: they may be sent again (W8), and so may a stop or delete (W13). */
export function requestOf(command: Command): HttpRequest {
  if (command.type === 'create') return createRequest(command);
  const path = workerPath(command.worker);
  switch (command.type) {
    case 'input': {
      const { inputId = newInputId(), parts } = command;
      return { ...post(`${path}/inputs`, { inputId, parts }, 'inputId'), isRepeatable: true };
    }
    case 'answer': {
      const { worker, questionId, answer } = command;
      const body = 'text' in answer ? { text: answer.text } : { optionId: answer.optionId };
      return post(`${questionPath(worker, questionId)}/answer`, body);
    }
    case 'cancel': {
      const { worker, inputId, deadlineMs } = command;
      const body = deadlineMs === undefined ? {} : { deadlineMs };
      return post(`${inputPath(worker, inputId)}/cancel`, body, 'end');
    }
    case 'reconnect':
      return post(`${path}/reconnect`, {}, 'worker');
    case 'stop': {
      const { graceMs } = command;
      return { ...post(`${path}/stop`, graceMs === undefined ? {} : { graceMs }, 'end'), isRepeatable: true };
    }
    case 'delete':
      return { method: 'DELETE', path, isRepeatable: true };
  }
}

/** The bodies of successful answers, with all that one or the other has. */
type Bodies = Accepted<CommandOf<'create'>> & Accepted<CommandOf<'input'>> & Accepted<CommandOf<'stop' | 'cancel'>>;

/** What a successful answer says, field by field. */
export function acceptedIn(type: Command['type'], { status, body }: HttpAnswer): Accepted<Command> {
  const { worker, inputId, cursor, end } = body as Bodies & { readonly end: 'stopped' };
  switch (type) {
    case 'create': {
      const first = { ...(inputId && { inputId }), ...(cursor && { cursor }) };
      return { outcome: 'accepted', worker, created: status === 201, ...first };
    }
    case 'input':
      return { outcome: 'accepted', inputId, cursor };
    case 'answer':
    case 'delete':
      return { outcome: 'accepted' };
    case 'cancel':
      return { outcome: 'accepted', end };
    case 'reconnect':
      return { outcome: 'accepted', worker };
    case 'stop':
      return { outcome: 'accepted', worker, end };
  }
}
