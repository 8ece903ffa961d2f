import assert from 'node:assert/strict';

import rpc from 'vscode-jsonrpc/node';

import { counted, isWhole } from '../lib/floods.mjs';
import { timed } from '../lib/trips.mjs';

async function connected({ input, output }, run) {
  const connection = rpc.createMessageConnection(
    new rpc.StreamMessageReader(input),
    new rpc.StreamMessageWriter(output),
  );
  connection.listen();
  try {
    await connection.sendRequest('initialize', {});
    return await run(connection);
  } finally {
    connection.dispose();
  }
}

/** A request, its answer, and the notification that came before it. */
export const rpcTrips = (other, count) =>
  connected(other, (connection) => {
    let said;
    connection.onNotification('event', ({ event }) => (said = event.text));
    return timed(count, async (trip, done) => {
      const text = String(trip);
      const { outcome } = await connection.sendRequest('input', { parts: [{ type: 'text', text }] });
      assert.equal(said, text);
      done();
      assert.equal(outcome, 'accepted');
    });
  });

/** Notifications as fast as they come. */
export const rpcFlood = (other, events) =>
  connected(other, (connection) =>
    counted(events, (arrived) => {
      connection.onNotification('event', ({ sequence, event }) => arrived(sequence, isWhole(event)));
      void connection.sendRequest('flood', { events }).catch(() => {});
    }),
  );
