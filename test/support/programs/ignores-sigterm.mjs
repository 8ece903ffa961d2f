process.on('SIGTERM', () => process.stderr.write('SIGTERM ignored\n'));
setInterval(() => undefined, 1000);
process.stdout.write('ready\n');
