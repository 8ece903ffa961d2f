process.stdout.write('Welcome to the backend!\n');
process.stdin.resume();
