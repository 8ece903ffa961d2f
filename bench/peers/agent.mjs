import assert from 'node:assert/strict';
import { Readable, Writable } from 'node:stream';

import { PROTOCOL_VERSION, client, methods, ndJsonStream } from '@agentclientprotocol/sdk';

import { chunk300 } from '../lib/events.mjs';
import { counted } from '../lib/floods.mjs';
import { timed } from '../lib/trips.mjs';

const { initialize, session } = methods.agent;

/** `onUpdate` is given each update of the session in which `run` prompts. */
async function prompting({ input, output }, run) {
  let onUpdate;
  const app = client({ name: 'bench' }).onNotification(methods.client.session.update, ({ params }) => {
    onUpdate(params.update);
  });
  const connection = app.connect(ndJsonStream(Writable.toWeb(output), Readable.toWeb(input)));
  try {
    const { agent } = connection;
    await agent.request(initialize, { protocolVersion: PROTOCOL_VERSION, clientCapabilities: {} });
    const { sessionId } = await agent.request(session.new, { cwd: '/', mcpServers: [] });
    const prompt = (text) => agent.request(session.prompt, { sessionId, prompt: [{ type: 'text', text }] });
    return await run(prompt, (take) => (onUpdate = take));
  } finally {
    connection.close();
  }
}

/** A prompt, its answer, and the update that came before it. */
export const agentTrips = (other, count) =>
  prompting(other, (prompt, updates) => {
    let said;
    updates(({ content }) => (said = content.text));
    return timed(count, async (trip, done) => {
      const text = String(trip);
      const { stopReason } = await prompt(text);
      assert.equal(said, text);
      done();
      assert.equal(stopReason, 'end_turn');
    });
  });

/** Updates as fast as they come; their numbers are the ids of their messages. */
export const agentFlood = (other, events) =>
  prompting(other, (prompt, updates) =>
    counted(events, (arrived) => {
      updates(({ messageId, content }) =>
        arrived(Number(messageId), content.text.length === chunk300.content.text.length),
      );
      void prompt(`flood ${events}`).catch(() => {});
    }),
  );
