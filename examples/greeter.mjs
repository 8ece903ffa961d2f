// #region backend
import { failed, generatorBackend, text } from 'workport';

export const greeter = () =>
  generatorBackend({
    id: 'greeter',
    codes: ['nobody-there'],
    start: () => ({ greeted: 0 }),
    async *run({ parts }, { session, signal }) {
      const names = parts.flatMap((part) => (part.type === 'text' ? part.text.match(/\w+/g) : null) ?? []);
      if (names.includes('nobody')) throw failed('nobody-there');
      for (const name of names) {
        if (signal.aborted) return;
        session.greeted += 1;
        yield text(`Hello ${name}, you are number ${session.greeted}.\n`);
      }
    },
  });
// #endregion backend
