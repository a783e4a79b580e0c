// Faults of telling and of asking: what clients of the feed, receivers of webhooks and those who ask too much notice.

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import { withPostgres, withRedis } from '../faults/look.ts';
import type { Stage } from '../faults/stage.ts';
import { askFor } from '../request.ts';
import type { Play, Scene } from './scene.ts';

const mayReadEvents = (right: '+xread' | '-xread') => (play: Play) =>
  withRedis(play.stage, async (redis) => {
    await redis.call('ACL', 'SETUSER', 'default', right);
  });

const slowSockets = 8;

/** They subscribe to all that happens, and read nothing of it. */
function idleReaders(): Scene {
  const sockets: WebSocket[] = [];
  const open = async ({ stage }: Play): Promise<void> => {
    const socket = new WebSocket(`ws://127.0.0.1:${stage.port}/feed`);
    socket.on('error', () => {});
    sockets.push(socket);
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'subscribe', product_ids: ['PIKACHU-USD'], channels: ['full'] }));
    socket.pause();
  };
  return {
    says: `${slowSockets} sockets are read no more`,
    alerts: ['CardstockSocketsTooSlow'],
    cause: async (play) => {
      await Promise.all(Array.from({ length: slowSockets }, () => open(play)));
    },
    end: async () => {
      for (const socket of sockets) socket.terminate();
    },
  };
}

const flood = 20;

function askTooMuch({ stage }: Play): Promise<unknown> {
  const ask = () => fetch(`http://127.0.0.1:${stage.port}/time`).then((answer) => answer.text());
  return Promise.all(Array.from({ length: flood }, ask));
}

const traders = [1, 2, 3, 4, 5];

type Receiver = { readonly url: string; readonly server: Server };

async function startReceiver(status: () => number): Promise<Receiver> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status()).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}

/** Each of some traders who trade all the time has a webhook. */
async function addWebhooks({ port, token }: Stage, url: string): Promise<void> {
  for (const trader_id of traders)
    await askFor({ port, token }, { path: '/webhooks', body: { trader_id, url, events: ['trade'] } });
}

async function removeWebhooks(stage: Stage): Promise<void> {
  await withPostgres(stage, async (client) => {
    await client.query('delete from webhooks');
  });
}

/** Reads of the table go on; claims and marks wait for whoever has the lock. Resolves, once it is held, to what lets it go. */
async function lockWebhooks(stage: Stage): Promise<() => Promise<void>> {
  const locked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const session = withPostgres(stage, async (client) => {
    await client.query('begin');
    await client.query('lock table webhooks in share row exclusive mode');
    locked.resolve();
    await released.promise;
  });
  await Promise.race([locked.promise, session]);
  return () => {
    released.resolve();
    return session;
  };
}

function lockedWebhooks(): Scene {
  let release: (() => Promise<void>) | undefined;
  let receiver: Receiver | undefined;
  return {
    says: 'a session in PostgreSQL holds the table of webhooks',
    alerts: ['CardstockWebhooksLate'],
    cause: async ({ stage }) => {
      receiver = await startReceiver(() => 200);
      await addWebhooks(stage, receiver.url);
      release = await lockWebhooks(stage);
    },
    end: async ({ stage }) => {
      await release?.();
      await removeWebhooks(stage);
      receiver?.server.close();
    },
  };
}

/** Each look tries at once what would be tried after hours. */
function failingReceivers(): Scene {
  let receiver: Receiver | undefined;
  return {
    says: `the receivers of ${traders.length} traders fail, and the waits between attempts are left out`,
    alerts: ['CardstockDeadLettersGrow'],
    cause: async ({ stage }) => {
      receiver = await startReceiver(() => 500);
      await addWebhooks(stage, receiver.url);
    },
    goOn: ({ stage }) =>
      withPostgres(stage, async (client) => {
        await client.query('update webhooks set next_attempt_at = now() where attempts > 0');
      }),
    end: async ({ stage }) => {
      await removeWebhooks(stage);
      receiver?.server.close();
    },
  };
}

export const toldScenes: Readonly<Record<string, Scene>> = {
  'blind-api': {
    says: "the api's user of Redis may not read events",
    alerts: ['CardstockFeedStopped'],
    cause: mayReadEvents('-xread'),
    end: mayReadEvents('+xread'),
  },
  'idle-readers': idleReaders(),
  flood: {
    says: 'an address asks eighty times a second',
    alerts: ['CardstockRequestsLimited'],
    cause: async () => {},
    goOn: askTooMuch,
    end: async () => {},
  },
  'locked-webhooks': lockedWebhooks(),
  'failing-receivers': failingReceivers(),
};
