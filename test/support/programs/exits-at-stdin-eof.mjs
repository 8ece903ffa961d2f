process.stdout.write('ready\n');
process.stdin.resume();
