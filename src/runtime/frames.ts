import type { Frame } from '../ports/browser-gateway.js';

/** A stream that is refused. */
export async function* refusedFrames(
  problem: Extract<Frame, { type: 'problem' }>['problem'],
): AsyncGenerator<Frame, void, void> {
  yield await Promise.resolve({ type: 'problem', problem } as const);
}

const done = { done: true, value: undefined } as const;

/** The frames as they are shown by `show`; none after one that it shows as an `end` or a `problem`. Who leaves is heard at once, also while a frame is awaited. */
export function shownFrames(
  frames: AsyncIterable<Frame>,
  show: (frame: Frame, isFirst: boolean) => Frame,
): AsyncIterable<Frame> {
  return {
    [Symbol.asyncIterator](): AsyncIterator<Frame, void> {
      const inner = frames[Symbol.asyncIterator]();
      let isEnded = false;
      let isFirst = true;
      const leave = async (): Promise<IteratorResult<Frame, void>> => {
        isEnded = true;
        await inner.return?.();
        return done;
      };
      const next = async (): Promise<IteratorResult<Frame, void>> => {
        if (isEnded) return done;
        const result = await inner.next();
        if (result.done) return done;
        const value = show(result.value, isFirst);
        isFirst = false;
        if (value.type === 'end' || value.type === 'problem') await leave();
        return { done: false, value };
      };
      return { next, return: leave };
    },
  };
}
