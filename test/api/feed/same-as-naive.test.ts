import test, { type ExecutionContext } from 'ava';
import { shardKeys } from '../../../core/keys.ts';
import { formatAmount } from '../../../core/units.ts';
import { decodeCommand } from '../../../core/wire/commands.ts';
import { feedNumbers, type Report } from '../../../core/wire/reports.ts';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import { createOrderBook, createPriceBook, totalsOf } from '../../support/feed-book.ts';
import { auctionOf } from '../../support/naive-auction.ts';
import { applyNaively, newNaiveExchange } from '../../support/naive-book.ts';
import type { NaiveExchange } from '../../support/naive-exchange.ts';
import { byPlace, shownOf } from '../../support/naive-trading.ts';
import { seed } from '../../support/seed.ts';
import { type FeedClient, type Message, openSocket } from '../../support/socket.ts';

const cent = { digits: 2, units: 1 };

let exchange: Exchange;
test.before(async () => {
  exchange = await startExchange();
});
test.after.always(() => exchange?.stop());

/** The same numbers for the same seed. */
function createRandom(from: number): (below: number) => number {
  let state = from >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Call = { readonly method: string; readonly params: Record<string, unknown> };

/** Orders of every kind, cancels and amends, of four traders who meet each other and themselves. */
function randomCall(random: (below: number) => number, product_id: string, placed: readonly Placed[]): Call {
  const kind = random(10);
  const target = placed[placed.length - 1 - random(Math.min(placed.length, 40))];
  const price = `0.${10 + random(12)}`;
  if (kind === 0 && target) return { method: 'order.cancel', params: { ...target } };
  if (kind <= 3 && target) {
    const changed = [{ price }, { size: 1 + random(8) }, { price, size: 1 + random(8) }][random(3)];
    return { method: 'order.amend', params: { ...target, ...changed } };
  }
  const usual = {
    ...{ product_id, trader_id: 1 + random(4), side: ['buy', 'sell'][random(2)] },
    stp: ['dc', 'co', 'cn', 'cb'][random(4)],
  };
  const size = 1 + random(8);
  const forms: Record<string, unknown>[] = [
    ...[{}, {}, {}, {}].map(() => ({ price, size })),
    { price, size, time_in_force: 'IOC' },
    { price, size, time_in_force: 'FOK' },
    { price, size, post_only: true },
    ...[{}, {}].map(() => ({ price, size, max_floor: 1 + random(size) })),
    { type: 'market', size },
    { type: 'market', funds: `0.${50 + random(40)}` },
    { type: 'market', size, funds: '1.00' },
  ];
  return { method: 'order.place', params: { ...usual, ...forms[random(forms.length)] } };
}

type Placed = { readonly id: string; readonly trader_id: number };

/** Sends calls, fifty under way at a time, and returns when all are answered. */
async function play(client: FeedClient, product_id: string, count: number): Promise<void> {
  const random = createRandom(seed);
  const placed: Placed[] = [];
  for (let from = 0; from < count; from += 50) {
    const calls = Array.from({ length: 50 }, () => randomCall(random, product_id, placed));
    for (const [i, call] of calls.entries()) client.send({ id: from + i, ...call });
    for (let answered = 0; answered < 50; answered++) {
      const { id, status, result } = await client.next((message) => 'status' in message);
      const { params } = calls[id - from]!;
      if (status === 200 && result.status === 'open')
        placed.push({ id: result.id, trader_id: params.trader_id as number });
    }
  }
}

test(`full, level2, ticker and auction tell what the naive exchange comes to, event by event (SEED=${seed})`, async (t) => {
  const product_id = await exchange.addProduct({ min_price: '0.01', min_market_funds: '0.01' });
  const watcher = await openSocket(exchange.baseUrl);
  t.teardown(watcher.close);
  await watcher.subscribe({ product_ids: [product_id], channels: ['full', 'level2', 'ticker', 'auction'] });
  const actor = await openSocket(exchange.baseUrl, { token: exchange.operatorToken });
  t.teardown(actor.close);
  await play(actor, product_id, 700);
  for (const status of ['auction', 'online']) {
    t.is((await exchange.operator.put(`/products/${product_id}`, { status })).status, 200);
    await play(actor, product_id, 400);
  }
  // A checksum comes once a second, and the orders may all have come in the first.
  // One that does not stand at the end of a command cannot be compared, so that some are wanted.
  const isProof = ({ type, checksum }: Message): boolean => type === 'l2update' && checksum !== undefined;
  while (watcher.messages.filter(isProof).length < 4) await play(actor, product_id, 1);
  const last = (await exchange.anonymous.get(`/products/${product_id}/book?level=3`)).body;
  while (!watcher.messages.some(({ type, sequence }) => type !== 'l2update' && sequence >= last.sequence))
    await watcher.next();
  await new Promise((resolve) => setTimeout(resolve, 100));

  const commands = await exchange.redis.xrange(shardKeys(exchange.shard).commands, '-', '+');
  const lines = commands.flatMap(([, fields]) => fields[fields.indexOf('lines') + 1]!.split('\n'));
  const naive = newNaiveExchange();
  const book = createOrderBook();
  const prices = createPriceBook();
  const numbered: Message[] = watcher.messages.filter(({ type }) =>
    /^(received|open|match|done|change)$/.test(type),
  );
  const ofPrices: Message[] = watcher.messages.filter(
    ({ type }) => type === 'snapshot' || type === 'l2update',
  );
  const auctions = new Set(watcher.messages.filter(({ type }) => type === 'auction'));
  t.true(auctions.size > 3);
  let checksums = 0;
  let at = 0;
  for (const line of lines) {
    const report = applyNaively(naive, decodeCommand(line));
    for (const message of auctions) if (sameAuction(t, message, { naive, report })) auctions.delete(message);
    if (report.productId !== product_id) continue;
    const sequence = report.feedSequence + feedNumbers(report);
    while (at < numbered.length && numbered[at]!.sequence <= sequence) {
      t.is(numbered[at]!.sequence, at + 1, 'gapless');
      book.apply(numbered[at++]!);
    }
    for (const side of ['buy', 'sell'] as const)
      t.deepEqual(book.rows(side), naiveRows(naive, product_id, side), `at ${sequence}, ${line}`);
    while (ofPrices[0] && ofPrices[0].sequence <= sequence) {
      const message = ofPrices.shift()!;
      prices.apply(message);
      if (message.sequence < sequence) continue;
      for (const side of ['buy', 'sell'] as const) t.deepEqual(prices.rows(side), totalsOf(book.rows(side)));
      if (message.checksum === undefined) continue;
      t.is(message.checksum, prices.checksum());
      checksums++;
    }
  }
  t.is(at, numbered.length);
  t.is(at, last.sequence);
  t.is(ofPrices.length, 0);
  t.true(checksums >= 2, 'the snapshot, and at least one update');
  t.is(auctions.size, 0, 'each was told of the book as it was');
  t.deepEqual([book.rows('buy'), book.rows('sell')], [last.bids, last.asks]);
  sameTicker(t, watcher.messages, numbered);
});

type Step = { readonly naive: NaiveExchange; readonly report: Report };

/** Whether the message tells of the auction as this command leaves it; then it must say what the naive uncross comes to. */
function sameAuction(t: ExecutionContext, message: Message, { naive, report }: Step): boolean {
  const { product_id, sequence, auction_state } = message;
  const product = naive.products.get(product_id);
  const opens = product?.status === 'online' && report.command.kind === 'product';
  if (product?.feed !== sequence || (auction_state === 'complete' ? !opens : product?.status !== 'auction'))
    return false;
  t.like(message, opens ? openingOf(report) : indicativeOf(naive, product_id));
  return true;
}

function indicativeOf(naive: NaiveExchange, productId: string) {
  const opens = auctionOf(naive, productId, shownOf);
  return {
    open_price: opens && formatAmount(opens.price, cent),
    open_size: String(opens?.size ?? 0),
    ...{ imbalance_side: opens?.rest?.side ?? null, imbalance_size: String(opens?.rest?.size ?? 0) },
    ...{ auction_state: 'collection', can_open: opens ? 'yes' : 'no' },
  };
}

function openingOf({ events }: Report) {
  const matches = events.filter((event) => event.kind === 'match').filter(({ uncrosses }) => uncrosses);
  const size = matches.reduce((sum, match) => sum + match.size, 0);
  const price = matches[0] ? formatAmount(matches[0].price, cent) : null;
  return { open_price: price, open_size: String(size), can_open: 'no' };
}

function naiveRows({ resting }: NaiveExchange, productId: string, side: 'buy' | 'sell'): string[][] {
  const sign = side === 'buy' ? -1 : 1;
  return resting
    .filter((order) => order.productId === productId && order.side === side)
    .sort((one, other) => (one.price! - other.price!) * sign || byPlace(one, other))
    .map((order) => [formatAmount(order.price!, cent), String(shownOf(order)), String(order.id)]);
}

/** One message a trade, with the day so far: all of it is within the last 24 hours. */
function sameTicker(t: ExecutionContext, all: Message[], numbered: Message[]): void {
  const matches = numbered.filter(({ type }) => type === 'match');
  const tickers = all.filter(({ type }) => type === 'ticker');
  t.deepEqual(
    tickers.map(({ trade_id, sequence, price, last_size }) => [trade_id, sequence, price, last_size]),
    matches.map(({ trade_id, sequence, price, size }) => [trade_id, sequence, price, size]),
  );
  const values = matches.map(({ price }) => Number(price));
  const volume = matches.reduce((sum, { size }) => sum + Number(size), 0);
  t.like(tickers.at(-1), {
    ...{ open_24h: matches[0]!.price, volume_24h: String(volume), volume_30d: String(volume) },
    ...{ high_24h: Math.max(...values).toFixed(2), low_24h: Math.min(...values).toFixed(2) },
  });
}
