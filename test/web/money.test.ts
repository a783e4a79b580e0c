import test from 'ava';
import fc from 'fast-check';
import { readFunds, readMaxFloor, readPrice, readSize, readStopPrice } from '../../api/http/amounts.ts';
import type { Product } from '../../clients/typescript/src/types.ts';
import type { Product as ApiProduct } from '../../core/product.ts';
import { multiplyIncrements } from '../../core/units.ts';
import { fromUnits, placesOf, stepBy, toUnits, toUnitsDown, trimZeros } from '../../web/src/money/decimal.ts';
import { estimate, type Wish } from '../../web/src/money/estimate.ts';
import { grouped, percentChange, short } from '../../web/src/money/format.ts';
import { groupLevels } from '../../web/src/money/levels.ts';
import { mayRest, orderOf, problemOf, sizeOfPart, type Ticket } from '../../web/src/money/ticket.ts';
import { toCsv } from '../../web/src/ui/csv.ts';
import { seed } from '../support/seed.ts';

test('texts become whole units and come back as they were', (t) => {
  fc.assert(
    fc.property(fc.bigInt(-(10n ** 30n), 10n ** 30n), fc.nat(12), (units, places) => {
      t.is(toUnits(fromUnits(units, places), places), units);
    }),
    { seed },
  );
});

for (const [text, places, units] of [
  ['1', 2, 100n],
  ['1.5', 2, 150n],
  ['1.500', 2, 150n],
  ['.5', 2, 50n],
  ['5.', 2, 500n],
  [' 7 ', 0, 7n],
  ['90071992547409931234567.89', 2, 9007199254740993123456789n],
  ['1.005', 2, null],
  ['', 2, null],
  ['.', 2, null],
  ['1e3', 2, null],
  ['1,5', 2, null],
  ['0x10', 2, null],
] as const)
  test(`"${text}" with ${places} places is ${units} units`, (t) => t.is(toUnits(text, places), units));

test('a step up or down stays on the increment and above zero', (t) => {
  t.is(stepBy('5.00', '0.01', 1n), '5.01');
  t.is(stepBy('0.05', '0.05', -2n), '0.00');
  t.is(stepBy('9', '1', 1n), '10');
  t.is(stepBy('abc', '0.01', 1n), null);
});

test('numbers are shown cut, never rounded up', (t) => {
  t.is(grouped('1234567.50'), '1,234,567.50');
  t.is(grouped('-1234'), '-1,234');
  t.deepEqual(['999', '1999', '19999', '1999999', '-2500000000'].map(short), [
    '999',
    '1.99K',
    '19.9K',
    '1.99M',
    '-2.5B',
  ]);
  t.deepEqual(['1.500', '2.00', '100', '0'].map(trimZeros), ['1.5', '2', '100', '0']);
  t.is(placesOf('0.01'), 2);
  t.is(placesOf('1'), 0);
  t.is(toUnitsDown('1.239', 2), 123n);
});

test('a change in percent is exact', (t) => {
  t.deepEqual(percentChange('5.00', '5.25'), { text: '+5.00%', sign: 1 });
  t.deepEqual(percentChange('3.00', '2.00'), { text: '-33.33%', sign: -1 });
  t.deepEqual(percentChange('3.00', '3.00'), { text: '0.00%', sign: 0 });
  t.is(percentChange('0', '3.00'), null);
});

const asks = [
  ['5.00', '2'],
  ['5.01', '3'],
  ['5.10', '10'],
] as const;
const places = { price: 2, size: 0 };
const wish: Wish = { side: 'buy', levels: asks, price: null, size: null, funds: null, takerFeeRate: '0' };

test('an estimate takes what the order would take, at the prices that rest there', (t) => {
  t.deepEqual(estimate({ ...wish, size: '4' }, places), {
    ...{
      taken: '4',
      value: '20.02',
      averagePrice: '5.0050',
      fee: '0.00',
      remaining: '0',
      worstPrice: '5.01',
    },
  });
  t.like(estimate({ ...wish, price: '5.01', size: '9' }, places), {
    taken: '5',
    value: '25.03',
    remaining: '4',
  });
  t.like(estimate({ ...wish, funds: '15.02' }, places), { taken: '3', value: '15.01', remaining: null });
  t.like(estimate({ ...wish, size: '99' }, places), { taken: '15', remaining: '84', worstPrice: '5.10' });
  t.like(estimate({ ...wish, price: '4.99', size: '1' }, places), { taken: '0', averagePrice: null });
  t.is(estimate({ ...wish, price: 'x', size: '1' }, places), null);
});

