import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { UsageError } from '../../scripts/console/errors.ts';
import { watchAvailability } from '../../scripts/lab/faults/availability.ts';
import { compareAll } from '../../scripts/lab/faults/compare.ts';
import type { Findings } from '../../scripts/lab/faults/findings.ts';
import { readFaultsOptions } from '../../scripts/lab/faults/options.ts';
import { planOf } from '../../scripts/lab/faults/plan.ts';
import { openProxy, type TcpProxy } from '../../scripts/lab/faults/proxy.ts';
import type { Answer, Meant, Sent, What } from '../../scripts/lab/faults/record.ts';
import type { OrderRow, Stored, TransferRow } from '../../scripts/lab/faults/stored.ts';

const meant: Meant = { traderId: 1, clientOid: null, productId: 'A-USD', side: 'buy', price: 500 };
const named: Meant = { ...meant, clientOid: 'a' };
const placed = (...orders: Meant[]): What => ({ kind: 'place', orders, isAllOrNone: false });
const together = (...orders: Meant[]): What => ({ kind: 'place', orders, isAllOrNone: true });
const ok = (body: unknown, status = 200): Answer => ({ status, retryAfter: null, body });
const away = (message: string, retryAfter: string | null = '1'): Answer => ({
  ...{ status: 503, retryAfter },
  body: { message },
});
const open = { id: '7', status: 'open', filled_size: '0', executed_value: '0.00' };
const filled = { ...open, status: 'done', done_reason: 'filled', filled_size: '1', executed_value: '5.00' };
const row: OrderRow = {
  ...{ id: 7, trader_id: 1, product_id: 'A-USD', side: 'buy', price: 500, client_oid: null, status: 'open' },
  ...{ done_reason: null, reject_reason: null, filled_size: 0, executed_value: 0 },
  ...{ resting_price: 500, remaining: 1 },
};
const done: Partial<OrderRow> = {
  ...{ status: 'done', done_reason: 'filled', filled_size: 1, executed_value: 500 },
};
const movement: TransferRow = { movement: 'deposit', trader_id: 1, reject_reason: null, amount: 5 };
const tooFar = { message: 'price is too far from the last trade' };
const noFunds = { message: 'Insufficient funds' };
const notPlaced = { message: 'Not placed: another order of the all-or-none batch was refused' };
const rejected = (id: number, reject_reason: string) => ({ id, status: 'rejected', reject_reason });

type Rows = {
  readonly orders?: Partial<OrderRow>[];
  readonly requests?: Record<string, number[]>;
  readonly commands?: Record<number, string | null>;
  readonly transfers?: Record<string, Partial<TransferRow>>;
  readonly between?: Record<string, string>;
  readonly products?: Record<string, string>;
};

function storedOf(found: Rows): Stored {
  const { orders = [], requests = {}, commands = {}, transfers = {}, between = {}, products = {} } = found;
  const rows = orders.map((one) => ({ ...row, ...one }));
  const oids = Map.groupBy(
    rows.filter((one) => one.client_oid !== null),
    (one) => `${one.trader_id} ${one.client_oid}`,
  );
  return {
    orders: new Map(rows.map((one) => [one.id, one])),
    byClientOid: new Map([...oids].map(([name, list]) => [name, list.map(({ id }) => id)])),
    requests: new Map(Object.entries(requests)),
    commands: new Map(Object.entries(commands).map(([sequence, reason]) => [Number(sequence), reason])),
    transfers: new Map(Object.entries(transfers).map(([name, one]) => [name, { ...movement, ...one }])),
    between: new Map(Object.entries(between)),
    products: new Map(Object.entries(products)),
    uncrossed: { auctions: 0, trades: 0 },
  };
}

type Case = [
  title: string,
  sent: readonly (readonly [What, Answer | null])[],
  stored: Rows,
  finds: keyof Findings | null,
];

const taken = { requests: { r1: [7] } };
const move: What = { kind: 'move', transferId: 't', shard: 'main', amount: 5 };
const moveBetween: What = {
  ...{ kind: 'move between', transferId: 't', fromShard: 'main', toShard: 'east' },
  ...{ traderId: 1, toTraderId: 2, amount: 5 },
};
const out: Partial<TransferRow> = { movement: 'withdraw' };
const into: Partial<TransferRow> = { trader_id: 2 };
const cancel: What = { kind: 'cancel', orderId: '7' };

const status = (says: 'auction' | 'online'): What => ({ kind: 'status', productId: 'A-USD', status: says });

