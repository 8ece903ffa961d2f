import type { WorkerView } from '../../../../domain/observation/view.js';
import type { BrowserGateway, Command, OutcomeOf, WorkerRef } from '../../../../ports/browser-gateway.js';
import type { ConnectionState } from '../../client/index.js';
import type { Drafts } from './drafts.js';
import { drafts } from './drafts.js';
import type { Place } from './place.js';
import type { Roster } from './roster.js';
import { roster } from './roster.js';
import type { Session } from './session.js';
import type { Readable } from './store.js';
import type { StoryReader } from './story.js';
import { readStory } from './story.js';

/** All that the views show, and all that they can ask. */
export interface App {
  readonly session: Session;
  readonly place: Readable<Place>;
  readonly connection: Readable<ConnectionState>;
  readonly roster: Roster;
  readonly drafts: Drafts;
  go(place: Place): void;
  /** Watches a Worker, until the reader is closed. */
  watch(worker: WorkerRef): StoryReader;
  /** Asks a host, and answers what it said. What that changes in the roster is shown. */
  ask<C extends Command>(command: C): Promise<OutcomeOf<C>>;
}

export interface AppDependencies {
  readonly gateway: BrowserGateway;
  readonly session: Session;
  readonly place: Readable<Place>;
  readonly connection: Readable<ConnectionState>;
  readonly go: (place: Place) => void;
  readonly onDrawn: (run: () => void) => void;
}

/** A gateway that tells the session where its token is refused. */
function watched(gateway: BrowserGateway, session: Session): BrowserGateway {
  const told = <T extends { readonly outcome: string; readonly code?: unknown }>(answer: T, token: string): T => {
    if (answer.outcome === 'rejected' && answer.code === 'unauthenticated') session.refused(token);
    return answer;
  };
  async function asked<T extends { readonly outcome: string }>(ask: () => Promise<T>): Promise<T> {
    const token = session.token();
    return told(await ask(), token);
  }
  return {
    execute: (command, call) => asked(() => gateway.execute(command, call)),
    read: (query, call) => asked(() => gateway.read(query, call)),
    async *observe(worker, from, call) {
      for await (const frame of gateway.observe(worker, from, call)) {
        if (frame.type === 'problem') told(frame.problem, session.token());
        if (frame.type === 'end' && frame.code === 'revoked') session.refused(session.token());
        yield frame;
      }
    },
  };
}

export function app({ gateway: bare, session, place, connection, go, onDrawn }: AppDependencies): App {
  const gateway = watched(bare, session);
  const workers = roster(gateway);
  // Who comes next may see less.
  session.state.subscribe(() => {
    if (session.state.get().is !== 'open') workers.clear();
  });
  return {
    session,
    place,
    connection,
    roster: workers,
    drafts: drafts(),
    go,
    watch: (worker) => readStory(worker, { gateway, onWorker: (view) => workers.put(view), onDrawn }),
    async ask(command) {
      const outcome = await gateway.execute(command);
      if (outcome.outcome === 'accepted' && command.type === 'delete') workers.remove(command.worker);
      if (outcome.outcome === 'accepted' && 'worker' in outcome) workers.put(outcome.worker as WorkerView);
      return outcome;
    },
  };
}
