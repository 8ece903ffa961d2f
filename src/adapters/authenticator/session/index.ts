export { sessionAuthenticator } from './session-authenticator.js';
