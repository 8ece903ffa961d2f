/** A text that makes the JSON of what `around` puts it into `bytes` long. */
const filling = (around, bytes = 300) => 'x'.repeat(bytes - JSON.stringify(around('')).length);

const textDelta = (text) => ({ type: 'text-delta', messageId: 'm', text });

/** A `text-delta` whose JSON is 300 bytes long. */
export const event300 = textDelta(filling(textDelta));

/** Another one, as a backend makes a new object for each event. */
export const newEvent300 = () => ({ ...event300 });

const chunk = (text) => ({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } });

/** The same as an agent tells it: a chunk of a message, 300 bytes of JSON. */
export const chunk300 = chunk(filling(chunk));
