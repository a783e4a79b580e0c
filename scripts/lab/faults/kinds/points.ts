// Faults at chosen points: the proxies see the bytes, let them pass or not, and the fault comes before the answer does.

import { setTimeout as sleep } from 'node:timers/promises';
import { sendSignal } from '../../../launcher/servers/liveness.ts';
import { oneOf } from '../../model/random.ts';
import type { Actor } from '../actor.ts';
import type { Faults, Play } from '../fault.ts';
import { leaderOf, progressOf, springAtLeader, until } from '../look.ts';
import type { TcpProxy, Trap } from '../proxy.ts';

/** What is waited for comes within milliseconds, unless the writer that should take over has just lost its connection. */
const patienceMs = 40_000;

function spring(proxy: TcpProxy, trap: Trap): Promise<void> {
  return proxy.spring(trap, AbortSignal.timeout(patienceMs));
}

async function kill(actor: Actor): Promise<void> {
  await actor.end('SIGKILL');
  await actor.revive();
}

const commitAnswered: Trap = { pattern: 'COMMIT', loses: 'answer' };
const ordersSent: Trap = { pattern: 'copy "orders"', loses: 'request' };
const scriptRun: Trap = { pattern: 'evalsha', loses: 'answer' };
const groupDropped: Trap = { pattern: 'xgroup', loses: 'request' };
const eventsGiven: Trap = { pattern: 'xreadgroup', loses: 'answer' };

function atLeader(
  server: 'redis' | 'postgres',
  trap: Trap,
  then: (actor: Actor) => Promise<void> | void,
): (play: Play) => Promise<void> {
  return async ({ stage }) => then(await springAtLeader(stage, server, trap));
}

function atScript(
  of: (play: Play) => Actor,
  then: (actor: Actor) => Promise<void> | void,
): (play: Play) => Promise<void> {
  return async (play) => {
    const actor = of(play);
    await spring(actor.redis, scriptRun);
    await then(actor);
  };
}

const cutRedis = (actor: Actor): void => actor.redis.cut();
const cutPostgres = (actor: Actor): void => actor.postgres.cut();
const anApi = ({ stage }: Play): Actor => stage.actors.api[0]!;
const aMatcher = ({ stage, random }: Play): Actor => oneOf(random, stage.actors.matcher);

/** Between submit and match: orders are accepted while nobody matches, and who would have matched dies. */
async function killBeforeMatch({ stage }: Play): Promise<void> {
  const { matcher } = stage.actors;
  for (const { pid } of matcher) sendSignal(pid(), 'SIGSTOP');
  try {
    await until('an order that waits', async () => {
      const { sequence, matched } = await progressOf(stage);
      return sequence > matched;
    });
  } finally {
    await Promise.all(matcher.map((actor) => actor.end('SIGKILL')));
    await Promise.all(matcher.map((actor) => actor.revive()));
  }
}

/** Who takes over dies in doing so. */
async function killInTakeover({ stage }: Play): Promise<void> {
  const { actor, standby } = await leaderOf(stage);
  const taking = spring(standby.redis, groupDropped);
  await actor.end('SIGKILL');
  await taking.finally(async () => {
    await standby.end('SIGKILL');
    await sleep(10);
    await Promise.all([standby.revive(), actor.revive()]);
  });
}

export const pointFaults: Faults = {
  'submit-cut': {
    ...{ says: 'orders are sequenced, and the api never hears of it', weight: 4 },
    play: atScript(anApi, cutRedis),
  },
  'submit-kill': {
    ...{ says: 'orders are sequenced, and the api dies before it hears of it', weight: 4 },
    play: atScript(anApi, kill),
  },
  'unmatched-kill': {
    ...{ says: 'orders are sequenced, and both matchers die', weight: 4 },
    play: killBeforeMatch,
  },
  'run-cut': {
    ...{ says: 'a run is done, and the matcher never hears of it', weight: 4 },
    play: atScript(aMatcher, cutRedis),
  },
  'run-kill': {
    ...{ says: 'a run is done, and the matcher dies before it hears of it', weight: 4 },
    play: atScript(aMatcher, kill),
  },
  'events-cut': {
    ...{ says: 'the writer is given events, and they never arrive', weight: 4 },
    play: atLeader('redis', eventsGiven, cutRedis),
  },
  'batch-cut': {
    ...{ says: 'the connection breaks in the middle of a batch', weight: 4 },
    play: atLeader('postgres', ordersSent, cutPostgres),
  },
  'batch-kill': {
    ...{ says: 'the writer dies in the middle of a batch', weight: 4 },
    play: atLeader('postgres', ordersSent, kill),
  },
  'commit-cut': {
    ...{ says: 'a batch is committed, and the writer never hears of it', weight: 4 },
    play: atLeader('postgres', commitAnswered, cutPostgres),
  },
  'commit-kill': {
    ...{ says: 'a batch is committed, and the writer dies before it says so', weight: 4 },
    play: atLeader('postgres', commitAnswered, kill),
  },
  'takeover-kill': {
    ...{ says: 'the writer dies, and the one that takes over dies too', weight: 4 },
    play: killInTakeover,
  },
};