test('a fee is rounded up to the quote’s step, as the exchange charges it', (t) => {
  t.is(estimate({ ...wish, size: '2', takerFeeRate: '0.0060' }, places)?.fee, '0.06');
  t.is(estimate({ ...wish, size: '1', takerFeeRate: '0.0001' }, places)?.fee, '0.01');
  t.like(estimate({ ...wish, funds: '10.05', takerFeeRate: '0.0060' }, places), { taken: '1', fee: '0.03' });
  t.like(estimate({ ...wish, funds: '10.06', takerFeeRate: '0.0060' }, places), { taken: '2', fee: '0.06' });
});

test('groups round bids down and asks up, and cumulate', (t) => {
  const grouping = { pricePlaces: 2, sizePlaces: 0, step: 5n };
  const rows = (side: 'buy' | 'sell', levels: [string, string][], depth = 9) =>
    groupLevels(side, levels, depth, grouping).map(({ price, size, total }) => `${price} ${size} ${total}`);
  t.deepEqual(
    rows('sell', [
      ['5.00', '1'],
      ['5.01', '2'],
      ['5.05', '3'],
      ['5.06', '4'],
    ]),
    ['5.00 1 1', '5.05 5 6', '5.10 4 10'],
  );
  t.deepEqual(
    rows('buy', [
      ['4.99', '1'],
      ['4.96', '2'],
      ['4.95', '3'],
      ['4.94', '4'],
    ]),
    ['4.95 6 6', '4.90 4 10'],
  );
  t.deepEqual(
    rows(
      'buy',
      [
        ['4.99', '1'],
        ['4.94', '2'],
        ['4.89', '3'],
      ],
      2,
    ),
    ['4.95 1 1', '4.90 2 3'],
  );
  t.deepEqual(rows('buy', []), []);
});

const product = {
  ...{ id: 'PIKACHU-USD', base_currency: 'PIKACHU', quote_currency: 'USD', quote_increment: '0.01' },
  ...{ base_increment: '1', min_price: '1.00', max_price: '10.00', base_min_size: '1', base_max_size: '500' },
  ...{ min_market_funds: '1.00', max_market_funds: '5000.00', funded: true },
  ...{ maker_fee_rate: '0.0000', taker_fee_rate: '0.0000' },
} as Product;
const ticket: Ticket = {
  ...{
    side: 'buy',
    kind: 'limit',
    price: '5.00',
    size: '1',
    funds: '',
    by: 'size',
    stopPrice: '',
    maxFloor: '',
  },
  ...{ timeInForce: 'GTC', cancelAfter: 'day', postOnly: false, stp: '' },
};

const amounts = [
  ...[
    '1',
    '1.0',
    '1.2',
    '2.05',
    '1.50',
    '9.99',
    '10.00',
    '10.01',
    '0.99',
    '0',
    '-1',
    '-1.001',
    '500.0',
    '500.2',
  ],
  ...[
    '5000',
    '5000.01',
    '4999.999',
    '1.001',
    '0.005',
    '100000000000000000000',
    '1,5',
    '.5',
    '5.',
    '1e3',
    'x',
    '--1',
  ],
];

for (const [what, part, says] of [
  ['a whole ticket', {}, undefined],
  ['no price', { price: '' }, 'price is required'],
  ['a price that is no number', { price: '5,0' }, 'Invalid price: must be a plain decimal number'],
  ['a price off the tick', { price: '5.001' }, 'price too precise: must be a multiple of 0.01'],
  ['a price below the least', { price: '0.99' }, 'price too small: must be at least 1.00'],
  ['a price above the most', { price: '10.01' }, 'price is too large: must be at most 10.00'],
  ['one and a half lots', { size: '1.5' }, 'size is too accurate: must be a multiple of 1'],
  ['no lot', { size: '0' }, 'size is too small: must be at least 1'],
  ['too many lots', { size: '501' }, 'size is too large: must be at most 500'],
  ['a market order without a size', { kind: 'market', size: '' }, 'size is required'],
  [
    'funds below the least',
    { kind: 'market', by: 'funds', funds: '0.99' },
    'size is too small: funds: must be at least 1.00',
  ],
  ['a stop without its price', { kind: 'stop-limit' }, 'stop_price is required'],
  ['a stop with its price', { kind: 'stop-market', stopPrice: '6.00' }, undefined],
  ['an iceberg', { size: '200', maxFloor: '2' }, undefined],
  [
    'an iceberg of too many parts',
    { size: '201', maxFloor: '2' },
    'Invalid max_floor: must be at least a 100th of size',
  ],
  [
    'an iceberg that shows more than it has',
    { size: '2', maxFloor: '3' },
    'Invalid max_floor: is above size',
  ],
  [
    'an iceberg of one and a half lots',
    { maxFloor: '1.5' },
    'max_floor is too accurate: must be a multiple of 1',
  ],
  ['what is shown of an order that cannot rest', { timeInForce: 'IOC', maxFloor: '3' }, undefined],
] as const)
  test(`the ticket says of ${what}: ${says ?? 'nothing'}`, (t) =>
    t.is(problemOf({ ...ticket, ...(part as Partial<Ticket>) }, product)?.message, says));

