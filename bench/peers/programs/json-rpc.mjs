import rpc from 'vscode-jsonrpc/node';

import { ownEnd } from '../../lib/ends.mjs';
import { event300 } from '../../lib/events.mjs';

const { input, output } = await ownEnd();
const connection = rpc.createMessageConnection(new rpc.StreamMessageReader(input), new rpc.StreamMessageWriter(output));
connection.onRequest('initialize', () => ({}));
connection.onRequest('input', ({ parts }) => {
  void connection.sendNotification('event', { event: { type: 'text-delta', messageId: 'm', text: parts[0].text } });
  return { outcome: 'accepted' };
});
connection.onRequest('flood', async ({ events }) => {
  for (let sequence = 1; sequence <= events; sequence += 1) {
    const written = connection.sendNotification('event', { sequence, event: event300 });
    if (sequence % 64 === 0) await written;
  }
  return {};
});
connection.listen();
