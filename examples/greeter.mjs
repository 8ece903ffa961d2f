// #region backend
import { failed, generatorBackend, text } from 'workport';

export const greeter = () =>
  generatorBackend({
    id: 'greeter',
    codes: ['nobody-there'],
    start: () => ({ greeted: 0 }),
    async *run({ parts }, { session, ask }) {
      const names = parts.flatMap((part) => (part.type === 'text' && part.text.match(/\w+/g)) || []);
      if (names.length === 0) {
        const answer = await ask({ prompt: 'Who is there?' });
        if ('text' in answer) names.push(answer.text);
      }
      if (names.includes('nobody')) throw failed('nobody-there');
      for (const name of names) yield text(`Hello ${name}, you are number ${(session.greeted += 1)}.\n`);
    },
  });
// #endregion backend
