import { expect, test } from 'vitest';

import { consoleLink } from '../../src/cli/console-link.js';

test.for([
  ['http://127.0.0.1:7420', 'http://127.0.0.1:7420/#code=c'],
  ['http://0.0.0.0:7420', 'http://127.0.0.1:7420/#code=c'],
  ['http://[::]:7420', 'http://[::1]:7420/#code=c'],
  ['http://192.168.1.5:7420', 'http://192.168.1.5:7420/#code=c'],
])('the link to a host that serves on %s opens on this machine', ([url = '', link]) => {
  expect(consoleLink(url, 'c')).toBe(link);
});
