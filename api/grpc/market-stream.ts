import type { handleServerStreamingCall, ServerWritableStream } from '@grpc/grpc-js';
import { oncePer } from '../../core/once-per.ts';
import type { Api } from '../api.ts';
import { BadRequest, TooManyRequests } from '../errors.ts';
import type { ProductRun } from '../feed/watch.ts';
import { marketOf } from '../market-data/market-of.ts';
import type { Auction } from '../market-data/presentation.ts';
import type { ListedProduct } from '../products/catalogue.ts';
import { productById } from '../products/named-product.ts';
import type { Asking, Calls } from './calls.ts';
import { MarketDataKind, type StreamMarketDataRequest } from './generated/cardstock/v1/market_data.ts';
import { auctionOf, type Kinds, snapshotsOf, updateOf } from './market-messages.ts';
import { assertRead } from './messages.ts';
import type { OpenCalls } from './open-calls.ts';
import { createReader } from './reader.ts';

const checkEveryMs = 1_000;

type MarketCall = ServerWritableStream<StreamMarketDataRequest, Buffer>;

type Parts = {
  readonly api: Api;
  readonly calls: Calls;
  readonly openCalls: OpenCalls;
};

export function streamMarketData({
  api,
  calls,
  openCalls,
}: Parts): handleServerStreamingCall<StreamMarketDataRequest, Buffer> {
  const messages = createMessages(api);
  const follow = async (call: MarketCall, asking: Asking): Promise<void> => {
    await api.limits.countAddress(asking.address);
    assertRead(call.request);
    const product = productById(api, call.request.product_id);
    const kinds = readKinds(call.request.kinds);
    await marketOf(api, product);
    if (call.cancelled) return;
    const open = openCalls.enter(call, (error) => call.emit('error', asking.failed(error)));
    const tooSlow = (): void => open.endStuck(new TooManyRequests('too slow: too much waits'));
    const reader = createReader(call, { budget: api.unread, tooSlow });
    const begin = (): void => reader.begin(messages.snapshots(product, kinds));
    begin();
    const unwatch = api.watch.product(product.productId, {
      run: (run) => {
        const update = messages.update(run, kinds);
        if (update) reader.send(update);
      },
      reset: begin,
    });
    const tellAuction = (auction: Auction): void => reader.send(messages.auction(auction));
    const unfollow = kinds.auction ? api.auctions.follow(product, tellAuction) : () => {};
    const checking = setInterval(() => reader.check(Date.now()), checkEveryMs);
    open.onEnd(() => {
      reader.stop();
      unwatch();
      unfollow();
      clearInterval(checking);
    });
  };
  return (call) => {
    const asking = calls.begin(call);
    follow(call, asking).catch((error) => call.emit('error', asking.failed(error)));
  };
}

const knownKinds: ReadonlySet<MarketDataKind> = new Set([
  MarketDataKind.LEVELS,
  MarketDataKind.TRADES,
  MarketDataKind.EVENTS,
  MarketDataKind.AUCTION,
]);

function readKinds(given: readonly MarketDataKind[]): Kinds {
  for (const kind of given)
    if (!knownKinds.has(kind)) throw new BadRequest(`Invalid kinds: there is no kind ${kind}`);
  const has = (kind: MarketDataKind): boolean => given.includes(kind);
  return {
    levels: given.length === 0 || has(MarketDataKind.LEVELS),
    trades: given.length === 0 || has(MarketDataKind.TRADES),
    events: has(MarketDataKind.EVENTS),
    auction: has(MarketDataKind.AUCTION),
  };
}

/** Encodes what is the same for many streams once. */
function createMessages({ shards }: Pick<Api, 'shards'>) {
  const updatesOf = oncePer((_run: ProductRun) => new Map<string, Buffer | null>());
  const snapshots = new Map<string, { readonly sequence: number; readonly parts: Buffer[] }>();
  return {
    snapshots: (product: ListedProduct, kinds: Kinds): Buffer[] => {
      const { marketData } = shards.ofProduct(product);
      const key = `${product.productId} ${kinds.levels}`;
      const sequence = marketData.feedSequence(product.productId);
      let known = snapshots.get(key);
      if (known?.sequence !== sequence) {
        known = { sequence, parts: snapshotsOf(product, marketData, kinds) };
        snapshots.set(key, known);
      }
      return known.parts;
    },
    auction: oncePer(auctionOf),
    update: (run: ProductRun, kinds: Kinds): Buffer | null => {
      const key = `${kinds.levels} ${kinds.trades} ${kinds.events}`;
      const known = updatesOf(run);
      let update = known.get(key);
      if (update === undefined) {
        update = updateOf(run, shards.ofProduct(run.product).marketData, kinds);
        known.set(key, update);
      }
      return update;
    },
  };
}
