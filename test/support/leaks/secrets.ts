import type { Canaries } from './canary.js';

const kebab = (where: string): string => where.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** What a backend is given to give away, by the place where it does so. */
const texts = [
  ['backendName', 'resultField', 'rpcError', 'rpcKind', 'eventField', 'capability', 'recoverState', 'detail'],
  ['wrongAnswer', 'notACode', 'dying', 'badId', 'otherInput', 'garbage', 'stderr', 'log'],
  ['errorMessage', 'errorStack', 'errorCause', 'errorField', 'thrownText', 'exitSignal'],
].flat();
/** Fit for codes and names. */
const names = [
  ['spawnRejected', 'spawnErrored', 'runCode', 'inputRejected', 'inputErrored', 'eventType'],
  ['answerRejected', 'cancelErrored', 'recoverErrored', 'errorName', 'errorCode', 'backendId'],
].flat();

export type Secrets = Readonly<Record<string, string>>;

export const secretsOf = (canary: Canaries): Secrets => ({
  ...Object.fromEntries(texts.map((where) => [where, canary.text(where)])),
  ...Object.fromEntries(names.map((where) => [where, canary.name(kebab(where))])),
});
