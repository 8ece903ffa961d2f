process.stdout.write(
  `${JSON.stringify({ environment: process.env, argv: process.argv.slice(2), cwd: process.cwd() })}\n`,
);
