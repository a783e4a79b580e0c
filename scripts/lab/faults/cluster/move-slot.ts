// Moves a slot from one primary to another, while its shard is at work.

import type { Redis } from 'ioredis';
import { shardKeys } from '../../../../core/keys.ts';
import { nodesAsSeenBy, nodeTimeoutMs, type RedisNode } from '../../../launcher/cluster/redis-nodes.ts';
import { withRedis } from '../../../launcher/connections.ts';
import { until } from '../look.ts';

export type Move = {
  readonly shard: string;
  readonly slot: number;
  /** Both are asked for anew at each attempt: a failover may give either another node, which knows nothing of the move. */
  readonly giver: () => Promise<RedisNode>;
  readonly taker: () => Promise<RedisNode>;
};

const keysAtOnce = 100;
/**
 * The giver answers nobody while it waits for a taker that hangs. The others must not take it for dead as well: of three
 * primaries one alone would be left, and choose nobody in the place of the taker.
 */
const migrateMs = nodeTimeoutMs / 2;
/** Of a command to a node that may hang: longer than it may wait itself. */
const timeoutMs = 3 * migrateMs;

/** Ends when the new primary's replica has all of it: a primary that dies with what it was just given would take it along. */
export async function moveSlot({ shard, slot, giver, taker }: Move): Promise<void> {
  await until(`the move of slot ${slot}`, async () => {
    const [from, to] = await Promise.all([giver(), taker()]);
    if (from.id === to.id) return true;
    // From the first step on the shard takes nothing, and a taker without its replica takes no keys (NOREPLICAS).
    if (await hasReplica(to)) await moveBetween({ shard, slot, from, to });
    return false;
  });
  await until('the replica of what was moved', async () => hasReplica(await taker()));
}

type Between = Pick<Move, 'shard' | 'slot'> & { readonly from: RedisNode; readonly to: RedisNode };

/** Each step may be done again, so that a move goes on from wherever it ended. */
function moveBetween({ shard, slot, from, to }: Between): Promise<void> {
  const onBoth = async (here: Redis, there: Redis): Promise<void> => {
    const [giver, taker] = [await nameOf(here), await nameOf(there)];
    // Redis lets no gossip change whose a slot is that it imports. One that still took another node for its owner when it began
    // to, since a failover was a moment ago, would soon know of no owner, and refuse its keys for good (CLUSTERDOWN).
    await there.call('CLUSTER', 'SETSLOT', slot, 'NODE', giver);
    await there.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', giver);
    await here.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', taker);
    await dropStub(from, shard);
    await moveKeys(here, { shard, slot, target: new URL(to.ownUrl) });
    for (const node of [there, here]) await node.call('CLUSTER', 'SETSLOT', slot, 'NODE', taker);
  };
  return withRedis(
    from.ownUrl,
    (here) => withRedis(to.ownUrl, (there) => onBoth(here, there), { timeoutMs }),
    { timeoutMs },
  );
}

async function nameOf(node: Redis): Promise<string> {
  return (await nodesAsSeenBy(node)).find(({ isMyself }) => isMyself)!.name;
}

/**
 * A failover of the giver forgets the move. Until it is begun again the writer may tell how far it is to a `state` that has
 * moved, and what it makes there must not replace the whole one.
 */
function dropStub({ ownUrl }: RedisNode, shard: string): Promise<void> {
  const { state } = shardKeys(shard);
  // On a connection of its own, which is closed when Redis says that the key has moved.
  return withRedis(
    ownUrl,
    async (node) => {
      try {
        if (!(await node.hexists(state, 'sequence'))) await node.del(state);
      } catch (error) {
        if (!/^ASK /.test((error as Error).message)) throw error;
      }
    },
    { timeoutMs },
  );
}

type Moving = Pick<Move, 'shard' | 'slot'> & { readonly target: URL };

/** `state` goes first: from then on every script is told to come again, and none runs on a half of its keys. */
async function moveKeys(here: Redis, { shard, slot, target }: Moving): Promise<void> {
  await migrate(here, target, [shardKeys(shard).state]);
  for (;;) {
    const keys = (await here.call('CLUSTER', 'GETKEYSINSLOT', slot, keysAtOnce)) as string[];
    if (keys.length === 0) return;
    await migrate(here, target, keys);
  }
}

/** Keys that are gone are left out. */
function migrate(here: Redis, { hostname, port, password }: URL, keys: readonly string[]): Promise<unknown> {
  const how = ['', 0, migrateMs, 'REPLACE', 'AUTH2', 'default', password];
  return here.call('MIGRATE', hostname, port, ...how, 'KEYS', ...keys);
}

function hasReplica({ ownUrl }: RedisNode): Promise<boolean> {
  return withRedis(
    ownUrl,
    async (node) => {
      await node.ping();
      return (await node.wait(1, 1_000)) > 0;
    },
    { timeoutMs },
  );
}
