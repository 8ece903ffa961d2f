import type { Found, Parameter } from './document.js';
import { errorsAt } from './document.js';

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** `null`: there is none. `undefined`: it cannot be read twice, so nothing is known of it. */
  readonly body: string | null | undefined;
}

const place = ({ path, method }: Found) => ['paths', path, method] as const;

/** A number in a query is a number where its digits are those that JSON writes. */
const valueOf = (text: string, { schema }: Parameter): unknown =>
  schema.type === 'integer' && /^(0|[1-9][0-9]*)$/.test(text) ? Number(text) : text;

function valuesOf(found: Found, asked: Asked, { in: where, name }: Parameter): readonly string[] {
  if (where === 'query') return asked.url.searchParams.getAll(name);
  const value = where === 'path' ? found.parameters[name] : asked.headers.get(name);
  return value === null || value === undefined ? [] : [value];
}

function parameterErrors(found: Found, asked: Asked): readonly string[] {
  return found.operation.parameters.flatMap((parameter, index) => {
    const values = valuesOf(found, asked, parameter);
    const { in: where, name, required = false } = parameter;
    if (values.length > 1) return [`${where} ${name}: twice`];
    if (values.length === 0) return required ? [`${where} ${name}: missing`] : [];
    const at = [...place(found), 'parameters', index, 'schema'];
    return values.flatMap((text) =>
      errorsAt(at, valueOf(text, parameter)).map((error) => `${where} ${name}: ${error}`),
    );
  });
}

/** Probes ask in many ways: keys that they add are passed over. */
function unknownKeys({ path, operation }: Found, { url }: Asked): readonly string[] {
  if (!path.startsWith('/api/')) return [];
  const known = operation.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
  return [...url.searchParams.keys()].filter((key) => !known.includes(key)).map((key) => `query ${key}: not known`);
}

function bodyErrors(found: Found, { body }: Asked): readonly string[] {
  const form = found.operation.requestBody;
  if (!form || body === undefined) return [];
  if (body === null || body === '') return form.required ? ['body: missing'] : [];
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return ['body: no JSON'];
  }
  return errorsAt([...place(found), 'requestBody', 'content', 'application/json', 'schema'], value).map(
    (error) => `body: ${error}`,
  );
}

/** What is wrong with a request by the document; each begins with where it is. */
export const requestErrors = (found: Found, asked: Asked): readonly string[] => [
  ...parameterErrors(found, asked),
  ...unknownKeys(found, asked),
  ...bodyErrors(found, asked),
];
