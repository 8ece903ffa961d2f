import { methods, RequestError } from '@agentclientprotocol/sdk';

import { perform } from './words.mjs';

const modes = [
  { id: 'ask', name: 'Asks before it acts' },
  { id: 'code', name: 'Acts' },
];

export const modeState = (session) => ({ currentModeId: session.mode, availableModes: modes });

/** What the words of a prompt are done with. Without a `signal` nobody can cancel it. */
function turnOf(session, { client, said, options, keep }, { prompt = [], signal = new AbortController().signal }) {
  const update = (update) => {
    keep(update);
    return client.notify(methods.client.session.update, { sessionId: session.id, update });
  };
  return {
    session,
    said,
    secret: options.secret,
    prompt,
    signal,
    update,
    say: (text) => update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } }),
    request: (method, params, send) => client.request(method, { sessionId: session.id, ...params }, send),
    afterwards: session.afterwards,
  };
}

/** One conversation. `past` has what was said in it before this program was started. */
export function startSession({ id, cwd, past, ...rest }) {
  const { options, keep } = rest;
  let run;
  let prompts = past.filter(({ sessionUpdate }) => sessionUpdate === 'user_message_chunk').length;
  const session = {
    id,
    cwd,
    mode: 'ask',
    /** How many chunks of prompts this conversation has. */
    prompts: () => prompts,
    async prompt(prompt) {
      if (run) throw RequestError.invalidRequest(undefined, 'a prompt is open');
      run = new AbortController();
      const { signal } = run;
      prompts += prompt.length;
      for (const content of prompt) keep({ sessionUpdate: 'user_message_chunk', content });
      const text = prompt.find(({ type }) => type === 'text')?.text ?? 'echo';
      const turn = turnOf(session, rest, { prompt, signal });
      try {
        return { stopReason: await perform(options.words(text), turn) };
      } catch (error) {
        if (signal.aborted) return { stopReason: 'cancelled' };
        throw error;
      } finally {
        run = undefined;
      }
    },
    cancel: () => run?.abort(new Error('cancelled')),
    setMode(mode) {
      if (!modes.some(({ id }) => id === mode)) throw RequestError.invalidParams({ mode });
      session.mode = mode;
      return {};
    },
    /** Does the words when what is being answered is answered: the answer is written first. */
    afterwards: (words) =>
      void setImmediate(() => void perform(words, turnOf(session, rest, {})).catch(() => undefined)),
  };
  return session;
}
