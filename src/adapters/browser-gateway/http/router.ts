export type Method = 'GET' | 'POST' | 'DELETE';
export type Parameters = Readonly<Record<string, string>>;

/** `path` is made of names and `{parameters}`. */
export interface Route<Handle> {
  readonly method: Method;
  readonly path: string;
  readonly handle: Handle;
}

export type Match<Handle> =
  | { readonly route: Route<Handle>; readonly parameters: Parameters }
  /** The path is known, the method is not; `allow` lists those that are. */
  | { readonly allow: string }
  | undefined;

interface Place<Handle> {
  readonly segments: readonly string[];
  readonly routes: readonly Route<Handle>[];
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function parametersAt(pattern: readonly string[], segments: readonly string[]): Parameters | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (!part.startsWith('{')) {
      if (part !== segment) return undefined;
    } else if (segment === '') return undefined;
    else parameters[part.slice(1, -1)] = decoded(segment);
  }
  return parameters;
}

/** Finds the route of a request. */
export function router<Handle>(routes: readonly Route<Handle>[]): (method: string, path: string) => Match<Handle> {
  const places: Place<Handle>[] = [...new Set(routes.map(({ path }) => path))].map((path) => ({
    segments: path.split('/'),
    routes: routes.filter((route) => route.path === path),
  }));
  return (method, path) => {
    const segments = path.split('/');
    for (const place of places) {
      if (place.segments.length !== segments.length) continue;
      const parameters = parametersAt(place.segments, segments);
      if (!parameters) continue;
      const route = place.routes.find((candidate) => candidate.method === method);
      return route ? { route, parameters } : { allow: place.routes.map((known) => known.method).join(', ') };
    }
    return undefined;
  };
}
