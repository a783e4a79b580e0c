// Traders that go on sending, whatever the exchange answers, so that there is something to measure.

import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../request.ts';

export type Client = {
  /** Sends orders in one batch and tells the status; null if there was no answer. */
  readonly batch: (orders: number) => Promise<number | null>;
  readonly place: (traderId: number) => Promise<number | null>;
  readonly stop: () => Promise<void>;
};

const intervalMs = 50;
const patienceMs = 10_000;
const order = { product_id: 'PIKACHU-USD', price: '5.00', size: '1' };

/** Places an order every 50 ms, a buy and a sell by turns, without waiting for the answer. */
export function startClient(port: number, token: string): Client {
  const post = (path: string, body: unknown): Promise<number | null> =>
    ask({ port, token }, { path, body, patienceMs }).then(
      ({ status }) => status,
      () => null,
    );
  let turn = 0;
  const next = (traderId: number) => ({
    ...order,
    trader_id: traderId,
    side: ++turn % 2 === 0 ? 'buy' : 'sell',
  });
  let isStopped = false;
  const work = async (): Promise<void> => {
    while (!isStopped) {
      void post('/orders', next(1 + (turn % 100)));
      await sleep(intervalMs);
    }
  };
  const working = work();
  return {
    place: (traderId) => post('/orders', next(traderId)),
    batch: (orders) =>
      post(
        '/orders/batch',
        Array.from({ length: orders }, () => next(1 + (turn % 100))),
      ),
    stop: async () => {
      isStopped = true;
      await working;
    },
  };
}
