// The stage of a cluster: the parts that `npm run cluster` starts, and a network between Redis and all others.

import { issueToken } from '../../../../sql/tokens.ts';
import {
  type Arrangement,
  type Part,
  prepareArrangement,
  startArrangement,
} from '../../../launcher/cluster/arrangement.ts';
import { slotOf } from '../../../launcher/cluster/redis-nodes.ts';
import { secondShard } from '../../../launcher/cluster/second-shard.ts';
import { withRedis } from '../../../launcher/connections.ts';
import { readEnvironment } from '../../../launcher/servers/environment.ts';
import { rememberedPorts } from '../../../launcher/servers/ports.ts';
import { privateSettings } from '../../exchange.ts';
import { isKnown } from '../../is-known.ts';
import { askFor } from '../../request.ts';
import { type Kept, keep } from '../kept.ts';
import { until } from '../look.ts';
import { products, type Traded, usualFunded } from '../orders.ts';
import { makePlace } from '../place.ts';
import { type Scene, settings } from '../stage.ts';
import { createNetwork, type Network } from './network.ts';

export type ClusterStage = Scene & {
  readonly arrangement: Arrangement;
  readonly network: Network;
  /** A part by its id: `redis-1`, `postgres-2`, `haproxy`, `api-1`, … */
  readonly part: (id: string) => Kept;
  /** Of a shard's keys. */
  readonly slotOf: (shard: string) => number;
};

/** Cards of the second shard, as they are seeded. */
const ofSecond: readonly Traded[] = [
  { productId: 'EEVEE-USD', shard: secondShard, from: 490, to: 510, largest: 1 },
  { productId: 'SNORLAX-USD', shard: secondShard, from: 200, to: 203, largest: 1 },
  { productId: 'ADAMANTIUM-USD', shard: secondShard, from: 95, to: 110, largest: 9 },
];

/** Makes `USD` money of both shards. */
export const fundedProduct = {
  ...{ id: 'ADAMANTIUM-USD', shard: secondShard, funded: true },
  ...{ quote_increment: '0.01', base_increment: '1', max_price: '1000', base_max_size: '1000' },
};

export async function openClusterStage(): Promise<ClusterStage> {
  const { dataDir, leave } = makePlace('cluster');
  const network = createNetwork();
  const parts = new Map<string, Kept>();
  const close = async (isKept: boolean): Promise<void> => {
    try {
      for (const kind of ['api', 'matcher', 'writer', 'haproxy', 'postgres', 'redis'])
        await Promise.all([...parts].map(([id, kept]) => (id.startsWith(kind) ? kept.close() : null)));
      await network.close();
    } finally {
      leave(isKept);
    }
  };
  try {
    return { ...(await fill(dataDir, network, parts)), close };
  } catch (error) {
    await close(false);
    throw error;
  }
}

async function fill(
  dataDir: string,
  network: Network,
  parts: Map<string, Kept>,
): Promise<Omit<ClusterStage, 'close'>> {
  const port = await rememberedPorts(dataDir).pick('address');
  const arrangement = await prepareArrangement({
    ...{ dataDir, port, host: '127.0.0.1', environment: readEnvironment(), log: () => {} },
    env: (id) => ({ ...privateSettings(), ...settings, NODE_OPTIONS: network.option(id) }),
    dress: network.dress,
  });
  const keepPart = async ({ id, launch }: Part): Promise<void> => {
    parts.set(id, await keep(id, launch));
  };
  await startArrangement(arrangement, keepPart, () => {});
  const { redisUrl, databaseUrl } = arrangement;
  const token = await issueToken(databaseUrl, 'operator');
  const shards = ['main', secondShard];
  const slots = await withRedis(redisUrl, async (node) => {
    const found = shards.map(async (shard) => [shard, await slotOf(node, shard)] as const);
    return new Map(await Promise.all(found));
  });
  await askFor({ port, token }, { path: '/products', body: fundedProduct });
  await until(`the book of ${fundedProduct.id}`, () =>
    isKnown({ port, token }, { productId: fundedProduct.id, apis: 2, patienceMs: 2_000 }),
  );
  return {
    ...{ dataDir, port, token, arrangement, network },
    ...{ redis: { url: redisUrl }, postgres: { url: databaseUrl }, shards },
    products: [...products, ...ofSecond],
    funded: [...usualFunded, { shard: secondShard, currencies: ['USD', 'ADAMANTIUM'] }],
    ordersBetween: 60,
    part: (id) => parts.get(id)!,
    slotOf: (shard) => slots.get(shard)!,
    ownEnds: () => [...parts.values()].flatMap((kept) => kept.ownEnds()),
  };
}
