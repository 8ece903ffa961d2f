/** What a page tells of a Worker that it created and watches. */
export interface Story {
  /** The state of the connection as it changed. */
  readonly states: readonly string[];
  /** The sequences of the events, as they were shown. */
  readonly sequences: readonly number[];
  readonly texts: readonly string[];
  readonly frames: readonly string[];
  /** What a second input was answered. */
  readonly again?: string;
  readonly isOver: boolean;
}

/** A page that creates a Worker, gives it an input and shows what it says until it has ended. */
export const storyPage =
  '<!doctype html><title>story</title><main></main><script type="module" src="/story.js"></script>';

/** `tell` begins it: with where the host is, the token, the Runtime, the profile and what carries the stream. */
export const storyScript = `
import { browserClient, workers } from '/client.js';

const story = { states: [], sequences: [], texts: [], frames: [], isOver: false };
globalThis.story = story;
const list = document.querySelector('main');

globalThis.tell = async ({ url, token, runtimeId, profile, carrier }) => {
  const client = browserClient({
    url,
    token: () => token,
    onConnection: (state) => story.states.push(state),
    ...(carrier === 'WebSocket' && { WebSocket }),
  });
  const made = await workers(client).create({ runtimeId, profile, displayName: 'Storyteller' });
  if (made.outcome !== 'accepted') throw new Error(JSON.stringify(made));
  const frames = made.handle.observe('start');
  const given = await made.handle.input('a long story');
  if (given.outcome !== 'accepted') throw new Error(JSON.stringify(given));
  for await (const frame of frames) {
    story.frames.push(frame.type);
    for (const { sequence, event } of frame.observations ?? []) {
      story.sequences.push(sequence);
      if (event.type !== 'output') continue;
      story.texts.push(event.text);
      list.append(Object.assign(document.createElement('p'), { textContent: event.text }));
    }
    if (frame.observations?.some(({ event }) => event.type === 'input-ended')) break;
  }
  const again = await made.handle.input('and another');
  story.again = again.outcome;
  await client.close();
  story.isOver = true;
};
`;
