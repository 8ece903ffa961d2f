// The floor of a post: reads the body, answers as many bytes as a host does.
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const sockets = Number(process.argv[2]);
const id = '01920000-0000-7000-8000-000000000000';
let runs = 0;

const app = new Hono();
app.post('/api/v1/runtimes/:runtimeId/workers/:workerId/inputs', async (context) => {
  const { text } = await context.req.json();
  if (text.length > 0) runs += 1;
  return context.json({ inputId: id, cursor: 'wo_0badcafe_0000000000000003' }, 202);
});
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => {
  const paths = Array.from({ length: sockets }, () => `/api/v1/runtimes/local/workers/${id}/inputs`);
  process.on('message', () => process.send(runs));
  process.once('SIGTERM', () => process.exit());
  process.send({ port, paths, headers: { authorization: `Bearer ${'x'.repeat(43)}` } });
});
