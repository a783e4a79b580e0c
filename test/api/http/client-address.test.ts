import { createServer } from 'node:http';
import test from 'ava';
import Koa from 'koa';
import { createClientAddress } from '../../../api/http/client-address.ts';
import { forwarded } from '../../../api/http/middleware/forwarded.ts';

/** Asks a server that trusts these, from 127.0.0.1: `<address> <protocol>`, as it sees its client. */
async function seen(trusted: number | string[], headers: Record<string, string>): Promise<string> {
  const app = new Koa({ proxy: true });
  app.use(forwarded(createClientAddress(trusted)));
  app.use((ctx) => {
    ctx.body = `${ctx.ip} ${ctx.protocol}`;
  });
  const server = createServer(app.callback());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as { port: number };
    return await (await fetch(`http://127.0.0.1:${port}/`, { headers })).text();
  } finally {
    server.close();
  }
}

const by = (...addresses: string[]) => ({
  'x-forwarded-for': addresses.join(', '),
  'x-forwarded-proto': 'https',
});

const cases: readonly (readonly [why: string, trusted: number | string[], said: object, seen: string])[] = [
  ['nobody forwards', 1, {}, '127.0.0.1 http'],
  ['one proxy adds the client', 1, by('7.7.7.7'), '7.7.7.7 https'],
  ['a client writes more before it', 1, by('6.6.6.6', '7.7.7.7'), '7.7.7.7 https'],
  ['two proxies', 2, by('6.6.6.6', '7.7.7.7', '10.0.0.1'), '7.7.7.7 https'],
  ['a proxy at a trusted address', ['127.0.0.1'], by('6.6.6.6', '7.7.7.7'), '7.7.7.7 https'],
  ['a chain of trusted networks', ['loopback', '10.0.0.0/8'], by('7.7.7.7', '10.1.2.3'), '7.7.7.7 https'],
  ['somebody who connects past the proxy', ['10.0.0.1'], by('7.7.7.7'), '127.0.0.1 http'],
];

for (const [why, trusted, said, expected] of cases) {
  test(`the client of a request: ${why}`, async (t) => {
    t.is(await seen(trusted, said as Record<string, string>), expected);
  });
}
