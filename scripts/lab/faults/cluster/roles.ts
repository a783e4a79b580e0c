// Who is what in a cluster at the moment: it changes by itself.

import { setTimeout as sleep } from 'node:timers/promises';
import { isPrimary, type PostgresNode } from '../../../launcher/cluster/postgres-pair.ts';
import {
  type NodeState,
  nodesAsSeenBy,
  type RedisNode,
  serves,
} from '../../../launcher/cluster/redis-nodes.ts';
import { withRedis } from '../../../launcher/connections.ts';
import { until } from '../look.ts';
import type { ClusterStage } from './stage.ts';

export type Roles = {
  readonly slot: number;
  readonly primary: RedisNode;
  /** Null while the primary has none. */
  readonly replica: RedisNode | null;
};

/** Where the nodes are. */
export type Nodes = { readonly arrangement: Pick<ClusterStage['arrangement'], 'redis'> };

type View = { readonly node: RedisNode; readonly own: NodeState };

const answerMs = 1_000;

/** What each node that answers says of itself, past the network. */
async function viewsOf({ arrangement }: Nodes): Promise<View[]> {
  const views = await Promise.all(
    arrangement.redis.map((node) =>
      withRedis(
        node.ownUrl,
        async (redis): Promise<View> => {
          const own = (await nodesAsSeenBy(redis)).find(({ isMyself }) => isMyself)!;
          return { node, own };
        },
        { timeoutMs: answerMs },
      ).catch(() => null),
    ),
  );
  return views.filter((view) => view !== null);
}

/** Of those that say they serve the slot, the one that was chosen last; null while nobody says so. */
async function lookForRoles(stage: Nodes, slot: number): Promise<Roles | null> {
  const views = await viewsOf(stage);
  const [primary] = views
    .filter(({ own }) => own.isPrimary && serves(own, slot))
    .sort((one, other) => other.own.epoch - one.own.epoch);
  if (!primary) return null;
  const replica = views.find(({ own }) => !own.isPrimary && own.primary === primary.own.name);
  return { slot, primary: primary.node, replica: replica?.node ?? null };
}

export function rolesOf(stage: ClusterStage, shard: string): Promise<Roles> {
  return rolesOfSlot(stage, stage.slotOf(shard));
}

export async function rolesOfSlot(stage: Nodes, slot: number): Promise<Roles> {
  let found: Roles | null = null;
  await until(`a primary of slot ${slot}`, async () => {
    found = await lookForRoles(stage, slot);
    return found !== null;
  });
  return found!;
}

/** Both of a shard's nodes, once it has both: a replica that is just given all data anew can take no place. */
export async function pairOf(
  stage: ClusterStage,
  shard: string,
): Promise<Roles & { readonly replica: RedisNode }> {
  let roles: Roles | undefined;
  await until(`a replica of ${shard}`, async () => {
    roles = await rolesOf(stage, shard);
    return roles.replica !== null && (await isInStep(roles.replica));
  });
  return roles as Roles & { readonly replica: RedisNode };
}

function isInStep({ ownUrl }: RedisNode): Promise<boolean> {
  return withRedis(ownUrl, async (redis) => /master_link_status:up/.test(await redis.info('replication')), {
    timeoutMs: answerMs,
  });
}

/** Resolves once another node than the former one is the primary; throws `TimeoutError` if none is chosen. */
export async function untilOther(stage: ClusterStage, shard: string, former: RedisNode): Promise<void> {
  const signal = AbortSignal.timeout(30_000);
  for (;;) {
    const roles = await lookForRoles(stage, stage.slotOf(shard));
    if (roles && roles.primary.id !== former.id) return;
    signal.throwIfAborted();
    await sleep(50);
  }
}

export type PostgresRoles = { readonly primary: PostgresNode; readonly standby: PostgresNode };

/** Once there is one primary. */
export async function postgresRoles({ arrangement }: ClusterStage): Promise<PostgresRoles> {
  const { postgres } = arrangement;
  let primaries: PostgresNode[] = [];
  await until('one primary of PostgreSQL', async () => {
    const answers = await Promise.all(postgres.map(({ url }) => isPrimary(url)));
    primaries = postgres.filter((_, i) => answers[i]);
    return primaries.length === 1;
  });
  const [primary] = primaries;
  return { primary: primary!, standby: postgres.find((node) => node !== primary)! };
}
