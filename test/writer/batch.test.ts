import test from 'ava';
import { decodeReports } from '../../core/wire/decode-reports.ts';
import { buildBatch } from '../../writer/batch.ts';
import { codes, column, texts } from '../../writer/statements/columns.ts';

const placed = (sequence: number, feed: number, side: string, size = 1, oid = '-'): string =>
  `${sequence} ok A-USD ${feed} place 7 A-USD ${side} 500 ${size} - GTC - none ${oid} 1000 req`;

const batchOf = (...lines: string[]) => buildBatch(decodeReports(lines.join('\n')), new Map());

test('an order that is placed and filled within a batch becomes one row in its final state', (t) => {
  const batch = batchOf(
    placed(1, 0, 'sell'),
    'open 1 1',
    placed(2, 2, 'buy'),
    'match 1 buy 1 7 500 1',
    'done 1 filled 0',
    'done 2 filled 0',
  );
  t.deepEqual(
    batch.orders.map(({ id, change }) => [
      id,
      change.status,
      change.filledSize,
      change.executedValue,
      change.doneReason,
    ]),
    [
      [1, 'done', 1, 500, 'filled'],
      [2, 'done', 1, 500, 'filled'],
    ],
  );
  t.is(batch.changes.size, 0);
  t.deepEqual([batch.first, batch.last, batch.trades.length], [1, 2, 1]);
  t.deepEqual([...batch.feeds], [['A-USD', { feedSequence: 6, tradeId: 1 }]]);
});

test('what a batch did to an order of an earlier batch is one change, however often it traded', (t) => {
  const batch = batchOf(
    placed(8, 10, 'buy', 2),
    'match 4 buy 3 9 500 2',
    'done 8 filled 0',
    placed(9, 13, 'buy', 1),
    'match 5 buy 3 9 500 1',
    'done 3 filled 0',
    'done 9 filled 0',
  );
  t.deepEqual([...batch.changes.keys()], [3]);
  const change = batch.changes.get(3)!;
  t.deepEqual(
    [change.filledSize, change.executedValue, change.status, change.doneAt],
    [3, 1500, 'done', 1000],
  );
});

test('a moved order keeps its id and remembers the command that gave it its place', (t) => {
  const batch = batchOf('20 ok A-USD 5 amend 7 3 510 4 2000 -', 'change 3 amend 510 4 4 moved', 'open 3 4');
  const change = batch.changes.get(3)!;
  t.deepEqual([change.amendedPrice, change.amendedSize, change.place, change.status], [510, 4, 20, 'open']);
  t.deepEqual(batch.commands, [
    { sequence: 20, line: 'amend 7 3 510 4 2000 -', orderId: 3, rejectReason: null },
  ]);
});

test('refused commands are rows too: orders as rejected, others with their reason', (t) => {
  const batch = batchOf(
    '1 post_only - 0 place 7 A-USD buy 500 1 - GTC post none - 1000 -',
    '2 order_not_resting - 0 cancel 7 99 - 1000 -',
  );
  t.deepEqual(
    [batch.orders[0]!.change.status, batch.orders[0]!.change.rejectReason],
    ['rejected', 'post_only'],
  );
  t.is(batch.commands[0]!.rejectReason, 'order_not_resting');
  t.is(batch.feeds.size, 0);
});

test('a trade belongs to the order that the command amended, and to the trader who did', (t) => {
  const batch = batchOf(
    '20 ok A-USD 5 amend 7 3 500 - 2000 -',
    'change 3 amend 500 1 1 moved',
    'match 9 sell 4 8 505 1',
    'done 4 filled 0',
    'done 3 filled 0',
  );
  const [trade] = batch.trades;
  t.like(trade, {
    sequence: 20,
    takerOrderId: 3,
    takerTraderId: 7,
    takerSide: 'sell',
    time: 2000,
    productId: 'A-USD',
  });
});

test('columns hold nulls, numbers beyond 2^44, booleans, and texts that look like something else', (t) => {
  t.is(column([1, null, 2 ** 53 - 1]), '{1,NULL,9007199254740991}');
  t.is(codes(['buy', true, null]), '{buy,true,NULL}');
  t.is(texts(['NULL', null, 'a b', '"\\']), '{"NULL",NULL,"a b","\\"\\\\"}');
});
