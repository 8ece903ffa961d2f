import { ContainerModule } from 'inversify';

import type { ExecutionBackend } from '../../ports/execution-backend.js';
import { tokens } from '../tokens.js';

/** A backend that the program around has made. */
export const backendModule = (name: string, backend: ExecutionBackend): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(tokens.executionBackend).toConstantValue(backend).whenNamed(name);
  });
