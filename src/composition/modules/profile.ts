import { ContainerModule } from 'inversify';

import type { ExecutionBackend } from '../../ports/execution-backend.js';
import type { ProfileOptions } from '../../runtime/options.js';
import type { NamedProfile } from '../named-profile.js';
import { tokens } from '../tokens.js';

export interface ProfileModuleOptions extends Omit<ProfileOptions, 'backend'> {
  /** The name under which its backend is bound: the profile's own where absent. `null`: it has none. */
  readonly backend?: string | null | undefined;
}

/** Offers a backend, which a module of its own binds. Several profiles may offer the same. */
export function profileModule(name: string, { backend, ...offer }: ProfileModuleOptions): ContainerModule {
  const profile = (bound: ExecutionBackend | null): NamedProfile => ({ ...offer, name, backend: bound });
  return new ContainerModule(({ bind }) => {
    const binding = bind(tokens.profile);
    if (backend === null) return void binding.toConstantValue(profile(null));
    const bound = { serviceIdentifier: tokens.executionBackend, name: backend ?? name };
    binding.toResolvedValue((found: ExecutionBackend) => profile(found), [bound]).inSingletonScope();
  });
}
