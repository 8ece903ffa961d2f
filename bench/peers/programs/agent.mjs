import { Readable, Writable } from 'node:stream';

import { PROTOCOL_VERSION, agent, methods, ndJsonStream } from '@agentclientprotocol/sdk';

import { ownEnd } from '../../lib/ends.mjs';
import { chunk300 } from '../../lib/events.mjs';

const { initialize, session } = methods.agent;
const said = (text) => ({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } });

async function flood(say, events) {
  for (let sequence = 1; sequence <= events; sequence += 1) {
    const written = say({ ...chunk300, messageId: String(sequence) });
    if (sequence % 64 === 0) await written;
  }
}

const { input, output } = await ownEnd();
agent({ name: 'bench' })
  .onRequest(initialize, () => ({ protocolVersion: PROTOCOL_VERSION, agentCapabilities: {} }))
  .onRequest(session.new, () => ({ sessionId: 'session' }))
  .onRequest(session.prompt, async ({ params, client }) => {
    const { sessionId, prompt } = params;
    const say = (update) => client.notify(methods.client.session.update, { sessionId, update });
    const [, events] = /^flood (\d+)$/.exec(prompt[0].text) ?? [];
    if (events) await flood(say, Number(events));
    else await say(said(prompt[0].text));
    return { stopReason: 'end_turn' };
  })
  .connect(ndJsonStream(Writable.toWeb(output), Readable.toWeb(input)));
