import type * as acp from '@agentclientprotocol/sdk';

export type Sdk = typeof acp;

export const sdkName = '@agentclientprotocol/sdk';
/** For who would use agents without it. */
export const sdkMissing = `agents need the package ${sdkName}: npm install ${sdkName}`;

/** Loaded with the first agent that is started: it is an optional peer. */
export async function loadSdk(): Promise<Sdk> {
  try {
    return await import('@agentclientprotocol/sdk');
  } catch (cause) {
    throw new Error(sdkMissing, { cause });
  }
}
