import type { JSONWebKeySet } from 'jose';

import type { Clock } from '../../../ports/clock.js';

const timeoutMs = 5_000;
const maxBytes = 1_048_576;

async function textOf(body: ReadableStream<Uint8Array> | null): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new Error(`more than ${maxBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

async function get(uri: string, fetch: typeof globalThis.fetch, signal: AbortSignal): Promise<JSONWebKeySet> {
  const headers = { accept: 'application/jwk-set+json, application/json' };
  const response = await fetch(uri, { headers, redirect: 'error', signal });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`status ${response.status}`);
  }
  return JSON.parse(await textOf(response.body)) as JSONWebKeySet;
}

/** The keys at an address. Rejects where they are not there within five seconds. */
export async function fetchKeys(
  uri: string,
  { fetch, clock }: { readonly fetch: typeof globalThis.fetch; readonly clock: Clock },
): Promise<JSONWebKeySet> {
  const leaving = new AbortController();
  let inTime = (): void => undefined;
  const late = new Promise<never>((_resolve, reject) => {
    inTime = clock.after(timeoutMs, () => reject(new Error(`no answer within ${timeoutMs} ms`)));
  });
  try {
    return await Promise.race([get(uri, fetch, leaving.signal), late]);
  } catch (cause) {
    throw new Error(`the keys at ${uri} cannot be had`, { cause });
  } finally {
    inTime();
    leaving.abort();
  }
}
