// An agent that speaks the Agent Client Protocol on its stdio and does what the words of a prompt say (words.mjs), or
// misbehaves as `--misbehave NAME` says (misbehaviours.mjs).
import { Readable, Writable } from 'node:stream';

import { agent, methods, ndJsonStream, RequestError } from '@agentclientprotocol/sdk';

import { misbehaveAtStart } from './misbehaviours.mjs';
import { agentOptions } from './options.mjs';
import { sessionFolder } from './session-folder.mjs';
import { modeState, startSession } from './session.mjs';

const options = agentOptions(process.argv.slice(2), process.env);
misbehaveAtStart(options.misbehaves);

const folder = sessionFolder(options.sessions);
const sessions = new Map();
const said = {};
let authenticated = options.authenticate === undefined;

const authMethods = [
  { id: options.authenticate ?? 'test-key', name: 'A key for tests' },
  { id: 'test-login', name: 'A login for tests', description: 'Opens nothing' },
];

const never = new Promise(() => undefined);

/** A command that never ends, in a terminal of the client, before there is a session. */
async function openTerminal(client) {
  const { create, output } = methods.client.terminal;
  const command = { command: 'sh', args: ['-c', 'echo begun; exec sleep 300'] };
  try {
    const { terminalId } = await client.request(create, { sessionId: 'none', ...command });
    while ((await client.request(output, { sessionId: 'none', terminalId })).output === '');
    options.reached('terminal/create answered');
  } catch {
    options.reached('terminal/create refused');
  }
}

async function initialize({ params, client }) {
  said.initialize = params;
  options.reached('initialize');
  if (options.misbehaves('never-answers')) return never;
  if (options.misbehaves('opens-a-terminal-first')) await openTerminal(client);
  const { load, resume, images } = options;
  return {
    protocolVersion: options.misbehaves('wrong-version') ? 99 : 1,
    agentInfo: { name: 'scripted-agent', title: 'Scripted agent', version: '1.0.0' },
    agentCapabilities: {
      loadSession: load,
      promptCapabilities: { image: images },
      sessionCapabilities: resume ? { resume: {} } : {},
    },
    authMethods,
  };
}

function authenticate({ params }) {
  if (params.methodId !== options.authenticate) throw RequestError.invalidParams({ methodId: params.methodId });
  authenticated = true;
  return {};
}

function opened(id, { params, client }, past) {
  said.session = params;
  const session = startSession({ id, cwd: params.cwd, client, said, past, options, keep: folder.keeper(id) });
  sessions.set(id, session);
  return session;
}

function newSession(context) {
  options.reached('session/new');
  if (options.misbehaves('never-opens')) return never;
  if (options.misbehaves('refuses-sessions')) throw RequestError.internalError({ secret: options.secret });
  if (!authenticated || options.misbehaves('needs-authentication')) throw RequestError.authRequired();
  const session = opened(folder.create(context.params.cwd), context, []);
  if (options.afterNew) session.afterwards(options.afterNew);
  return { sessionId: session.id, modes: modeState(session) };
}

/** The past of a session that is kept; where it is `replayed`, the client is told all of it before the answer. */
const reopen = (replayed) => async (context) => {
  const { sessionId } = context.params;
  const past = folder.read(sessionId);
  if (past === undefined) throw RequestError.resourceNotFound(sessionId);
  const session = opened(sessionId, context, past);
  for (const update of replayed ? past : [])
    await context.client.notify(methods.client.session.update, { sessionId, update });
  return { modes: modeState(session) };
};

function sessionOf({ sessionId }) {
  const session = sessions.get(sessionId);
  if (!session) throw RequestError.resourceNotFound(sessionId);
  return session;
}

const app = agent({ name: 'scripted-agent' })
  .onRequest(methods.agent.initialize, initialize)
  .onRequest(methods.agent.authenticate, authenticate)
  .onRequest(methods.agent.session.new, newSession)
  .onRequest(methods.agent.session.prompt, ({ params }) => sessionOf(params).prompt(params.prompt))
  .onRequest(methods.agent.session.setMode, ({ params }) => sessionOf(params).setMode(params.modeId))
  .onNotification(methods.agent.session.cancel, ({ params }) => {
    if (!options.misbehaves('ignores-cancel')) sessions.get(params.sessionId)?.cancel();
  });
if (options.load) app.onRequest(methods.agent.session.load, reopen(true));
if (options.resume) app.onRequest(methods.agent.session.resume, reopen(false));

const stream = ndJsonStream(Writable.toWeb(process.stdout), Readable.toWeb(process.stdin));
void app.connect(stream).closed.then(() => {
  if (!options.misbehaves('ignores-stdin-end')) process.exit(0);
});
if (options.misbehaves('ignores-stdin-end')) setInterval(() => undefined, 60_000);
