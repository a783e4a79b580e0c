// Faults of what there is more than one of: shards, and servers of PostgreSQL.

import { secondShard, seedSecondShard } from '../../launcher/cluster/second-shard.ts';
import type { Actor } from '../faults/actor.ts';
import { fundedProduct } from '../faults/cluster/stage.ts';
import { until } from '../faults/look.ts';
import { usualShard } from '../faults/orders.ts';
import { ask, askFor, type Call } from '../request.ts';
import { killAll, type Play, reviveAll, type Scene } from './scene.ts';

const payer = 77;
const money = { currency: 'USD', amount: '5' };

/** An api serves a new shard within seconds. */
function untilAnswered({ stage }: Play, wanted: number, call: Call): Promise<void> {
  return until(`an answer ${wanted} to ${call.path}`, async () => {
    const { status, body } = await ask(stage, call);
    if (status === wanted) return true;
    throw new Error(`it was ${status} ${JSON.stringify(body)}`);
  });
}

function toSecondShard(transferId: string): Call {
  const traders = { from_trader_id: payer, to_trader_id: payer };
  const shards = { from_shard: usualShard, to_shard: secondShard };
  return { path: '/transfers', body: { ...money, ...traders, ...shards, transfer_id: transferId } };
}

function shardThatStops(): Scene {
  let serving: readonly Actor[] = [];
  return {
    says: 'money is sent to a shard that has lost its matcher and its writer',
    alerts: ['CardstockShardTransfersWait'],
    cause: async (play) => {
      const { stage } = play;
      await seedSecondShard(stage.postgres.url);
      const own = { SHARD: secondShard };
      serving = await Promise.all([stage.start('matcher', 2, own), stage.start('writer', 2, own)]);
      await untilAnswered(play, 200, { path: '/products', body: fundedProduct });
      for (const transfer_id of ['for-there', 'for-halfway'])
        await askFor(stage, {
          path: '/deposits',
          body: { ...money, trader_id: payer, shard: usualShard, transfer_id },
        });
      await untilAnswered(play, 200, toSecondShard('there'));
      await killAll(serving);
      await untilAnswered(play, 202, toSecondShard('halfway'));
    },
    end: () => reviveAll(serving),
  };
}

/** Lists of traders whose pages nothing keeps in memory: a trader that nobody asked for, each time. */
function readLists(): (play: Play) => Promise<unknown> {
  let trader = 0;
  return ({ stage }) => {
    trader++;
    return ask(stage, { method: 'GET', path: `/orders?trader_id=${trader}&status=all&limit=7` });
  };
}

export const scaledScenes: Readonly<Record<string, Scene>> = {
  'unused-replica': {
    says: 'lists are asked for, and nobody is at the address of the read replica',
    alerts: ['CardstockReplicaUnused'],
    cause: async () => {},
    goOn: readLists(),
    end: async () => {},
  },
  'shard-that-stops': shardThatStops(),
};
