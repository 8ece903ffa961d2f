import * as workport from 'workport';

import { scriptedBackend } from '../contracts/scripted-backend.mjs';

/** Rejects a promise that nobody holds, and prints. */
export const backend = async () => {
  console.log('a backend was made');
  const sound = scriptedBackend(workport);
  return {
    ...sound,
    stop: (...given) => {
      void Promise.reject(new Error('lost'));
      return sound.stop(...given);
    },
  };
};
