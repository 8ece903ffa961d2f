import type { ProblemCode } from '../../../../protocol/browser.js';
import { problemSchema } from '../../../../protocol/browser.js';
import { pathSchema } from '../../../../protocol/browser-requests.js';
import { statusOf } from '../../edge/status.js';
import type { AnswerForm, Description, Needs } from '../endpoint.js';
import { codesOfAll } from '../refusal-codes.js';

import type { Field, JsonSchema } from './json-schemas.js';
import { fieldsOf, reference } from './json-schemas.js';

type Json = Readonly<Record<string, unknown>>;

const headers = (described: Readonly<Record<string, string>>): Json =>
  Object.fromEntries(
    Object.entries(described).map(([name, description]) => [
      name,
      { description, required: true, schema: { type: 'string' } },
    ]),
  );

const content = (mediaType: string, schema: JsonSchema, more: Json = {}): Json => ({
  content: { [mediaType]: { schema, ...more } },
});

const eventRefs = (events: NonNullable<AnswerForm['events']>): Json =>
  Object.fromEntries(Object.entries(events).map(([name, schema]) => [name, reference(schema)]));

const answer = (form: AnswerForm): Json => ({
  description: form.description,
  ...(form.headers && { headers: headers(form.headers) }),
  ...(form.schema && content('application/json', reference(form.schema))),
  ...(form.events && content('text/event-stream', { type: 'string' }, { 'x-workport-events': eventRefs(form.events) })),
});

/** What a status of a refusal always brings with it. */
const headersOfStatus: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  401: { 'www-authenticate': 'How to say who one is' },
  429: { 'retry-after': 'In how many seconds to ask again' },
};

function problems(codes: readonly ProblemCode[]): Json {
  const responses: Record<number, Json> = {};
  for (const status of new Set(codes.map((code) => statusOf[code]))) {
    const here = codes.filter((code) => statusOf[code] === status);
    const described = headersOfStatus[status];
    responses[status] = {
      description: here.map((code) => `\`${code}\``).join(', '),
      ...(described && { headers: headers(described) }),
      ...content('application/problem+json', {
        ...reference(problemSchema),
        properties: { code: { enum: here }, status: { const: status } },
      }),
    };
  }
  return responses;
}

const parameter = (place: 'path' | 'query' | 'header', { name, isRequired, schema }: Field): Json => {
  const { description, ...rest } = schema;
  return {
    name,
    in: place,
    ...(isRequired && { required: true }),
    ...(description !== undefined && { description }),
    schema: rest,
  };
};

function parameters(path: string, { query, headers: read }: Description): readonly Json[] {
  const named = fieldsOf(pathSchema).filter(({ name }) => path.includes(`{${name}}`));
  return [
    ...named.map((field) => parameter('path', field)),
    ...fieldsOf(query).map((field) => parameter('query', field)),
    ...fieldsOf(read).map((field) => parameter('header', field)),
  ];
}

const isNobody = (needs: Needs): boolean => needs === 'nothing';
const security = (needs: Needs): readonly Json[] =>
  isNobody(needs) ? [] : [{ bearer: needs === 'token' ? [] : [needs] }];

/** Every code that a route can answer. */
export function codesOf({ codes, needs }: Description): readonly ProblemCode[] {
  return [...new Set<ProblemCode>([...codesOfAll, ...(isNobody(needs) ? [] : ['unauthenticated' as const]), ...codes])];
}

/** A route as the document has it. */
export function operation(path: string, description: Description): Json {
  const { body } = description;
  const answers = Object.entries(description.answers).map(([status, form]) => [status, answer(form)] as const);
  return {
    operationId: description.operationId,
    summary: description.summary,
    security: security(description.needs),
    parameters: parameters(path, description),
    ...(body && {
      requestBody: {
        required: body.whenAbsent === undefined,
        ...content('application/json', reference(body.schema)),
      },
    }),
    responses: { ...problems(codesOf(description)), ...Object.fromEntries(answers) },
  };
}
