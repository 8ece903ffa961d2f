import { Ajv2020 } from 'ajv/dist/2020.js';

import { openApiDocument } from '../../../src/adapters/browser-gateway/http/openapi/document.js';
import { base, describedRoutes } from '../../../src/adapters/browser-gateway/http/routes.js';

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: { readonly type?: string };
}
export interface DescribedResponse {
  readonly headers?: Readonly<Record<string, { readonly required: boolean }>>;
  readonly content?: Readonly<
    Record<string, { readonly 'x-workport-events'?: Readonly<Record<string, { readonly $ref: string }>> }>
  >;
}
export interface Operation {
  readonly operationId: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: { readonly 'application/json': { readonly schema: object } };
  };
  readonly responses: Readonly<Record<string, DescribedResponse>>;
}
interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

/** The document as a reader gets it. */
export const document = JSON.parse(JSON.stringify(openApiDocument(describedRoutes(), base))) as OpenApi;

// `x-` keywords and whatever else of a document is no schema are passed over; patterns say what the formats would.
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema(document, 'api');

const pointer = (place: readonly (string | number)[]): string =>
  place.map((part) => `/${encodeURIComponent(String(part).replace(/~/g, '~0').replace(/\//g, '~1'))}`).join('');

/** What is wrong with a value by the schema that stands there in the document. */
export function errorsAt(place: readonly (string | number)[], value: unknown): readonly string[] {
  const validate = ajv.getSchema(`api#${pointer(place)}`);
  if (!validate) throw new Error(`the document has no schema at ${place.join(' ')}`);
  if (validate(value) === true) return [];
  return (validate.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`.trim());
}

export const componentErrors = (name: string, value: unknown): readonly string[] =>
  errorsAt(['components', 'schemas', name], value);

export interface Found {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
  readonly parameters: Readonly<Record<string, string>>;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parametersOf(pattern: string, pathname: string): Readonly<Record<string, string>> | undefined {
  const names = pattern.split('/');
  const segments = pathname.split('/');
  if (names.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, name] of names.entries()) {
    const segment = segments[index] ?? '';
    if (name.startsWith('{') && segment !== '') parameters[name.slice(1, -1)] = decoded(segment);
    else if (name !== segment) return undefined;
  }
  return parameters;
}

/** The operation that a request is for, where there is one. */
export function findOperation(method: string, { pathname }: URL): Found | undefined {
  for (const [path, operations] of Object.entries(document.paths)) {
    const parameters = parametersOf(path, pathname);
    const operation = operations[method.toLowerCase()];
    if (parameters && operation) return { path, method: method.toLowerCase(), operation, parameters };
  }
  return undefined;
}

const events = Object.values(document.paths)
  .flatMap((operations) => Object.values(operations))
  .flatMap(({ responses }) => Object.values(responses))
  .map(({ content }) => content?.['text/event-stream']?.['x-workport-events'])
  .find((found) => found !== undefined);

/** What is wrong with the data of an event of a stream. */
export function eventErrors(name: string, data: unknown): readonly string[] {
  const schema = events?.[name];
  return schema ? componentErrors(schema.$ref.replace('#/components/schemas/', ''), data) : [`no event ${name}`];
}
