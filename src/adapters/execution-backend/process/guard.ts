/**
 * The shell that leads a program's process group. It holds one end of a lifeline whose other end only the host has:
 * when the host dies, however it dies, the lifeline closes and the whole group is killed. When the program ends by
 * itself, its exit code goes out through the lifeline and what it left behind in the group is killed as well, so that
 * the leader never dies before the group that carries its number.
 *
 * The program itself runs in the foreground of the shell, for a shell's background job would ignore SIGINT.
 */
export interface GuardedCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** `lifeline` is the descriptor of the lifeline, `descriptors` are those that only the program may hold. */
export function guarded(
  program: GuardedCommand,
  lifeline: number,
  descriptors: readonly number[] = [],
): GuardedCommand {
  const closed = descriptors.map((descriptor) => ` ${descriptor}>&-`).join('');
  const script = [
    `( trap '' HUP INT TERM; read -r _ <&${lifeline}; kill -KILL 0 ) </dev/null >/dev/null 2>&1${closed} &`,
    'guard=$!',
    'unset PWD OLDPWD SHLVL',
    'trap : HUP INT TERM',
    `( exec "$@" ${lifeline}<&- )`,
    'status=$?',
    // Where the host died before the program did, the lifeline has no reader: that must not end the leader alone.
    "trap '' PIPE",
    '{ kill -KILL $guard; wait $guard; } 2>/dev/null',
    `echo $status >&${lifeline}`,
    'kill -KILL 0',
  ].join('\n');
  return { command: '/bin/sh', args: ['-c', script, 'workport-guard', program.command, ...program.args] };
}
