// PostgreSQL loses its primary, with a standby that has all of it, or not all.

import { setTimeout as sleep } from 'node:timers/promises';
import { withPostgres } from '../../../../../sql/with-postgres.ts';
import { isPrimary, type PostgresNode } from '../../../../launcher/cluster/postgres-pair.ts';
import type { Faults, Play } from '../../fault.ts';
import { until } from '../../look.ts';
import { postgresRoles } from '../roles.ts';
import type { ClusterStage } from '../stage.ts';

type ClusterPlay = Play<ClusterStage>;

/** It comes back as what it was. */
async function killPrimary({ stage }: ClusterPlay): Promise<void> {
  const part = stage.part((await postgresRoles(stage)).primary.id);
  await part.end('SIGKILL');
  await part.revive();
}

async function killStandby({ stage, random }: ClusterPlay): Promise<void> {
  const part = stage.part((await postgresRoles(stage)).standby.id);
  await part.end('SIGKILL');
  await sleep(random(0, 1_500));
  await part.revive();
}

function askOnce(node: PostgresNode, ...statements: string[]): Promise<void> {
  const asked = { connectionString: node.url, connectionTimeoutMillis: 5_000, query_timeout: 30_000 };
  return withPostgres(asked, async (client) => {
    for (const statement of statements) await client.query(statement);
  });
}

async function ask(node: PostgresNode, ...statements: string[]): Promise<void> {
  await until(`${node.id}: ${statements[0]}`, async () => {
    await askOnce(node, ...statements);
    return true;
  });
}

/**
 * Asks, and looks: a session that waits in `pg_promote()` holds a snapshot, for which the replay that is to end first may have to
 * wait in turn, until `max_standby_streaming_delay` (30 s) cancels it.
 */
function promote(node: PostgresNode): Promise<void> {
  return until(`the promotion of ${node.id}`, async () => {
    if (await isPrimary(node.url)) return true;
    await askOnce(node, 'select pg_promote(wait => false)');
    return false;
  });
}

/** As who is on call does it. The old one comes back as the standby of the new one. */
async function losePrimary({ stage, random }: ClusterPlay): Promise<void> {
  const { primary, standby } = await postgresRoles(stage);
  await stage.part(primary.id).end('SIGKILL');
  await sleep(random(0, 1_000));
  await promote(standby);
  await stage.part(primary.id).revive();
}

/** The old one comes back as the primary that it was, and HAProxy finds two. */
async function reviveOldPrimary({ stage, random }: ClusterPlay): Promise<void> {
  const { primary, standby } = await postgresRoles(stage);
  const part = stage.part(primary.id);
  await part.end('SIGKILL');
  await promote(standby);
  await part.revive(primary.launchAsItWas);
  await sleep(random(1_000, 4_000));
  await part.end('SIGKILL');
  await part.revive();
}

const endSessions = `select pg_terminate_backend(pid) from pg_stat_activity
  where usename = 'cardstock' and backend_type = 'client backend' and pid <> pg_backend_pid()`;

/** With an asynchronous standby: it was away for a moment, and lacks the last commits. */
async function loseCommits({ stage, random }: ClusterPlay): Promise<void> {
  const { primary, standby } = await postgresRoles(stage);
  const [old, next] = [stage.part(primary.id), stage.part(standby.id)];
  await ask(primary, 'alter role cardstock set synchronous_commit = local', endSessions);
  await sleep(500);
  await next.end('SIGKILL');
  await sleep(random(300, 1_500));
  await old.end('SIGKILL');
  await next.revive(standby.launchAsItWas);
  await promote(standby);
  await old.revive();
  await ask(standby, 'alter role cardstock reset synchronous_commit', endSessions);
}

export const postgresFaults: Faults<ClusterStage> = {
  'kill-postgres': {
    says: 'kill -9 of the primary PostgreSQL, which comes back',
    weight: 2,
    play: killPrimary,
  },
  'kill-standby': { says: 'kill -9 of the synchronous standby', weight: 2, play: killStandby },
  'lose-postgres': {
    ...{ says: 'the primary PostgreSQL is lost, and its synchronous standby promoted', weight: 4 },
    play: losePrimary,
  },
  'old-primary': {
    ...{ says: 'so too, and the old one comes back writable', weight: 4 },
    play: reviveOldPrimary,
  },
  'lose-commits': {
    ...{ says: 'so too, with an asynchronous standby that lacks the last commits', weight: 3 },
    play: loseCommits,
  },
};
