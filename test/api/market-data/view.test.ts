import test from 'ava';
import {
  applyToView,
  bookOf,
  newView,
  openOrderIdsOf,
  tickerOf,
  type View,
  ViewError,
} from '../../../api/market-data/view.ts';
import { firstMinute } from '../../../api/market-data/window.ts';
import { decodeReports } from '../../../core/wire/decode-reports.ts';
import { drawBook } from '../../support/draw-book.ts';

const minute = 60_000;
const noon = 1_700_000_000_000 - (1_700_000_000_000 % minute);

/** Each element is a report without its sequence: a head's words, and a line for each event. */
function viewOf(...reports: string[][]): View {
  const view = newView(0, 0);
  reports.forEach((lines, i) => {
    const text = `${i + 1} ${lines.join('\n')}`;
    for (const report of decodeReports(text)) applyToView(view, report);
  });
  return view;
}

/** A resting order of trader 1. */
function rests(feed: number, side: 'buy' | 'sell', price: number, size: number): string[] {
  return [`ok A-USD ${feed} place 1 A-USD ${side} ${price} ${size} - GTC - none - ${noon} -`];
}
function opens(id: number, feed: number, side: 'buy' | 'sell', price: number, size: number): string[] {
  return [...rests(feed, side, price, size), `open ${id} ${size}`];
}

test('orders stand best price first, and at one price in the order of their coming', (t) => {
  const view = viewOf(
    opens(1, 0, 'buy', 5, 10),
    opens(2, 2, 'buy', 6, 1),
    opens(3, 4, 'buy', 5, 2),
    opens(4, 6, 'sell', 9, 4),
    opens(5, 8, 'sell', 8, 3),
  );
  t.deepEqual(drawBook(bookOf(view, 'A-USD', 10)), ['9: 4#4', '8: 3#5', '---', '6: 1#2', '5: 10#1 2#3']);
  t.deepEqual(drawBook(bookOf(view, 'A-USD', 1)), ['8: 3#5', '---', '6: 1#2']);
  const { feedSequence, time, bids } = bookOf(view, 'A-USD', 10);
  t.deepEqual([feedSequence, time, bids.map(({ size }) => size)], [10, noon, [1, 12]]);
});

test('who has which orders open follows orders in, out, through amends and trades', (t) => {
  const view = viewOf(
    opens(1, 0, 'buy', 5, 10),
    opens(2, 2, 'buy', 6, 1),
    opens(3, 4, 'sell', 9, 4),
    opens(4, 6, 'buy', 5, 2),
    [`ok A-USD 8 cancel 1 1 - ${noon} -`, 'done 1 canceled 10'],
    [`ok A-USD 9 amend 1 2 7 - ${noon} -`, 'change 2 amend 7 1 1 moved', 'open 2 1'],
  );
  const own = (traderId: number) => [
    openOrderIdsOf(view, traderId, 'A-USD'),
    openOrderIdsOf(view, traderId, null),
    view.products.get('A-USD')!.openOrders.countOf(traderId),
  ];
  t.deepEqual(own(1), [[2, 3, 4], [2, 3, 4], 3]);
  t.deepEqual(own(2), [[], [], 0]);
  t.deepEqual(openOrderIdsOf(view, 1, 'B-USD'), []);
});

test('a trade takes from the maker, and a maker that is filled leaves', (t) => {
  const view = viewOf(opens(1, 0, 'sell', 5, 3), opens(2, 2, 'sell', 5, 4), [
    ...rests(4, 'buy', 6, 9),
    'match 1 buy 1 1 5 3',
    'done 1 filled 0',
    'match 2 buy 2 1 5 1',
    'done 3 self_trade 5',
  ]);
  t.deepEqual(drawBook(bookOf(view, 'A-USD', 10)), ['5: 3#2', '---']);
  t.is(bookOf(view, 'A-USD', 10).feedSequence, 9);
  t.deepEqual(tickerOf(view, 'A-USD', noon), {
    lastTrade: {
      ...{ tradeId: 2, makerOrderId: 2, takerOrderId: 3, takerSide: 'buy' },
      ...{ price: 5, size: 1, time: noon },
    },
    bestBid: null,
    bestAsk: view.products.get('A-USD')!.asks.levels[0],
    stats: { open: 5, high: 5, low: 5, volume: 4, volume30Days: 4 },
  });
});

