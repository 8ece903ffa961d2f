import type { Container, ServiceIdentifier } from 'inversify';

import type { HttpOptions } from '../adapters/browser-gateway/http/index.js';
import { hostContainer } from './container.js';
import { httpModule } from './modules/http.js';
import { resolve, resolveOptional } from './resolve.js';
import { tokens } from './tokens.js';

/**
 * What faces the browser, in a container of its own: nothing but gateway, authenticator, sessions, assets, logger and
 * clock can be had from it, so that nothing here can reach a backend or the log (B3). It has no parent, for a parent
 * gives all it has.
 */
export function edgeContainer(inner: Container, options: HttpOptions = {}): Container {
  const edge = hostContainer([httpModule(options)]);
  const pass = <T>(token: ServiceIdentifier<T>): void => void edge.bind(token).toConstantValue(resolve(inner, token));
  pass(tokens.gateway);
  pass(tokens.logger);
  pass(tokens.clock);
  edge.bind(tokens.localGateway).toConstantValue(resolve(inner, tokens.runtime));
  const passOptional = <T>(token: ServiceIdentifier<T>): void => {
    const value = resolveOptional(inner, token);
    if (value !== undefined) edge.bind(token).toConstantValue(value);
  };
  passOptional(tokens.authenticator);
  passOptional(tokens.sessions);
  passOptional(tokens.assets);
  return edge;
}
