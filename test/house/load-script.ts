export const root = new URL('../../', import.meta.url);

/** A script of the repository; scripts are plain JavaScript, so the caller says what it expects of them. */
export async function loadScript<T>(path: string): Promise<T> {
  const loaded: unknown = await import(new URL(path, root).href);
  return loaded as T;
}
