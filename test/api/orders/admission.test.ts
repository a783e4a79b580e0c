import test from 'ava';
import { createOpenOrderLimit } from '../../../api/orders/open-order-limit.ts';
import type { Place } from '../../../core/wire/commands.ts';

const most = 3;
const bid = (traderId: number, productId = 'A-USD', timeInForce: Place['timeInForce'] = 'GTC'): Place => ({
  ...{ kind: 'place', traderId, productId, side: 'buy', price: 100, size: 1, funds: null, timeInForce },
  ...{
    postOnly: false,
    selfTradePrevention: 'dc',
    stop: null,
    stopPrice: null,
    expireTime: null,
    maxFloor: null,
  },
  ...{ clientOid: null, time: 0, requestId: null },
});
const taken = (...sequences: number[]) => sequences.map((sequence) => ({ sequence, repeated: false }));

/** A limit whose market data show what a test says. */
function limited() {
  const shown = { sequence: 0, open: 0 };
  const limit = createOpenOrderLimit(
    { sequence: () => shown.sequence, openOrders: (trader) => (trader === 1 ? shown.open : 0) },
    most,
  );
  /** How many more of trader 1 would be admitted. None of them is kept. */
  const room = (): number => {
    const asked = Array.from({ length: most + 1 }, () => bid(1));
    const { refusals, settle } = limit.admit(asked);
    settle(null);
    return refusals ? refusals.filter((refusal) => refusal === null).length : asked.length;
  };
  return { limit, shown, room };
}

test('what is under way counts until the market data show it, each order by its own sequence', (t) => {
  const { limit, shown, room } = limited();
  t.is(room(), 3);
  const first = limit.admit([bid(1), bid(2), bid(1)]);
  t.is(room(), 1, 'without a sequence');
  first.settle(taken(11, 12, 13));
  t.is(room(), 1);
  Object.assign(shown, { sequence: 12, open: 1 });
  t.is(room(), 1, 'one rests and one is under way');
  Object.assign(shown, { sequence: 13, open: 1 });
  t.is(room(), 2, 'the other traded as it came');
});

test('what is not taken, or is a repeat, or never rests, counts no longer or not at all', (t) => {
  const { limit, room } = limited();
  limit.admit([bid(1), bid(1)]).settle(null);
  t.is(room(), 3);
  limit
    .admit([bid(1), bid(1, 'A-USD', 'IOC'), bid(1, 'B-USD')])
    .settle([{ sequence: 5, repeated: true }, ...taken(21, 22)]);
  t.is(room(), 3);
  const { refusals, settle } = limit.admit([bid(1), bid(2), bid(1), bid(1), bid(1), bid(2)]);
  t.deepEqual(
    refusals?.map((refusal) => refusal !== null),
    [false, false, false, false, true, false],
  );
  settle(taken(31, 32, 33, 34, 35));
  t.is(room(), 0);
});
