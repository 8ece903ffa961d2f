import * as workport from 'workport';

import { scriptedBackend } from '../contracts/scripted-backend.mjs';

/** Accepts a cancel and ends the run a moment later. */
export default function backend() {
  const sound = scriptedBackend(workport);
  return {
    ...sound,
    cancel: (...given) => {
      setTimeout(() => sound.cancel(...given), 20);
      return Promise.resolve({ outcome: 'accepted' });
    },
  };
}
