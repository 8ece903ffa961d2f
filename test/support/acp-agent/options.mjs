import { appendFileSync } from 'node:fs';

import { misbehaviours } from './misbehaviours.mjs';

const flags = {
  '--load': (options) => ({ ...options, load: true }),
  '--resume': (options) => ({ ...options, resume: true }),
  '--no-images': (options) => ({ ...options, images: false }),
  '--authenticate': (options, value) => ({ ...options, authenticate: value }),
  '--after-new': (options, value) => ({ ...options, afterNew: value }),
  '--trace': (options, value) => ({ ...options, trace: value }),
  '--misbehave': (options, value) => ({ ...options, names: [...options.names, ...value.split(',')] }),
};
const withValue = new Set(['--authenticate', '--after-new', '--trace', '--misbehave']);

function wrong(problem) {
  process.stderr.write(`${problem}\n`);
  process.exit(2);
}

/**
 * What the agent is told at its start: `--load` and `--resume` keep its sessions in the folder ACP_AGENT_SESSIONS,
 * `--authenticate METHOD` wants that method before a session, `--after-new WORDS` does them as soon as a session is
 * there, `--trace FILE` writes down what is asked for until then, `--no-images` takes text alone, `--misbehave NAME` or
 * ACP_AGENT_MISBEHAVE=NAME,NAME. ACP_AGENT_SECRET stands in its errors.
 */
export function agentOptions(args, env) {
  let options = { load: false, resume: false, images: true, names: [] };
  const rest = [...args];
  for (let flag = rest.shift(); flag !== undefined; flag = rest.shift()) {
    const read = flags[flag] ?? wrong(`no such flag: ${flag}`);
    options = read(options, withValue.has(flag) ? (rest.shift() ?? wrong(`${flag} takes a value`)) : undefined);
  }
  const names = [...options.names, ...(env.ACP_AGENT_MISBEHAVE ?? '').split(',').filter(Boolean)];
  for (const name of names) if (!Object.hasOwn(misbehaviours, name)) wrong(`no such misbehaviour: ${name}`);
  const sessions = env.ACP_AGENT_SESSIONS;
  if ((options.load || options.resume) && !sessions) wrong('ACP_AGENT_SESSIONS names the folder of the sessions');
  const { load, resume, images, authenticate, afterNew, trace } = options;
  const kept = load || resume ? sessions : undefined;
  const misbehaves = (name) => names.includes(name);
  return {
    load,
    resume,
    images,
    authenticate,
    afterNew,
    sessions: kept,
    secret: env.ACP_AGENT_SECRET,
    misbehaves,
    /** Writes down that it came so far. */
    reached: (what) => trace && appendFileSync(trace, `${what}\n`),
    /** What becomes of the words of a prompt. */
    words: (words) => names.reduce((said, name) => misbehaviours[name](said), words),
  };
}
