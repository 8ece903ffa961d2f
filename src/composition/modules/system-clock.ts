import { ContainerModule } from 'inversify';

import { systemClock } from '../../ports/clock.js';
import { tokens } from '../tokens.js';

export const systemClockModule = (): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(tokens.clock).toConstantValue(systemClock);
  });
