/** What is wrong is said as the rest of the program says it. */
export const output = {
  outputError: (text: string, write: (text: string) => void): void => write(text.replace(/^error: /, 'workport: ')),
};
