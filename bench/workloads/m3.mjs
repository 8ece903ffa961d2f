import { overPipes, talking } from '../lib/ends.mjs';
import { observeFlood } from '../lib/floods.mjs';
import { streaming, streamingPeers } from '../lib/streaming.mjs';
import { subprocess } from '../lib/workport.mjs';

/** A subprocess streams events through EBP into the log to one observer, beside a bare reader of the same events. */
export const m3 = {
  what: 'a subprocess streams 1,000,000 events into the log to one observer',
  peers: streamingPeers,
  run: (options) => streaming(piped, options),
};

const piped = {
  workload: 'a subprocess streams into the log to one observer',
  least: 1,
  ours: (events) => observeFlood(subprocess('flood-backend.mjs'), events),
  over: (file, run) => talking(overPipes(file), run),
};
