import test from 'ava';
import { issueToken } from '../../sql/tokens.ts';
import { startExchange } from '../support/exchange.ts';
import { createClient } from '../support/http.ts';
import { lineWith } from '../support/processes.ts';

type Line = Record<string, unknown>;

test('every line has one shape, lines about a request and a shard name them, and no line has a secret', async (t) => {
  const exchange = await startExchange({ env: { LOG_LEVEL: 'info' } });
  t.teardown(exchange.stop);
  const { api, matcher, writer } = exchange.processes;
  const token = await issueToken(exchange.databaseUrl, { traderId: 7 });
  const client = createClient(exchange.baseUrl, token);
  const order = { product_id: 'PIKACHU-USD', side: 'buy', price: '1.00', size: '1' };
  const linesOf = (): Line[] =>
    [api, matcher, writer].flatMap(([one]) => one!.lines.map((line) => JSON.parse(line) as Line));
  const answered = (): Line[] => linesOf().filter(({ msg }) => msg === 'answered');

  await client.post('/orders', order);
  t.deepEqual(answered(), [], 'not at info');

  api[0]!.child.kill('SIGUSR2');
  await lineWith(api[0]!, '"level_now":"debug"');
  const { headers } = await client.post('/orders?note=hush', { ...order, client_oid: 'hush' });
  await lineWith(api[0]!, '"msg":"answered"');
  const { request_id, trader_id, method, path, status, level, process } = answered()[0]!;
  t.deepEqual(
    { request_id, trader_id, method, path, status, level, process },
    {
      ...{ request_id: headers.get('x-request-id'), trader_id: 7, method: 'POST', path: '/orders' },
      ...{ status: 200, level: 'debug', process: 'api' },
    },
  );

  api[0]!.child.kill('SIGUSR2');
  await lineWith(api[0]!, '"level_now":"info"');
  await client.post('/orders', order);
  t.is(answered().length, 1, 'not at info again');

  for (const line of linesOf()) {
    t.regex(String(line.time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    t.regex(String(line.level), /^(debug|info|warn)$/);
    t.is(line.service, 'cardstock');
    t.regex(String(line.process), /^(api|matcher|writer)$/);
    t.is(typeof line.msg, 'string');
    if (line.process !== 'api') t.is(line.shard, exchange.shard);
  }
  const all = JSON.stringify(linesOf());
  for (const secret of [token, 'hush']) t.false(all.includes(secret), secret);
});
