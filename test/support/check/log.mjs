import { inMemoryLog } from 'workport';

export const harness = { create: () => Promise.resolve(inMemoryLog()) };
