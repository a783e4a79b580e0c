// What Koa and koa-body alone can do: an app that reads the JSON of a request and sends it back. The measure for the api.
//
// Usage: started by bench-http.ts; the answer to the first message is its port

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { koaBody } from 'koa-body';
import { answerMessages } from '../tool.ts';

const app = new Koa();
app.use(koaBody({ multipart: false, urlencoded: false, text: false }));
app.use((ctx) => {
  ctx.body = ctx.request.body;
});

answerMessages(async () => {
  const server = createServer({ noDelay: true }, app.callback()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
});
