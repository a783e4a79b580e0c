import type { Server } from 'node:http';
import type { Report } from '../../core/wire/reports.ts';
import type { Api } from '../api.ts';
import { watchSwitches } from '../orders/switches/watch.ts';
import type { Catalogue } from '../products/catalogue.ts';
import type { Shard } from '../shard/shard.ts';
import type { Channel } from './channel.ts';
import { auctionChannel } from './channels/auction.ts';
import { balanceChannel } from './channels/balance.ts';
import { fullChannel } from './channels/full.ts';
import { heartbeatChannel } from './channels/heartbeat.ts';
import { level2Channel } from './channels/level2.ts';
import { level2BatchChannel } from './channels/level2-batch.ts';
import { matchesChannel } from './channels/matches.ts';
import { roomChannel } from './channels/room.ts';
import { statusChannel } from './channels/status.ts';
import { tickerChannel } from './channels/ticker.ts';
import { tickerBatchChannel } from './channels/ticker-batch.ts';
import { userChannel } from './channels/user.ts';
import { type FeedEvent, forEachEvent, type OwnEvent } from './events.ts';
import { createHub, type Hub } from './hub.ts';
import { createMissed, frameOf } from './missed.ts';
import { createRecent, type Recent } from './recent.ts';
import { createSnapshots } from './snapshots.ts';
import { acceptSockets, type OpenGraphqlSocket, type Sockets } from './sockets.ts';

export type Feed = Pick<Sockets, 'count' | 'close'>;

/** Tells clients by socket what happens on the exchange. */
export function openFeed(server: Server, api: Api, openGraphql: OpenGraphqlSocket): Feed {
  const { shards, catalogue } = api;
  const hub = createHub();
  const snapshots = createSnapshots(shards);
  // The richest form of an event comes first, since each socket is sent an event once.
  const channels: Channel[] = [
    userChannel(hub),
    fullChannel(hub),
    matchesChannel(hub, shards),
    tickerChannel(hub, shards),
    tickerBatchChannel(hub, shards),
    level2Channel(hub, shards, snapshots),
    level2BatchChannel(hub, shards, snapshots),
    auctionChannel(hub, api.auctions),
    heartbeatChannel(hub, shards, catalogue),
    statusChannel(hub, catalogue),
    balanceChannel(hub, shards, catalogue),
    roomChannel(hub, api),
  ];
  const recents = new Map<Shard, Recent>();
  shards.each((shard) => recents.set(shard, followShard(shard, { hub, channels, catalogue })));
  const stops = channels.map(({ start }) => start?.());
  const known = { channels: new Map(channels.map((channel) => [channel.name, channel])), catalogue };
  const switches = watchSwitches(api);
  const missed = createMissed(shards, recents);
  const sockets = acceptSockets(server, { known, hub, missed, switches, api, openGraphql });
  return {
    count: sockets.count,
    close: async (graceMs) => {
      for (const stop of stops) stop?.();
      await sockets.close(graceMs);
      await switches.close();
    },
  };
}

type Following = {
  readonly hub: Hub;
  readonly channels: readonly Channel[];
  readonly catalogue: Catalogue;
};

function followShard(shard: Shard, { hub, channels, catalogue }: Following): Recent {
  const { marketData, reports } = shard;
  const recent = createRecent();
  const tellers = channels.filter(({ onEvent }) => onEvent);
  const tell = (event: FeedEvent): void => {
    // A product that came with this very report is not in the catalogue yet, so nobody has subscribed to it.
    const product = catalogue.product(event.productId);
    if (!product) return;
    let frame: Buffer | undefined;
    const publicFrame = (): Buffer => {
      frame ??= frameOf(event, product);
      return frame;
    };
    const context = { product, topics: hub.topics(event.productId), publicFrame };
    for (const { onEvent } of tellers) onEvent!(event, context);
  };
  const tellOwn = (event: OwnEvent): void => {
    const product = catalogue.product(event.productId);
    if (product) for (const { onOwnEvent } of channels) onOwnEvent?.(event, product);
  };
  const tellAll = (some: readonly Report[]): void =>
    forEachEvent(some, marketData.touched(), { event: tell, own: tellOwn });
  const resetAll = (): void => {
    for (const product of catalogue.products()) {
      const topics = product.shard === shard.name ? hub.topics(product.productId) : undefined;
      if (topics) for (const { onReset } of channels) onReset?.(product, topics);
    }
  };
  reports.subscribe({
    reset: () => {
      recent.clear();
      resetAll();
    },
    reports: (some, entry) => {
      recent.add(entry, marketData.touched());
      if (!hub.hasTopics()) return;
      tellAll(some);
      for (const { onRunEnd } of channels) onRunEnd?.(some);
    },
  });
  return recent;
}
