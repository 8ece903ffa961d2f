// 64 MiB of stderr, one line of it 8 MiB long; then a word on stdout, which comes only if somebody read all of it.
process.stderr.write(`${'x'.repeat(8 << 20)}\n`);
const line = `${'y'.repeat(1023)}\n`.repeat(1024);
for (let count = 0; count < 56; count += 1) process.stderr.write(line);
process.stderr.write('the end\n', () => process.stdout.write('done\n'));
