// A shard loses its primary, by death, by a cut or by an order, and another node takes its place.

import { setTimeout as sleep } from 'node:timers/promises';
import { nodesAsSeenBy, type RedisNode } from '../../../../launcher/cluster/redis-nodes.ts';
import { withRedis } from '../../../../launcher/connections.ts';
import { sendSignal } from '../../../../launcher/servers/liveness.ts';
import { oneOf } from '../../../model/random.ts';
import type { Faults, Play } from '../../fault.ts';
import { until } from '../../look.ts';
import { moveSlot } from '../move-slot.ts';
import { pairOf, rolesOf, rolesOfSlot, untilOther } from '../roles.ts';
import type { ClusterStage } from '../stage.ts';

type ClusterPlay = Play<ClusterStage>;

const aShard = ({ stage, random }: ClusterPlay): string => oneOf(random, stage.shards);

async function killPrimary(play: ClusterPlay): Promise<void> {
  const { stage } = play;
  const shard = aShard(play);
  const { primary } = await pairOf(stage, shard);
  await loseAndRevive(stage, shard, primary);
}

/** It comes back as a replica of the one that took its place. */
async function loseAndRevive(stage: ClusterStage, shard: string, primary: RedisNode): Promise<void> {
  const part = stage.part(primary.id);
  await part.end('SIGKILL');
  await untilOther(stage, shard, primary).finally(part.revive);
}

async function killReplica(play: ClusterPlay): Promise<void> {
  const { stage, random } = play;
  const { replica } = await pairOf(stage, aShard(play));
  const part = stage.part(replica.id);
  await part.end('SIGKILL');
  await sleep(random(0, 1_500));
  await part.revive();
}

/** The replica that is chosen lacks what came since the cut, and nobody was told of that. */
async function killAheadOfReplica(play: ClusterPlay): Promise<void> {
  const { stage, random } = play;
  const shard = aShard(play);
  const { primary, replica } = await pairOf(stage, shard);
  stage.network.part(primary.id, [replica.id]);
  try {
    await sleep(random(50, 1_500));
    await stage.part(primary.id).end('SIGKILL');
  } finally {
    stage.network.heal();
  }
  await untilOther(stage, shard, primary).finally(stage.part(primary.id).revive);
}

/** One api sees the old primary alone for a while, and the others the new one. */
async function splitBrain(play: ClusterPlay): Promise<void> {
  const { stage, random } = play;
  const shard = aShard(play);
  const { primary } = await pairOf(stage, shard);
  const left = oneOf(random, ['api-1', 'api-2']);
  const others = stage.network.all().filter((id) => id !== left && id !== primary.id);
  stage.network.part(primary.id, others);
  try {
    await untilOther(stage, shard, primary);
    await sleep(random(500, 3_000));
  } finally {
    stage.network.heal();
  }
  await untilReplica(primary);
}

/** It finds the other one in its place when it wakes. */
async function hangPrimary(play: ClusterPlay): Promise<void> {
  const { stage, random } = play;
  const shard = aShard(play);
  const { primary } = await pairOf(stage, shard);
  const pid = stage.part(primary.id).pid();
  sendSignal(pid, 'SIGSTOP');
  try {
    await untilOther(stage, shard, primary);
    await sleep(random(0, 2_000));
  } finally {
    sendSignal(pid, 'SIGCONT');
  }
  await untilReplica(primary);
}

function untilReplica({ id, ownUrl }: RedisNode): Promise<void> {
  return until(`that ${id} is a replica`, () =>
    withRedis(ownUrl, async (redis) => /role:slave/.test(await redis.info('replication')), {
      timeoutMs: 1_000,
    }),
  );
}

function failover(...how: string[]): (play: ClusterPlay) => Promise<void> {
  return async (play) => {
    const { stage } = play;
    const shard = aShard(play);
    const { primary, replica } = await pairOf(stage, shard);
    const word = how.length === 0 ? [] : [oneOf(play.random, how)];
    await withRedis(replica.ownUrl, (redis) => redis.call('CLUSTER', 'FAILOVER', ...word));
    await untilOther(stage, shard, primary);
  };
}

async function moveAway(play: ClusterPlay): Promise<void> {
  const { stage, random } = play;
  const shard = aShard(play);
  const { primary, slot } = await rolesOf(stage, shard);
  const states = await withRedis(primary.ownUrl, nodesAsSeenBy);
  const others = states.filter((one) => one.isPrimary && !one.isMyself && one.ranges.length > 0);
  // Whoever serves this one takes the other.
  const [beside] = oneOf(random, others).ranges.find(([first]) => first !== slot)!;
  const primaryOf = async (one: number): Promise<RedisNode> => (await rolesOfSlot(stage, one)).primary;
  await moveSlot({ shard, slot, giver: () => primaryOf(slot), taker: () => primaryOf(beside) });
}

async function killClients(play: ClusterPlay): Promise<void> {
  const { primary } = await rolesOf(play.stage, aShard(play));
  await withRedis(primary.ownUrl, async (redis) => {
    for (const type of ['normal', 'pubsub'])
      await redis.call('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes');
  });
}

export const redisFaults: Faults<ClusterStage> = {
  'kill-redis': { says: "kill -9 of a shard's primary", weight: 4, play: killPrimary },
  'kill-replica': { says: "kill -9 of a shard's replica", weight: 2, play: killReplica },
  'replica-behind': {
    ...{ says: 'the replica is cut off, and then the primary is lost', weight: 4 },
    play: killAheadOfReplica,
  },
  'split-brain': {
    ...{ says: 'the primary is cut off from everybody but one api', weight: 4 },
    play: splitBrain,
  },
  'hang-redis': {
    says: 'the primary hangs, and wakes when another has its place',
    weight: 3,
    play: hangPrimary,
  },
  'failover-redis': { says: 'the replica takes the place in good order', weight: 3, play: failover() },
  'force-failover': {
    ...{ says: 'the replica takes the place by force', weight: 3 },
    play: failover('FORCE', 'TAKEOVER'),
  },
  'move-slot': { says: "a shard's slot moves to another primary", weight: 3, play: moveAway },
  'client-kill': { says: 'CLIENT KILL of all connections to the primary', weight: 3, play: killClients },
};
