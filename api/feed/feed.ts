import type { Server } from 'node:http';
import type { Report } from '../../core/wire/reports.ts';
import type { Api } from '../api.ts';
import type { Catalogue } from '../products/catalogue.ts';
import type { Shard } from '../shard/shard.ts';
import type { Channel } from './channel.ts';
import { fullChannel } from './channels/full.ts';
import { heartbeatChannel } from './channels/heartbeat.ts';
import { createSnapshots, level2Channel } from './channels/level2.ts';
import { matchesChannel } from './channels/matches.ts';
import { tickerChannel } from './channels/ticker.ts';
import { userChannel } from './channels/user.ts';
import { forEachEvent } from './events.ts';
import { textFrame } from './frame.ts';
import { createHub, type Hub } from './hub.ts';
import { presentEvent } from './presentation.ts';
import { acceptSockets, type Sockets } from './sockets.ts';

export type Feed = Pick<Sockets, 'count' | 'close'>;

/** Tells clients by socket what happens on the exchange. */
export function openFeed(server: Server, { shards, catalogue, callers, config }: Api): Feed {
  const hub = createHub();
  // The richest form of an event comes first, since each socket is sent an event once.
  const channels: Channel[] = [
    userChannel(hub),
    fullChannel(hub),
    matchesChannel(hub, shards),
    tickerChannel(hub, shards),
    level2Channel(hub, shards, createSnapshots(shards)),
    heartbeatChannel(hub, shards, catalogue),
  ];
  for (const shard of shards.all) followShard(shard, { hub, channels, catalogue });
  const stops = channels.map(({ start }) => start?.());
  const known = { channels: new Map(channels.map((channel) => [channel.name, channel])), catalogue };
  const sockets = acceptSockets(server, { known, hub, callers, config });
  return {
    count: sockets.count,
    close: async (graceMs) => {
      for (const stop of stops) stop?.();
      await sockets.close(graceMs);
    },
  };
}

type Following = {
  readonly hub: Hub;
  readonly channels: readonly Channel[];
  readonly catalogue: Catalogue;
};

function followShard({ marketData, reports }: Shard, { hub, channels, catalogue }: Following): void {
  const tellers = channels.filter(({ onEvent }) => onEvent);
  const tellAll = (some: readonly Report[]): void =>
    forEachEvent(some, marketData.touched(), (event) => {
      // A product that came with this very report is not in the catalogue yet, so nobody has subscribed to it.
      const product = catalogue.product(event.productId);
      if (!product) return;
      let frame: Buffer | undefined;
      const publicFrame = (): Buffer => {
        frame ??= textFrame(JSON.stringify(presentEvent(event, product)));
        return frame;
      };
      const context = { product, topics: hub.topics(event.productId), publicFrame };
      for (const { onEvent } of tellers) onEvent!(event, context);
    });
  reports.subscribe({
    reset: () => {},
    reports: (some) => {
      if (!hub.hasTopics()) return;
      tellAll(some);
      for (const { onRunEnd } of channels) onRunEnd?.(some);
    },
  });
}
