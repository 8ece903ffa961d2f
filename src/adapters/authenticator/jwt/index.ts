export { jwtAuthenticator } from './jwt-authenticator.js';
export type { JwtAuthenticator, JwtDependencies } from './jwt-authenticator.js';
export type { JwtAlgorithm, JwtOptions } from './options.js';