const cases: Case[] = [
  [
    'a product is as it was made last',
    [
      [status('auction'), ok({})],
      [status('online'), ok({})],
    ],
    { products: { 'A-USD': 'online' } },
    null,
  ],
  [
    'a product is not as it was made',
    [[status('auction'), ok({})]],
    { products: { 'A-USD': 'online' } },
    'lost',
  ],
  [
    'a product may be as one made it who was not answered',
    [
      [status('auction'), ok({})],
      [status('online'), null],
    ],
    { products: { 'A-USD': 'online' } },
    null,
  ],
  ['an order is there as it was answered', [[placed(meant), ok(open)]], { orders: [{}], ...taken }, null],
  ['it traded later', [[placed(meant), ok(open)]], { orders: [done], ...taken }, null],
  ['an answered order is gone', [[placed(meant), ok(open)]], {}, 'lost'],
  ['an accepted order is gone', [[placed(meant), ok(open, 202)]], {}, 'lost'],
  ['an order that was not answered is gone', [[placed(meant), null]], {}, null],
  ['an order that was not answered is there', [[placed(meant), null]], { orders: [{}], ...taken }, null],
  [
    'an order that was not answered is there twice',
    [[placed(meant), null]],
    { orders: [{}, { id: 8 }], requests: { r1: [7, 8] } },
    'doubled',
  ],
  [
    'a retry made another order',
    [
      [placed(named), null],
      [placed(named), ok(open)],
    ],
    { orders: [{ client_oid: 'a' }, { id: 8, client_oid: 'a' }], requests: { r1: [7], r2: [8] } },
    'doubled',
  ],
  [
    'a retry found the first order',
    [
      [placed(named), null],
      [placed(named), ok(open)],
    ],
    { orders: [{ client_oid: 'a' }], ...taken },
    null,
  ],
  [
    'a retry was told of another order',
    [[placed(named), ok({ ...open, id: '9' })]],
    { orders: [{ client_oid: 'a' }], ...taken },
    'contradicted',
  ],
  ['a filled order is open', [[placed(meant), ok(filled)]], { orders: [{}], ...taken }, 'contradicted'],
  ['a filled order is filled', [[placed(meant), ok(filled)]], { orders: [done], ...taken }, null],
  [
    'it was filled for another value',
    [[placed(meant), ok(filled)]],
    { orders: [{ ...done, executed_value: 501 }], ...taken },
    'contradicted',
  ],
  ['it has another price', [[placed(meant), ok(open)]], { orders: [{ price: 1 }], ...taken }, 'contradicted'],
  [
    'what was not to be taken is there',
    [[placed(meant), away('… nothing was taken, send it again')]],
    { orders: [{}], ...taken },
    'contradicted',
  ],
  ['a 503 does not say when to come again', [[placed(meant), away('…', null)]], {}, 'contradicted'],
  ['a request is answered 500', [[placed(meant), ok({ message: '…' }, 500)]], {}, 'contradicted'],
  [
    'one that was refused for want of money is open',
    [[placed(meant), ok(noFunds, 400)]],
    { orders: [{}], ...taken },
    'contradicted',
  ],
  [
    'one that was refused for its price is so',
    [[placed(meant), ok(tooFar, 400)]],
    { orders: [{ status: 'rejected', reject_reason: 'price_collar' }], ...taken },
    null,
  ],
  [
    'one that was refused for its price was refused for want of money',
    [[placed(meant), ok(tooFar, 400)]],
    { orders: [{ status: 'rejected', reject_reason: 'insufficient_funds' }], ...taken },
    'contradicted',
  ],
  ['half of a batch is there', [[placed(meant, meant), null]], { orders: [{}], ...taken }, 'contradicted'],
  [
    'a batch is there',
    [[placed(meant, meant), ok({ first_id: '7', count: 2 }, 202)]],
    { orders: [{}, { id: 8 }], requests: { r1: [7, 8] } },
    null,
  ],
  ['a deposit is there', [[move, ok({})]], { ...taken, transfers: { 'main t': {} } }, null],
  [
    'a batch was placed whole, behind its command',
    [
      [
        together(meant, meant),
        ok([
          { ...open, id: '8' },
          { ...open, id: '9' },
        ]),
      ],
    ],
    { orders: [{ id: 8 }, { id: 9 }], requests: { r1: [7, 8, 9] }, commands: { 7: null } },
    null,
  ],
  [
    'a batch was refused whole',
    [[together(meant, meant), ok([notPlaced, noFunds])]],
    {
      orders: [rejected(8, 'all_or_none'), rejected(9, 'insufficient_funds')],
      ...{ requests: { r1: [7, 8, 9] }, commands: { 7: 'all_or_none' } },
    },
    null,
  ],
  [
    'a batch of which all were to be placed or none was placed in part',
    [[together(meant, meant), null]],
    {
      orders: [{ id: 8 }, rejected(9, 'insufficient_funds')],
      requests: { r1: [7, 8, 9] },
      commands: { 7: null },
    },
    'contradicted',
  ],
  [
    'a batch of which all were to be taken or none was taken in part',
    [[together(named, { ...named, clientOid: 'b' }), null]],
    { orders: [{ id: 8, client_oid: 'a' }], requests: { r1: [7, 8] }, commands: { 7: null } },
    'contradicted',
  ],
  ['a deposit is gone', [[move, ok({})]], {}, 'lost'],
  [
    'a deposit is larger',
    [[move, ok({})]],
    { ...taken, transfers: { 'main t': { amount: 6 } } },
    'contradicted',
  ],
  [
    'money went from one shard to another',
    [[moveBetween, ok({})]],
    { transfers: { 'main t': out, 'east t': into }, between: { t: 'done' } },
    null,
  ],
  [
    'it did so, and the note of it is gone',
    [[moveBetween, ok({})]],
    { transfers: { 'main t': out, 'east t': into } },
    null,
  ],
  ['it went nowhere, and nobody was told', [[moveBetween, null]], {}, null],
  ['it was answered, and went nowhere', [[moveBetween, ok({})]], {}, 'lost'],
  ['it was answered, and has left only', [[moveBetween, ok({})]], { transfers: { 'main t': out } }, 'lost'],
  [
    'it has left only, and nobody was told',
    [[moveBetween, null]],
    { transfers: { 'main t': out }, between: { t: 'pending' } },
    'contradicted',
  ],
  [
    'it waits, and is done later',
    [[moveBetween, ok({}, 202)]],
    { transfers: { 'main t': out, 'east t': into }, between: { t: 'done' } },
    null,
  ],
  [
    'it was refused, and left',
    [[moveBetween, ok(noFunds, 400)]],
    { transfers: { 'main t': out, 'east t': into } },
    'contradicted',
  ],
  [
    'it was refused, and did not leave',
    [[moveBetween, ok(noFunds, 400)]],
    { transfers: { 'main t': { ...out, reject_reason: 'insufficient_funds' } }, between: { t: 'refused' } },
    null,
  ],
  [
    'it came to another trader',
    [[moveBetween, null]],
    { transfers: { 'main t': out, 'east t': { trader_id: 3 } }, between: { t: 'done' } },
    'contradicted',
  ],
  [
    'it is noted as refused, and went',
    [[moveBetween, null]],
    { transfers: { 'main t': out, 'east t': into }, between: { t: 'refused' } },
    'contradicted',
  ],
  ['a cancel is there', [[cancel, ok('7')]], { ...taken, commands: { 7: null } }, null],
  [
    'a cancel that was answered was refused',
    [[cancel, ok('7')]],
    { ...taken, commands: { 7: 'order_not_resting' } },
    'contradicted',
  ],
  ['an order that was answered is read', [[{ kind: 'read', orderId: '7' }, ok(open)]], {}, null],
  [
    'it is not found',
    [[{ kind: 'read', orderId: '7' }, ok({ message: 'NotFound' }, 404)]],
    {},
    'contradicted',
  ],
  ['there is an order that nobody sent', [], { orders: [{}], requests: { r9: [7] } }, 'contradicted'],
];

