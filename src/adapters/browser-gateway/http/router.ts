export type Method = 'GET' | 'POST' | 'DELETE';
export type Parameters = Readonly<Record<string, string>>;

/** `path` is made of names and `{parameters}`. */
export interface Route<Served> {
  readonly method: Method;
  readonly path: string;
  readonly endpoint: Served;
}

export type Match<Served> =
  | { readonly route: Route<Served>; readonly parameters: Parameters }
  /** The path is known, the method is not; `allow` lists those that are. */
  | { readonly allow: string }
  | undefined;

interface Place<Served> {
  readonly segments: readonly string[];
  readonly routes: readonly Route<Served>[];
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
export function router<Served>(routes: readonly Route<Served>[]): (method: string, path: string) => Match<Served> {
  const places: Place<Served>[] = [...new Set(routes.map(({ path }) => path))].map((path) => ({
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
