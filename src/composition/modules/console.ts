import { ContainerModule } from 'inversify';

import { consoleAssets } from '../../adapters/browser-gateway/console/index.js';
import { tokens } from '../tokens.js';

/** The console at `/`, where the host listens. */
export const consoleModule = (): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(tokens.assets).toConstantValue(consoleAssets());
  });