for (const [title, list, rows, finds] of cases)
  test(`${title}: ${finds ?? 'all is well'}`, (t) => {
    const sent = list.map(
      ([what, answer], i): Sent => ({ requestId: `r${i + 1}`, during: 'none', what, answer }),
    );
    const findings = compareAll(sent, storedOf(rows));
    const found = Object.entries(findings).flatMap(([name, { length }]) => (length > 0 ? [name] : []));
    t.deepEqual([...new Set(found)], finds === null ? [] : [finds], JSON.stringify(findings));
  });

test('the same seed plans the same faults, another seed others', (t) => {
  const weights = { 'kill-api': 4, 'cut-redis': 4, clock: 2 };
  const first = (seed: number) => planOf(seed, weights).take(50).toArray();
  t.deepEqual(first(1), first(1));
  t.notDeepEqual(first(1), first(2));
  const round = planOf(3, weights).take(3).toArray();
  t.deepEqual(round.map(({ kind }) => kind).sort(), ['clock', 'cut-redis', 'kill-api']);
});

test('the longest time without an answer counts for the faults that came in it', (t) => {
  let now = 0;
  const availability = watchAvailability(() => now);
  const at = (ms: number, act: () => void): void => {
    now = ms;
    act();
  };
  at(100, () => availability.answered(1));
  at(150, () => availability.begin('one'));
  at(200, () => availability.begin('two'));
  at(400, () => availability.answered(2));
  at(450, () => availability.answered(3));
  at(460, availability.suspend);
  at(9_000, availability.resume);
  at(9_050, () => availability.answered(1));
  t.is(availability.longestMs(), 300);
  t.deepEqual(
    [availability.of('one'), availability.of('two')].map(({ longestMs }) => longestMs),
    [300, 300],
  );
  t.deepEqual([availability.of('one').answered, availability.of('two').answered], [0, 6]);
});

