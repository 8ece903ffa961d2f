import { fileURLToPath } from 'node:url';

import { rolldown } from 'rolldown';

/** The built entry, as a bundler makes it for a page. */
export const clientEntry = fileURLToPath(
  new URL('../../dist/adapters/browser-gateway/client/index.js', import.meta.url),
);

/** The client as one ES module for browsers. */
export async function bundledClient(): Promise<string> {
  const bundle = await rolldown({ input: clientEntry, platform: 'browser', logLevel: 'silent' });
  try {
    const { output } = await bundle.generate({ format: 'esm', minify: true });
    return output[0].code;
  } finally {
    await bundle.close();
  }
}
