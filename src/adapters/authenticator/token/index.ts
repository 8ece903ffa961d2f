export { accessEntry, hashToken, newToken, tokenAuthenticator } from './token-authenticator.js';
export type { TokenAuthenticator } from './token-authenticator.js';
export type { TokenEntry } from './options.js';
