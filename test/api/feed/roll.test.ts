import test from 'ava';
import { sleep } from '../../../core/lifecycle.ts';
import { startExchange } from '../../support/exchange.ts';
import { linesThat } from '../../support/processes.ts';
import { openSocket } from '../../support/socket.ts';
import { until } from '../../support/until.ts';

test('workers are replaced: each order by socket is answered, or was not taken and may be sent again', async (t) => {
  const env = { API_WORKERS: '2', FEED_OPENINGS_PER_SECOND: '1000' };
  const exchange = await startExchange({ env });
  t.teardown(exchange.stop);
  const accepted = async () => Number(await exchange.redis.hget(`{${exchange.shard}}:state`, 'sequence'));
  const before = await accepted();
  const api = exchange.processes.api[0]!;
  const params = { product_id: 'PIKACHU-USD', side: 'buy', price: '1.00', size: '1', time_in_force: 'IOC' };
  const closes: { code: number; reason: string }[] = [];
  let answered = 0;
  let isOver = false;

  /** Sends orders, a few under way at a time, and connects again whenever it is asked to. */
  const client = async (traderId: number): Promise<void> => {
    const token = await exchange.tokenOf(traderId);
    while (!isOver) {
      const socket = await openSocket(exchange.baseUrl, { token });
      let id = 0;
      let isClosed = false;
      void socket.closed.then((how) => {
        isClosed = true;
        if (!isOver) closes.push(how);
      });
      while (!isOver && !isClosed) {
        for (let i = 0; i < 4; i++) socket.send({ id: id++, method: 'order.place', params });
        await sleep(15);
      }
      await sleep(300);
      answered += socket.messages.filter(({ status }) => status === 200).length;
      t.deepEqual(
        socket.messages.filter(({ status }) => status !== 200),
        [],
      );
      socket.close();
    }
  };
  const clients = [1, 2, 3, 4, 5, 6].map(client);
  await sleep(500);
  api.child.kill('SIGHUP');
  await until(() => linesThat('all workers are replaced', api).length > 0);
  await sleep(300);
  isOver = true;
  await Promise.all(clients);
  t.is(await accepted(), before + answered, 'what was taken was answered, all of it');
  t.true(closes.length >= 6, 'all were asked to connect again');
  for (const how of closes)
    t.deepEqual(how, { code: 1012, reason: 'connect again; what was not answered was not taken' });
});
