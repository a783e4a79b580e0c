import test from 'ava';
import { decodeReports } from '../../core/wire/decode-reports.ts';
import { buildBatch, type Fundings } from '../../writer/batch.ts';

const funding = { baseCurrency: 'V', baseUnits: 10, quoteCurrency: 'USD', quoteUnits: 3 };
const fundings = (): Fundings => new Map([['V-USD', funding]]);
const batchOf = (...lines: string[]) => buildBatch(decodeReports(lines.join('\n')), fundings());

/** Trader 2 buys one lot of trader 1 at 50; both have other money too. */
const trade = [
  '9 ok V-USD 4 place 2 V-USD buy 60 1 - GTC - dc - 1000 req-1',
  'match 3 buy 7 1 50 1',
  'done 9 filled 0',
  'account 2 USD 850 0',
  'account 1 USD 150 0',
  'account 1 V 0 20',
  'account 2 V 10 0',
];

test('a trade is four movements that sum to zero in each currency, with the balance after each', (t) => {
  const { ledger } = batchOf(...trade);
  t.deepEqual(
    ledger.map(({ traderId, currency, amount, balance, orderId }) => [
      traderId,
      currency,
      amount,
      balance,
      orderId,
    ]),
    [
      [2, 'USD', -150, 850, 9],
      [1, 'USD', 150, 150, 7],
      [1, 'V', -10, 20, 7],
      [2, 'V', 10, 10, 9],
    ],
  );
  t.like(ledger[0], {
    sequence: 9,
    movement: 'match',
    productId: 'V-USD',
    tradeId: 3,
    transferId: null,
    time: 1000,
  });
});

test('balances run through the batch, back from what the last report says', (t) => {
  const { ledger, accounts } = batchOf(
    '1 ok - 0 deposit 5 USD 100 a 1000 -',
    'account 0 USD -100 0',
    'account 5 USD 100 0',
    '2 ok - 0 deposit 5 USD 30 b 1000 -',
    'account 0 USD -130 0',
    'account 5 USD 130 0',
    '3 ok - 0 withdraw 5 USD 50 c 1000 -',
    'account 5 USD 80 0',
    'account 0 USD -80 0',
  );
  t.deepEqual(
    ledger.map(({ sequence, traderId, amount, balance, movement }) => [
      sequence,
      traderId,
      amount,
      balance,
      movement,
    ]),
    [
      [1, 0, -100, -100, 'deposit'],
      [1, 5, 100, 100, 'deposit'],
      [2, 0, -30, -130, 'deposit'],
      [2, 5, 30, 130, 'deposit'],
      [3, 5, -50, 80, 'withdraw'],
      [3, 0, 50, -80, 'withdraw'],
    ],
  );
  t.deepEqual(
    accounts.map(({ traderId, available, moved, sequence }) => [traderId, available, moved, sequence]),
    [
      [0, -80, -80, 3],
      [5, 80, 80, 3],
    ],
  );
});

test('a hold changes an account and moves nothing', (t) => {
  const { ledger, accounts } = batchOf(
    '4 ok V-USD 0 place 2 V-USD buy 60 1 - GTC - dc - 1000 -',
    'open 4 1',
    'account 2 USD 820 180',
  );
  t.deepEqual(ledger, []);
  t.deepEqual(accounts, [{ traderId: 2, currency: 'USD', available: 820, hold: 180, sequence: 4, moved: 0 }]);
});

test('a refused transfer is remembered, and moves nothing', (t) => {
  const { ledger, accounts, transfers } = batchOf('5 insufficient_funds - 0 withdraw 5 USD 50 x 1000 -');
  t.deepEqual([ledger, accounts], [[], []]);
  t.like(transfers[0], { sequence: 5, rejectReason: 'insufficient_funds' });
});

test('a product announced within the batch is funded from then on', (t) => {
  const announced = '8 ok - 0 product V-USD online 1 V:10:USD:3 1000 -';
  t.is(buildBatch(decodeReports([announced, ...trade].join('\n')), new Map()).ledger.length, 4);
  t.is(
    buildBatch(decodeReports(trade.join('\n')), new Map()).ledger.length,
    0,
    'products that are not funded move no money',
  );
});

test('sequences next to each other that one request was given are one row', (t) => {
  const cancel = (sequence: number, request: string): string =>
    `${sequence} order_not_resting - 0 cancel 1 2 - 1000 ${request}`;
  const { requests } = batchOf(
    cancel(1, 'a'),
    cancel(2, 'a'),
    cancel(3, '-'),
    cancel(4, 'a'),
    cancel(5, 'b'),
  );
  t.deepEqual(requests, [
    { requestId: 'a', first: 1, last: 2 },
    { requestId: 'a', first: 4, last: 4 },
    { requestId: 'b', first: 5, last: 5 },
  ]);
});
