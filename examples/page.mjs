// What a page does. Run it with WORKPORT_URL and WORKPORT_TOKEN set; a bundler puts it into a browser as it is.
const { WORKPORT_URL: url, WORKPORT_TOKEN: token } = process.env;
/** @param {string} text */
const show = (text) => process.stdout.write(text);

// #region page
import { browserClient, workers } from 'workport/client';

const client = browserClient({
  url,
  token,
  WebSocket: globalThis.WebSocket, // without one: server-sent events
  onConnection: (state) => state === 'reconnecting' && show('(reconnecting …)\n'),
});
const created = await workers(client).create({
  runtimeId: 'local',
  profile: 'javascript',
  input: 'for (let i = 1; i < 4; i += 1) { console.log(i); await new Promise((go) => setTimeout(go, 50)); }',
});
if (created.outcome !== 'accepted') throw new Error(`no Worker: ${created.outcome}`);

const { handle } = created;
for await (const frame of handle.observe('start')) {
  const events = frame.type === 'events' ? frame.observations.map(({ event }) => event) : [];
  for (const event of events) if (event.type === 'output') show(event.text);
  if (events.some(({ type }) => type === 'input-ended')) break;
}
await handle.stop();
await client.close();
// #endregion page