test('an order that is made smaller keeps its place; any other amend sends it to the end of a queue', (t) => {
  const view = viewOf(
    opens(1, 0, 'buy', 5, 10),
    opens(2, 2, 'buy', 5, 20),
    opens(3, 4, 'buy', 6, 30),
    [`ok A-USD 6 amend 1 1 - 7 ${noon} -`, 'change 1 amend 5 7 7 kept'],
    [`ok A-USD 7 amend 1 2 - 21 ${noon} -`, 'change 2 amend 5 21 21 moved', 'open 2 21'],
    [`ok A-USD 9 amend 1 3 5 - ${noon} -`, 'change 3 amend 5 30 30 moved', 'open 3 30'],
  );
  t.deepEqual(drawBook(bookOf(view, 'A-USD', 10)), ['---', '5: 7#1 21#2 30#3']);
});

test('an amended order may trade, be reduced and be done before it rests again', (t) => {
  const view = viewOf(
    opens(1, 0, 'sell', 7, 2),
    opens(2, 2, 'buy', 5, 10),
    [
      `ok A-USD 4 amend 1 2 7 - ${noon} -`,
      'change 2 amend 7 10 10 moved',
      'match 1 buy 1 1 7 2',
      'done 1 filled 0',
      'change 2 self_trade 7 9 7 kept',
      'open 2 7',
    ],
    [`ok A-USD 9 cancel 1 2 - ${noon} -`, 'done 2 canceled 7'],
  );
  t.deepEqual(drawBook(bookOf(view, 'A-USD', 10)), ['---']);
  t.is(view.orders.size, 0);
});

test('a refused command and a product command move the sequence and no feed', (t) => {
  const view = viewOf(
    opens(1, 0, 'buy', 5, 1),
    [`post_only - 0 place 1 A-USD buy 5 1 - GTC post none - ${noon} -`],
    [`ok - 0 product A-USD offline 2 - ${noon + 1} -`],
  );
  t.deepEqual([view.sequence, view.time, bookOf(view, 'A-USD', 1).feedSequence], [3, noon + 1, 2]);
});

test('a product that had no order yet has an empty book', (t) => {
  const view = viewOf();
  const { indicative, ...book } = bookOf(view, 'B-USD', 1);
  t.deepEqual(book, { feedSequence: 0, time: 0, bids: [], asks: [] });
  t.deepEqual(indicative(), null);
  t.deepEqual(tickerOf(view, 'B-USD', noon), {
    ...{ lastTrade: null, bestBid: null, bestAsk: null },
    stats: { open: null, high: null, low: null, volume: 0, volume30Days: 0 },
  });
});

for (const [what, ...reports] of [
  ['an order that does not rest is filled', [...rests(0, 'buy', 5, 1), 'match 1 buy 9 1 5 1']],
  ['an order that does not rest is canceled', [`ok A-USD 0 cancel 1 9 - ${noon} -`, 'done 9 canceled 1']],
  ['an order opens that did not come in', [`ok A-USD 0 cancel 1 9 - ${noon} -`, 'open 9 1']],
  [
    'more is traded than remains',
    opens(1, 0, 'sell', 5, 1),
    [...rests(2, 'buy', 5, 2), 'match 1 buy 1 1 5 2'],
  ],
  ['a feed sequence is left out', rests(1, 'buy', 5, 1)],
] as const) {
  test(`the view is given up when ${what}`, (t) => {
    t.throws(() => viewOf(...reports.map((lines) => [...lines])), { instanceOf: ViewError });
  });
}

test('the view is given up when a sequence is left out', (t) => {
  const [report] = decodeReports(`2 ok - 0 product A-USD offline 2 ${noon}`);
  t.throws(() => applyToView(newView(0, 0), report!), { instanceOf: ViewError });
});

test('volume is that of the last 24 hours, to the minute', (t) => {
  const view = viewOf(opens(1, 0, 'sell', 5, 100), [
    `ok A-USD 2 place 1 A-USD buy 5 3 - GTC - none - ${noon} -`,
    'match 1 buy 1 1 5 3',
    'done 2 filled 0',
  ]);
  const volumeAfter = (minutes: number) => tickerOf(view, 'A-USD', noon + minutes * minute).stats.volume;
  t.is(volumeAfter(-5), 3, 'a clock may be behind');
  t.is(volumeAfter(24 * 60), 3);
  t.is(volumeAfter(24 * 60 + 1), 0);
  t.is(firstMinute(noon), noon / minute - 24 * 60);
});
