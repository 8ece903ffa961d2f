import type { RuntimeView } from '../../../domain/observation/view.js';
import type { AnswerOf, Query } from '../../../ports/browser-gateway.js';

import type { HttpRequest } from './http.js';
import { runtimePath, withQuery, workerPath, workersPath } from './paths.js';

type Answered<Q extends Query> = Extract<AnswerOf<Q>, { readonly outcome: 'answered' }>;
type AnsweredOf<Type extends Query['type']> = Answered<Extract<Query, { readonly type: Type }>>;

const get = (path: string, answers: string): HttpRequest => ({ method: 'GET', path, answers, isRepeatable: true });

export function requestOf(query: Query): HttpRequest {
  switch (query.type) {
    case 'runtimes':
      return query.runtimeId === undefined
        ? get('/runtimes', 'runtimes')
        : get(runtimePath(query.runtimeId), 'runtime');
    case 'profiles':
      return get(`${runtimePath(query.runtimeId)}/profiles`, 'profiles');
    case 'workers': {
      const { status, after, limit } = query;
      return get(withQuery(workersPath(query.runtimeId), { status, after, limit }), 'workers');
    }
    case 'worker':
      return get(workerPath(query.worker), 'worker');
    case 'transcript': {
      const { after, limit } = query;
      return get(withQuery(`${workerPath(query.worker)}/transcript`, { after, limit }), 'entries');
    }
    case 'observations': {
      const { after, limit } = query;
      return get(withQuery(`${workerPath(query.worker)}/observations`, { after, limit }), 'observations');
    }
  }
}

const gapField = ({ gap }: Pick<AnsweredOf<'observations'>, 'gap'>) => gap && { gap: { from: gap.from, to: gap.to } };

/** All of them, or the one that was asked for. */
type RuntimesBody = Pick<AnsweredOf<'runtimes'>, 'runtimes'> | { readonly runtime: RuntimeView };
const runtimesIn = (body: RuntimesBody) => ('runtime' in body ? [body.runtime] : body.runtimes);

/** What a successful answer says, field by field. */
export function answeredIn(type: Query['type'], body: unknown): Answered<Query> {
  switch (type) {
    case 'runtimes':
      return { outcome: 'answered', runtimes: runtimesIn(body as RuntimesBody) };
    case 'profiles':
      return { outcome: 'answered', profiles: (body as AnsweredOf<'profiles'>).profiles };
    case 'workers': {
      const { workers, next } = body as AnsweredOf<'workers'>;
      return { outcome: 'answered', workers, ...(next && { next }) };
    }
    case 'worker':
      return { outcome: 'answered', worker: (body as AnsweredOf<'worker'>).worker };
    case 'transcript': {
      const page = body as AnsweredOf<'transcript'>;
      const next = page.next !== undefined && { next: page.next };
      return { outcome: 'answered', entries: page.entries, ...next, ...gapField(page) };
    }
    case 'observations': {
      const page = body as AnsweredOf<'observations'>;
      return {
        outcome: 'answered',
        observations: page.observations,
        ...(page.next && { next: page.next }),
        ...gapField(page),
      };
    }
  }
}