test('without options a hundred faults of all kinds are played', (t) => {
  t.like(readFaultsOptions([]), { faults: 100, minutes: 60, json: undefined });
  t.throws(() => readFaultsOptions(['--kinds', 'rust']), {
    instanceOf: UsageError,
    message: /"rust" is none/,
  });
});

/** A server that answers every piece with the same in capitals, and what it was sent. */
async function echo(t: ExecutionContext): Promise<{ proxy: TcpProxy; heard: string[]; client: Socket }> {
  const heard: string[] = [];
  const server = createServer((socket) =>
    socket
      .on('error', () => {})
      .on('data', (piece) => {
        heard.push(String(piece));
        socket.write(String(piece).toUpperCase());
      }),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await openProxy({ host: '127.0.0.1', port: (server.address() as { port: number }).port });
  const client = connect(proxy.port, '127.0.0.1').on('error', () => {});
  t.teardown(async () => {
    client.destroy();
    await proxy.close();
    server.close();
  });
  return { proxy, heard, client };
}

const soon = () => AbortSignal.timeout(10_000);
const quiet = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function ask(client: Socket, text: string): Promise<string> {
  client.write(text);
  const [answer] = await once(client, 'data');
  return String(answer);
}

test('a proxy passes what comes, later if told so, and in order', async (t) => {
  const { proxy, heard, client } = await echo(t);
  t.is(await ask(client, 'one'), 'ONE');
  proxy.delay(50);
  const start = performance.now();
  t.is(await ask(client, 'two'), 'TWO');
  t.true(performance.now() - start >= 95, 'there and back');
  client.write('three');
  await quiet(5);
  proxy.delay(0);
  client.write('four');
  while (heard.join('') !== 'onetwothreefour') await once(client, 'data');
  t.pass();
});

test('a proxy loses a request, or the answer to it', async (t) => {
  const { proxy, heard, client } = await echo(t);
  client.on('data', () => t.fail());
  const answerLost = proxy.spring({ pattern: 'commit', loses: 'answer' }, soon());
  client.write('com');
  client.write('mit');
  await answerLost;
  t.is(heard.join(''), 'commit');
  const other = connect(proxy.port, '127.0.0.1');
  const requestLost = proxy.spring({ pattern: 'insert', loses: 'request' }, soon());
  other.write('insert');
  await requestLost;
  await quiet(20);
  t.is(heard.join(''), 'commit');
  other.destroy();
});

test('a proxy breaks connections, or lets them fall silent; later ones are sound', async (t) => {
  const { proxy, heard, client } = await echo(t);
  t.is(await ask(client, 'one'), 'ONE');
  proxy.silence();
  client.write('two');
  const other = connect(proxy.port, '127.0.0.1').on('error', () => {});
  t.is(await ask(other, 'three'), 'THREE');
  t.deepEqual(heard, ['one', 'three']);
  const broken = new Promise((resolve) => other.once('close', resolve));
  proxy.cut();
  await broken;
  t.pass();
});

test('a proxy bars some by their address, and breaks their connections when it lets them in again', async (t) => {
  const { proxy, heard, client } = await echo(t);
  const other = connect({ port: proxy.port, host: '127.0.0.1', localAddress: '127.0.1.9' });
  other.on('error', () => {});
  t.is(await ask(other, 'one'), 'ONE');
  proxy.bar(new Set(['127.0.1.9']));
  other.write('two');
  t.is(await ask(client, 'three'), 'THREE');
  t.deepEqual(heard, ['one', 'three']);
  const broken = new Promise((resolve) => other.once('close', resolve));
  proxy.bar(new Set());
  await broken;
  t.is(await ask(client, 'four'), 'FOUR');
});

test('a proxy lets so many bytes of the server pass, and no more', async (t) => {
  const { proxy, client } = await echo(t);
  proxy.allow(4);
  t.is(await ask(client, 'abc'), 'ABC');
  t.is(await ask(client, 'def'), 'D');
  client.on('data', () => t.fail());
  client.write('ghi');
  await quiet(30);
});
