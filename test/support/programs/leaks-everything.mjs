// A backend that tells its secrets wherever the wire lets it say something that is no content. CANARIES holds them;
// the profile's options say how it spawns, an input says what it does next. It speaks on stdin and stdout, or to all who
// connect to the path that follows `--listen`.
import { chmod } from 'node:fs/promises';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

const secret = JSON.parse(process.env.CANARIES);
const sequences = new Map();

/** Speaks on a pair of streams; `leave` is its way to be gone. */
function serve(input, output, leave) {
  const send = (message) => output.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const answer = ({ id }, result) => send({ id, result: { ...result, secret: secret.resultField } });
  const fail = ({ id }) =>
    send({
      id,
      error: { code: -32000, message: secret.rpcError, data: { kind: secret.rpcKind, correlationId: secret.rpcError } },
    });
  const accept = (request, more) => answer(request, { outcome: 'accepted', ...more });

  function publish({ params: { workerId, generation, inputId } }, ...events) {
    const execution = `${workerId} ${generation}`;
    const sequence = (sequences.get(execution) ?? 0) + 1;
    sequences.set(execution, sequence + events.length - 1);
    const told = events.map((event) => ({
      inputId,
      secret: secret.eventField,
      event: { ...event, secret: secret.eventField },
    }));
    send({
      method: 'worker/events',
      params: { workerId, generation, sequence, secret: secret.eventField, events: told },
    });
  }
  const ended = (end = 'completed', code) => ({
    type: 'run-ended',
    end,
    ...(code && { code }),
    secret: secret.eventField,
  });
  const said = (text, messageId = 'm1') => ({ type: 'text-completed', messageId, text });

  const connected = {
    outcome: 'connected',
    capabilities: { cancel: { secret: secret.capability }, stop: {}, questions: {}, recover: {} },
    codes: ['declared-code'],
    recoverState: { secret: secret.recoverState },
  };
  const spawns = {
    connected: (request) => answer(request, connected),
    rejected: (request) => answer(request, { outcome: 'rejected', code: secret.spawnRejected, detail: secret.detail }),
    errored: (request) => answer(request, { outcome: 'errored', code: secret.spawnErrored, detail: secret.detail }),
    rpcError: fail,
    wrong: (request) => answer(request, { outcome: secret.wrongAnswer }),
    codes: (request) => answer(request, { ...connected, codes: [secret.notACode] }),
    exit: () => {
      process.stderr.write(`${secret.dying}\n`, leave);
    },
  };

  const inputs = {
    content: (request) => (accept(request), publish(request, said('content-marker'), ended())),
    declared: (request) => (accept(request), publish(request, ended('failed', 'declared-code'))),
    undeclared: (request) => (accept(request), publish(request, ended('failed', secret.runCode))),
    noCode: (request) => (accept(request), publish(request, ended('refused', secret.notACode))),
    rejected: (request) => answer(request, { outcome: 'rejected', code: secret.inputRejected, detail: secret.detail }),
    declaredRejected: (request) => answer(request, { outcome: 'rejected', code: 'declared-code' }),
    errored: (request) => answer(request, { outcome: 'errored', code: secret.inputErrored, detail: secret.detail }),
    rpcError: fail,
    wrong: (request) => answer(request, { outcome: secret.wrongAnswer, code: secret.wrongAnswer }),
    badId: (request) => (accept(request), publish(request, said('x', secret.badId), ended())),
    unknownType: (request) => (
      accept(request),
      publish(request, { type: secret.eventType, text: secret.eventType }, ended())
    ),
    otherInput: (request) => {
      accept(request);
      publish(
        { params: { ...request.params, inputId: '00000000-0000-4000-8000-000000000000' } },
        said(secret.otherInput),
      );
      publish(request, ended());
    },
    garbage: (request) => (accept(request), output.write(`${secret.garbage}\n`.repeat(4))),
    log: (request) => {
      process.stderr.write(`${secret.stderr}\n`);
      send({ method: 'log', params: { level: 'error', text: secret.log } });
      send({ method: 'unknown/notification', params: { secret: secret.eventField } });
      send({ id: 'q1', method: 'unknown/request', params: { secret: secret.eventField } });
      accept(request);
      publish(request, ended());
    },
    exit: (request) => {
      accept(request);
      process.stderr.write(`${secret.dying}\n`, leave);
    },
    ask: (request) => {
      const options = [{ optionId: 'yes', label: 'Yes', secret: secret.eventField }];
      accept(request);
      publish(request, { type: 'question-asked', questionId: 'q1', prompt: 'Sure?', options });
    },
    hang: (request) => accept(request),
  };

  const methods = {
    initialize: ({ id }) =>
      send({
        id,
        result: { protocolVersion: 1, backend: { name: secret.backendName, version: secret.backendName }, limits: {} },
      }),
    'worker/spawn': (request) => spawns[request.params.profile.options.spawn](request),
    'worker/input': (request) => inputs[request.params.parts[0].text](request),
    'worker/answer': (request) => answer(request, { outcome: 'rejected', code: secret.answerRejected }),
    'worker/cancel': (request) => answer(request, { outcome: 'errored', code: secret.cancelErrored }),
    'worker/recover': (request) => answer(request, { outcome: 'errored', code: secret.recoverErrored }),
    'worker/stop': (request) => accept(request, { end: 'stopped', detail: secret.detail }),
    shutdown: (request) => answer(request, {}),
  };

  const lines = createInterface({ input });
  lines.on('line', (line) => {
    const message = JSON.parse(line);
    if (message.id !== undefined) methods[message.method]?.(message);
  });
  return lines;
}

const path = process.argv[process.argv.indexOf('--listen') + 1];
if (process.argv.includes('--listen')) {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    serve(socket, socket, () => socket.destroy());
  });
  server.listen(path, async () => {
    await chmod(path, 0o600);
    console.log('listening');
  });
} else {
  serve(process.stdin, process.stdout, () => process.exit(7)).on('close', () => process.exit(0));
}
