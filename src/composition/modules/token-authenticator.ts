import { ContainerModule } from 'inversify';

import type { TokenEntry } from '../../adapters/authenticator/token/index.js';
import { tokenAuthenticator } from '../../adapters/authenticator/token/index.js';
import { tokens } from '../tokens.js';

export const tokenAuthenticatorModule = (entries: readonly TokenEntry[]): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(tokens.authenticator)
      .toResolvedValue(() => tokenAuthenticator(entries))
      .inSingletonScope();
  });
