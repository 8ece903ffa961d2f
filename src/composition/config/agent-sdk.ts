import { createRequire } from 'node:module';

import { sdkMissing, sdkName } from '../../adapters/execution-backend/acp/sdk.js';
import { ConfigError } from './config-error.js';

/** Refuses a profile of agents where the package that they need is not installed. */
export function requireAgentSdk(profile: string): void {
  try {
    createRequire(import.meta.url).resolve(sdkName);
  } catch {
    throw new ConfigError([`profiles.${profile}: ${sdkMissing}`]);
  }
}
