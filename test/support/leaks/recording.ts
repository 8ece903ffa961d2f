/** What was asked over HTTP, and every byte of the answer. */
export interface Reply {
  readonly asked: string;
  /** The name of the answer in `responseSchemas`; `stream` for server-sent events, `openapi` for the document, `page` for what is no JSON. */
  readonly kind: string;
  readonly status: number;
  /** Status line and headers, a character for each byte. */
  readonly head: string;
  readonly body: string;
  /** All of it as it was on the wire. */
  readonly bytes: Buffer;
}

/** What came over a WebSocket. */
export interface SocketRecord {
  readonly asked: string;
  /** In their order, each put together from its frames. */
  readonly messages: readonly string[];
  /** Code and reason, once it is closed. */
  readonly close?: { readonly code: number; readonly reason: string } | undefined;
  /** From the answer to the upgrade to the last frame, as it was on the wire. */
  readonly bytes: Buffer;
}

/**
 * Whatever a page showed or kept, by a name of its own for each text: `outerHTML` and `innerText` of its document, title,
 * URL, `localStorage`, `sessionStorage`, what it said on the console.
 */
export type PageTexts = Readonly<Record<string, string | readonly string[]>>;

/** Everything that left a host. */
export interface Recording {
  readonly replies?: readonly Reply[];
  readonly sockets?: readonly SocketRecord[];
  /** What `serve --json` wrote on stdout, as a whole. */
  readonly ready?: string;
  readonly dom?: PageTexts;
}

/** Where in a recording something stood. `bytes`: on the wire, and in nothing that an answer is made of. */
export type Place =
  | 'status text'
  | 'header'
  | 'body'
  | 'problem'
  | 'SSE'
  | 'OpenAPI'
  | 'WebSocket frame'
  | 'close reason'
  | 'ready line'
  | 'DOM'
  | 'bytes';

export interface RecordedText {
  readonly place: Place;
  readonly asked: string;
  readonly text: string;
}

/** One thing that was recorded: its texts by their place, and its bytes, which hold them all and more. */
export interface Recorded {
  readonly asked: string;
  readonly texts: readonly RecordedText[];
  readonly bytes?: Buffer;
}

function placeOfBody({ kind, head }: Reply): Place {
  if (kind === 'openapi') return 'OpenAPI';
  if (/^content-type: application\/problem\+json/im.test(head)) return 'problem';
  return /^content-type: text\/event-stream/im.test(head) ? 'SSE' : 'body';
}

/** What stands before a body has no encoding that is agreed upon: it is read in both that a reader could take. */
function bothWays(latin1: string): string {
  const utf8 = Buffer.from(latin1, 'latin1').toString('utf8');
  return utf8 === latin1 ? latin1 : `${latin1}\n${utf8}`;
}

function ofReply(reply: Reply): Recorded {
  const { asked, body, bytes } = reply;
  const [status = '', ...headers] = reply.head.split('\r\n').map(bothWays);
  return {
    asked,
    bytes,
    texts: [
      { place: 'status text', asked, text: status },
      { place: 'header', asked, text: headers.join('\n') },
      { place: placeOfBody(reply), asked, text: body },
    ],
  };
}

const ofSocket = ({ asked, messages, close, bytes }: SocketRecord): Recorded => ({
  asked,
  bytes,
  texts: [
    ...messages.map((text) => ({ place: 'WebSocket frame', asked, text }) as const),
    { place: 'close reason', asked, text: close?.reason ?? '' },
  ],
});

const ofPage = ([name, texts]: [string, string | readonly string[]]): Recorded => ({
  asked: name,
  texts: [texts].flat().map((text) => ({ place: 'DOM', asked: name, text })),
});

/** Everything that was recorded, one by one. */
export function recordedIn({ replies = [], sockets = [], ready, dom = {} }: Recording): readonly Recorded[] {
  const line = { place: 'ready line', asked: 'serve --json', text: ready ?? '' } as const;
  return [
    ...replies.map(ofReply),
    ...sockets.map(ofSocket),
    ...(ready === undefined ? [] : [{ asked: line.asked, texts: [line] }]),
    ...Object.entries(dom).map(ofPage),
  ];
}
