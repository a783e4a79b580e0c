import test from 'ava';
import { openFeed } from '../../clients/typescript/src/feed.ts';
import type { SocketMessage } from '../../clients/typescript/src/socket.ts';
import { type Exchange, startExchange } from '../support/exchange.ts';
import { ask, subscribe } from '../support/graphql.ts';
import { collect, createGrpcClient, type Message } from '../support/grpc.ts';
import { portOf } from '../support/processes.ts';
import { until } from '../support/until.ts';

let exchange: Exchange;
test.before(async () => {
  exchange = await startExchange({ env: { GRPC_PORT: '0' } });
});
test.after.always(() => exchange?.stop());

const graphqlFields = `{ sequence state openPrice openSize imbalanceSide imbalanceSize
  bestBidPrice bestBidSize bestAskPrice bestAskSize canOpen }`;

/** What GraphQL says, in the words of the feed. */
function ofGraphql(told: Message) {
  return {
    ...{ sequence: Number(told.sequence), auction_state: told.state.toLowerCase() },
    ...{ open_price: told.openPrice, open_size: told.openSize },
    imbalance_side: told.imbalanceSide?.toLowerCase() ?? null,
    imbalance_size: told.imbalanceSize,
    ...{ best_bid_price: told.bestBidPrice, best_bid_size: told.bestBidSize },
    ...{ best_ask_price: told.bestAskPrice, best_ask_size: told.bestAskSize },
    can_open: told.canOpen ? 'yes' : 'no',
  };
}

/** What gRPC says, in the words of the feed. */
function ofGrpc(told: Message) {
  return {
    ...{ sequence: told.sequence, auction_state: told.state.replace('AUCTION_STATE_', '').toLowerCase() },
    ...{ open_price: told.open_price || null, open_size: told.open_size },
    imbalance_side: { SIDE_BUY: 'buy', SIDE_SELL: 'sell' }[told.imbalance_side as string] ?? null,
    imbalance_size: told.imbalance_size,
    ...{ best_bid_price: told.best_bid_price || null, best_bid_size: told.best_bid_size || null },
    ...{ best_ask_price: told.best_ask_price || null, best_ask_size: told.best_ask_size || null },
    can_open: told.can_open ? 'yes' : 'no',
  };
}

const ofFeed = ({ type, product_id, time, ...told }: Message) => told;

test('feed, client, GraphQL and gRPC tell an auction alike, as it is, as it changes and as it ends', async (t) => {
  const { baseUrl, operator, anonymous } = exchange;
  const product_id = await exchange.addProduct({ status: 'auction' });
  const grpc = createGrpcClient(
    await portOf(exchange.processes.api[0]!, 'serving gRPC'),
    exchange.operatorToken,
  );
  const feed = openFeed({ url: `${baseUrl.replace('http', 'ws')}/feed` });
  const byFeed: SocketMessage[] = [];
  feed.subscribe({
    ...{ channel: 'auction', productIds: [product_id] },
    onMessage: (message) => byFeed.push(message),
  });
  const subscription = `subscription { auction(productId: "${product_id}") ${graphqlFields} }`;
  const graphql = subscribe(baseUrl, null, subscription);
  const kinds = ['MARKET_DATA_KIND_AUCTION'];
  const { messages } = collect(grpc.read('streamMarketData', { product_id, kinds }));
  t.teardown(() => {
    feed.close();
    void graphql.close();
    grpc.close();
  });
  const told = () => ({
    feed: byFeed.map(ofFeed),
    graphql: graphql.told.map(({ data }) => ofGraphql(data.auction)),
    grpc: messages.filter(({ auction }) => auction).map(({ auction }) => ofGrpc(auction)),
  });
  /** All three have come to this, and to the same. */
  const untilAll = async (wanted: Message): Promise<void> => {
    await until(() =>
      Object.values(told()).every(
        (some) =>
          some.at(-1)?.auction_state === wanted.auction_state && some.at(-1)?.can_open === wanted.can_open,
      ),
    );
    for (const some of Object.values(told())) t.like(some.at(-1), wanted);
    t.deepEqual(told().graphql.at(-1), told().feed.at(-1));
    t.deepEqual(told().grpc.at(-1), told().feed.at(-1));
  };
  await untilAll({ auction_state: 'collection', can_open: 'no', open_price: null, open_size: '0' });

  const [ann, bob] = [await exchange.trader(1), await exchange.trader(2)];
  await ann.post('/orders', { product_id, side: 'buy', price: '5.00', size: '2' });
  await bob.post('/orders', { product_id, side: 'sell', price: '5.00', size: '7' });
  const gathered = {
    ...{ auction_state: 'collection', can_open: 'yes', open_price: '5.00', open_size: '2', sequence: 4 },
    ...{ imbalance_side: 'sell', imbalance_size: '5', best_ask_price: '5.00', best_ask_size: '7' },
  };
  await untilAll(gathered);
  const { body } = await anonymous.get(`/products/${product_id}/book`);
  t.like({ ...body.auction, sequence: body.sequence }, gathered);
  const query = `{ product(id: "${product_id}") { auction ${graphqlFields} } }`;
  t.like(ofGraphql((await ask(baseUrl, null, query)).data.product.auction), gathered);
  t.like(ofGrpc((await grpc.call('getBook', { product_id })).answer.auction), gathered);

  await operator.put(`/products/${product_id}`, { status: 'online' });
  const ended = {
    auction_state: 'complete',
    can_open: 'no',
    open_price: '5.00',
    open_size: '2',
    sequence: 6,
  };
  await untilAll({ ...ended, best_ask_size: '5' });
  t.is((await ask(baseUrl, null, query)).data.product.auction, null);
  t.falsy((await grpc.call('getBook', { product_id })).answer.auction);
  t.is((await anonymous.get(`/products/${product_id}/book`)).body.auction, null);
});
