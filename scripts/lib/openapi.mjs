import { writeFileSync } from 'node:fs';

import { format } from 'prettier';

import { build } from './build.mjs';
import { root } from './root.mjs';

/** Writes the OpenAPI document that the host serves to `docs/openapi.json`. The house lane says when that is stale. */
export async function main(args) {
  if (args.length > 0) {
    console.error('npm run openapi             renews docs/openapi.json');
    return 2;
  }
  const unbuilt = await build(console.error);
  if (unbuilt !== undefined) {
    console.error(unbuilt);
    return 1;
  }
  const { httpHandler } = await import(`${root}dist/adapters/browser-gateway/http/index.js`);
  const response = await httpHandler({ gateway: {} })(new Request('http://localhost/api/v1/openapi.json'));
  writeFileSync(`${root}docs/openapi.json`, await format(await response.text(), { parser: 'json', printWidth: 120 }));
  return 0;
}
