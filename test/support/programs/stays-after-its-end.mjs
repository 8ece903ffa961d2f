// Serves, but does not go when its host goes: a timer, and SIGTERM ignored.
process.on('SIGTERM', () => undefined);
setInterval(() => undefined, 1000);
process.exit = () => undefined;
await import('./echo-backend.mjs');
