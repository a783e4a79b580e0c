// Moves a slot from one primary to another, while its shard is at work.

import type { Redis } from 'ioredis';
import { shardKeys } from '../../../../core/keys.ts';
import { nodesAsSeenBy, type RedisNode } from '../../../launcher/cluster/redis-nodes.ts';
import { withRedis } from '../../../launcher/connections.ts';
import { until } from '../look.ts';

export type Move = {
  readonly shard: string;
  readonly slot: number;
  readonly from: RedisNode;
  readonly to: RedisNode;
};

const keysAtOnce = 100;
const migrateMs = 5_000;

/** Ends when the new primary's replica has all of it: a primary that dies with what it was just given would take it along. */
export function moveSlot({ shard, slot, from, to }: Move): Promise<void> {
  return withRedis(from.ownUrl, (here) =>
    withRedis(to.ownUrl, async (there) => {
      const [giver, taker] = [await nameOf(here), await nameOf(there)];
      await there.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', giver);
      await here.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', taker);
      const target = new URL(to.ownUrl);
      await until(`the move of slot ${slot}`, () => moveKeys(here, { shard, slot, target }));
      for (const node of [there, here]) await node.call('CLUSTER', 'SETSLOT', slot, 'NODE', taker);
      await until('the replica of what was moved', async () => {
        await there.ping();
        return (await there.wait(1, 1_000)) > 0;
      });
    }),
  );
}

async function nameOf(node: Redis): Promise<string> {
  return (await nodesAsSeenBy(node)).find(({ isMyself }) => isMyself)!.name;
}

type Moving = Pick<Move, 'shard' | 'slot'> & { readonly target: URL };

/** True once none is left. `state` goes first: from then on every script is told to come again, and none runs on a half of its keys. */
async function moveKeys(here: Redis, { shard, slot, target }: Moving): Promise<boolean> {
  const keys = (await here.call('CLUSTER', 'GETKEYSINSLOT', slot, keysAtOnce)) as string[];
  if (keys.length === 0) return true;
  const { state } = shardKeys(shard);
  const [first, ...rest] = keys.toSorted((one, other) => Number(other === state) - Number(one === state));
  const login = ['AUTH2', 'default', target.password];
  for (const some of [[first!], rest])
    if (some.length > 0)
      await here.call(
        'MIGRATE',
        target.hostname,
        target.port,
        '',
        0,
        migrateMs,
        'REPLACE',
        ...login,
        'KEYS',
        ...some,
      );
  return false;
}
