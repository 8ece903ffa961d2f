import { requestWords } from './request-words.mjs';
import { runWords } from './run-words.mjs';
import { updateWords } from './update-words.mjs';

const words = { ...runWords, ...updateWords, ...requestWords };

/**
 * Does what a prompt says, one step after the other: steps stand on lines of their own or have `; ` between them. Each
 * begins with a word of these tables; what follows the word `later` is done when the prompt is answered; what begins
 * with no word is said back. Answers the stop reason.
 */
export async function perform(text, turn) {
  const steps = text.split(/\n|; /).map((step) => step.trim());
  for (const [index, step] of steps.entries()) {
    turn.signal.throwIfAborted();
    const end = step.search(/\s|$/);
    const [word, rest] = [step.slice(0, end), step.slice(end + 1)];
    if (word === 'later') {
      turn.afterwards(steps.slice(index + 1).join('\n'));
      return 'end_turn';
    }
    const stopReason = Object.hasOwn(words, word) ? await words[word](turn, rest) : await turn.say(`You said: ${step}`);
    if (typeof stopReason === 'string') return stopReason;
  }
  return 'end_turn';
}
