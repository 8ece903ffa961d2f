import 'reflect-metadata';

import { Container } from 'inversify';
import type { ContainerModule } from 'inversify';

export interface ContainerSettings {
  /** A container of the program around: what is bound there need not be bound here. */
  readonly parent?: Container | undefined;
}

/** A container with these modules. Nothing is made before it is asked for. */
export function hostContainer(modules: readonly ContainerModule[], { parent }: ContainerSettings = {}): Container {
  const container = new Container({ defaultScope: 'Singleton', ...(parent && { parent }) });
  container.load(...modules);
  return container;
}
