import test from 'ava';
import { readBody } from '../../../api/http/body.ts';
import { orderBody } from '../../../api/orders/body.ts';
import { readPlain } from '../../../api/orders/plain-body.ts';
import { createChances } from '../../../scripts/lab/model/random.ts';
import { seed } from '../../support/seed.ts';

/** Values that a key may have, right and wrong. */
const values: Record<string, readonly unknown[]> = {
  product_id: ['PIKACHU-USD', '', 7, null],
  side: ['buy', 'sell', 'BUY', null],
  type: ['limit', 'market', 'stop', 'other', null],
  price: ['5.00', 5, 'much', true, null],
  size: ['1', 1, 1e-7, [], null],
  funds: ['10.00', 10, {}, null],
  time_in_force: ['GTC', 'IOC', 'FOK', 'GTT', 'never', null],
  cancel_after: ['min', 'hour', null],
  expire_time: ['2030-01-01T00:00:00Z', 1, null],
  stop: ['loss', 'entry', null],
  stop_price: ['4.00', null],
  post_only: [true, false, 'true', 'no', null],
  stp: ['dc', 'co', 'zz', null],
  client_oid: ['mine', '-', 'a b', null],
  trader_id: [1, 2 ** 31 - 1, 2 ** 31, 0, 1.5, '12', '012', null],
  something: [1],
};

const random = createChances(seed);

function randomBody(): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const [key, some] of Object.entries(values)) {
    const isUsual = key === 'product_id' || key === 'side';
    if (random.chance(isUsual ? 0.02 : 0.8)) continue;
    body[key] = random.chance(0.7) ? some[0] : random.pick(some);
  }
  return body;
}

test('a plain order is read as the schema reads it, and whatever is wrong is left to the schema', (t) => {
  t.log(`SEED=${seed}`);
  let plain = 0;
  for (let i = 0; i < 20_000; i++) {
    const body = randomBody();
    const read = readPlain(body);
    if (!read) continue;
    plain++;
    const given = Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
    t.deepEqual(given, readBody(orderBody, body), JSON.stringify(body));
  }
  t.true(plain > 1_000, `${plain} were plain`);
  for (const other of [null, 7, 'text', [], {}]) t.is(readPlain(other), null);
});
