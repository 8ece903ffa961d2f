import * as workport from 'workport';

import { scriptedBackend } from '../contracts/scripted-backend.mjs';

export const backend = () => scriptedBackend(workport);
