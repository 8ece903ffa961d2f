import { failed, generatorBackend, text } from 'workport';

import { scriptedBackend } from '../contracts/scripted-backend.mjs';

export const backend = () => scriptedBackend({ generatorBackend, text, failed }, { recover: true });
