import { defineBackend } from 'workport';

/** Takes one profile only. */
export const backend = () =>
  defineBackend({
    id: 'choosy',
    spawn: ({ profile }) =>
      Promise.resolve(
        profile.name === 'right'
          ? { outcome: 'connected', capabilities: { cancel: false, stop: false, recover: false, questions: false } }
          : { outcome: 'rejected', code: 'wrong-profile' },
      ),
    dispatch: () => Promise.resolve({ outcome: 'unsupported' }),
  });
