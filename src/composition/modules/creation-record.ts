import { ContainerModule } from 'inversify';

import { fileCreationRecord } from '../../adapters/creation-record/file/index.js';
import type { Logger } from '../../ports/logger.js';
import { tokens } from '../tokens.js';

/** Who created which Worker of a mounted Runtime, in a file: known again after a restart. */
export const creationRecordModule = ({ path }: { readonly path: string }): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(tokens.creationRecord)
      .toResolvedValue((logger: Logger) => fileCreationRecord(path, { logger }), [tokens.logger])
      .inSingletonScope();
  });
