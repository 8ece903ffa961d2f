export { accessToken, hashToken, newToken, tokenAuthenticator } from './token-authenticator.js';
export type { TokenEntry } from './options.js';
