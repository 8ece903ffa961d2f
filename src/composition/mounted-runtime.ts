import type { RuntimeId } from '../domain/ids.js';
import type { BrowserGateway } from '../ports/browser-gateway.js';

/** A Runtime of another host, under its name here. */
export interface MountedRuntime extends AsyncDisposable {
  readonly runtimeId: RuntimeId;
  readonly gateway: BrowserGateway;
}