/** What the api says of an amount; undefined if it takes it. */
function refusalOf(read: () => number): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

test('the ticket refuses the amounts that the api refuses, in its words', (t) => {
  const [tick, lot] = [
    { digits: 2, units: 5 },
    { digits: 1, units: 2 },
  ];
  const bounds = {
    minPrice: 20,
    maxPrice: 200,
    minSize: 5,
    maxSize: 2_500,
    minFunds: 100,
    maxFunds: 500_000,
  };
  const known = { tick, lot, quoteUnit: multiplyIncrements(tick, lot), ...bounds } as ApiProduct;
  const shown = {
    ...{ ...product, quote_increment: '0.05', base_increment: '0.2', min_price: '1.00', max_price: '10.00' },
    ...{
      base_min_size: '1.0',
      base_max_size: '500.0',
      min_market_funds: '1.000',
      max_market_funds: '5000.000',
    },
  };
  const ofFunds = { kind: 'market', by: 'funds' } as const;
  const ofStop = { kind: 'stop-market', size: '1' } as const;
  for (const text of amounts)
    for (const [part, read] of [
      [{ price: text }, () => readPrice(text, known)],
      [{ ...ofStop, stopPrice: text }, () => readStopPrice(text, known)],
      [{ size: text }, () => readSize(text, known)],
      [{ size: '20', maxFloor: text }, () => readMaxFloor(text, known)],
      [{ ...ofFunds, funds: text }, () => readFunds(text, known)],
    ] as const) {
      const says = problemOf({ ...ticket, ...part }, shown)?.message;
      if (says !== 'Invalid max_floor: is above size') t.is(says, refusalOf(read), JSON.stringify(part));
    }
});

test('a stop limit may rest whatever time in force was chosen before', (t) => {
  for (const timeInForce of ['GTC', 'GTT', 'IOC', 'FOK'] as const) {
    t.true(mayRest({ kind: 'stop-limit', timeInForce }));
    t.is(mayRest({ kind: 'limit', timeInForce }), timeInForce === 'GTC' || timeInForce === 'GTT');
    t.false(mayRest({ kind: 'market', timeInForce }));
  }
});

test('a ticket becomes the order that it says', (t) => {
  t.deepEqual(orderOf(ticket, product), {
    ...{
      product_id: 'PIKACHU-USD',
      side: 'buy',
      type: 'limit',
      price: '5.00',
      size: '1',
      time_in_force: 'GTC',
    },
  });
  t.deepEqual(orderOf({ ...ticket, kind: 'market', by: 'funds', funds: '9' }, product), {
    ...{ product_id: 'PIKACHU-USD', side: 'buy', type: 'market', funds: '9' },
  });
  t.like(orderOf({ ...ticket, kind: 'stop-limit', side: 'sell', stopPrice: '4.00' }, product), {
    stop: 'loss',
    stop_price: '4.00',
  });
  t.like(orderOf({ ...ticket, timeInForce: 'GTT', postOnly: true, stp: 'co' }, product), {
    cancel_after: 'day',
    post_only: true,
    stp: 'co',
  });
  t.like(orderOf({ ...ticket, kind: 'stop-limit', maxFloor: ' 1 ' }, product), { max_floor: '1' });
  t.false('max_floor' in orderOf({ ...ticket, timeInForce: 'FOK', maxFloor: '1' }, product));
});

test('a part of what is available is whole lots that can be paid, and never above the largest order', (t) => {
  const of = (side: 'buy' | 'sell', percent: bigint, quote: string | null, price: string | null, fees = {}) =>
    sizeOfPart({ side, percent, price }, { base: '7', quote }, { ...product, ...fees });
  t.is(of('buy', 100n, '9.00', '3.00', { maker_fee_rate: '0.0040' }), '2');
  t.is(of('buy', 100n, '9.04', '3.00', { maker_fee_rate: '0.0040' }), '3');
  t.is(of('buy', 100n, '10.00', '3.00'), '3');
  t.is(of('buy', 50n, '10.00', '3.00'), '1');
  t.is(of('sell', 50n, null, null), '3');
  t.is(of('buy', 100n, '1000000.00', '1.00'), '500');
  t.is(of('buy', 100n, null, null), '500');
  t.is(of('buy', 100n, '10.00', ''), null);
  t.is(of('buy', 100n, '10.00', '0'), null);
});

test('a spreadsheet takes no text of a CSV for a formula', (t) => {
  const rows = [
    { id: '1', note: '=cmd()' },
    { id: '2', amount: '-5.00', note: 'a "b", c' },
  ];
  t.is(toCsv(rows), `id,note,amount\r\n1,'=cmd(),\r\n2,"a ""b"", c",-5.00\r\n`);
});
