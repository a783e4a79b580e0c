// A notifier dies at work, or a receiver hangs: each webhook must still be told of all that was written for it, in order.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { askFor } from '../../request.ts';
import type { Faults, Play } from '../fault.ts';
import { StuckError, until, withPostgres } from '../look.ts';
import type { Stage } from '../stage.ts';

/** Of those who trade all the time. */
const traders = [1, 2, 3];
const events = ['order.done', 'trade'];
/** Within this the writer knows of a webhook. */
const knownMs = 1_500;
const killsInARow = 3;
const hasteEveryMs = 500;

type Receiver = {
  readonly url: (traderId: number) => string;
  /** Numbers of notices that were taken from each trader's webhook, in the order in which they first came. */
  readonly told: ReadonlyMap<number, Set<number>>;
  /** From now on this trader's webhook is not answered; null is nobody's. */
  readonly hangFor: (traderId: number | null) => void;
  readonly close: () => void;
};

async function startReceiver(): Promise<Receiver> {
  const told = new Map(traders.map((traderId) => [traderId, new Set<number>()]));
  let hanging: number | null = null;
  const server = createServer((request, response) => {
    request.resume();
    const traderId = Number(request.url!.slice(1));
    if (traderId === hanging) return;
    told.get(traderId)!.add(Number(String(request.headers['webhook-id']).replace('msg_', '')));
    response.writeHead(204).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    told,
    url: (traderId) => `http://127.0.0.1:${port}/${traderId}`,
    hangFor: (traderId) => {
      hanging = traderId;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** PostgreSQL may still be away by the fault before. */
async function numbersOf(stage: Stage, query: string, values: readonly unknown[]): Promise<number[]> {
  let found: number[] = [];
  await until('an answer of PostgreSQL', async () => {
    const { rows } = await withPostgres(stage, (client) =>
      client.query<{ id: string | null }>(query, [...values]),
    );
    found = rows.map(({ id }) => Number(id));
    return true;
  });
  return found;
}

/** The notices that a trader's webhook is to be told by now, in order. */
const noticesOf = (stage: Stage, traderId: number, after: number): Promise<number[]> =>
  numbersOf(
    stage,
    'select notice_id as id from notices where trader_id = $1 and event = any($2) and notice_id > $3 order by notice_id',
    [traderId, events, after],
  );

/** What failed is tried at once, and as if for the first time: after eight attempts it would be a dead letter. */
const haste = (stage: Stage): Promise<void> =>
  withPostgres(stage, async (client) => {
    await client.query('update webhooks set next_attempt_at = now(), attempts = 0 where attempts > 0');
  });

/** Waits until a trader's webhook was told of all that there is for it now; says so if that does not come, or not in order. */
async function assertTold(
  { stage, contradict }: Play,
  { told }: Receiver,
  traderId: number,
  after: number,
): Promise<void> {
  const wanted = await noticesOf(stage, traderId, after);
  const came = told.get(traderId)!;
  try {
    await until(`what trader ${traderId} is to be told`, async () => {
      await haste(stage);
      await sleep(hasteEveryMs);
      return wanted.every((id) => came.has(id));
    });
  } catch (error) {
    if (!(error instanceof StuckError)) throw error;
    const lacking = wanted.filter((id) => !came.has(id));
    contradict(`trader ${traderId}'s webhook was not told of notices ${lacking.slice(0, 5)}`);
  }
  const inOrder = [...came].every((id, i, all) => i === 0 || id > all[i - 1]!);
  if (!inOrder) contradict(`trader ${traderId}'s webhook was told out of order`);
}

/** Only one: another, whose answer was lost, would begin further on and tell what is not its turn. */
const addWebhook = (stage: Stage, trader_id: number, url: string): Promise<void> =>
  until(`a webhook of trader ${trader_id}`, async () => {
    await numbersOf(stage, 'delete from webhooks where trader_id = $1 returning webhook_id as id', [
      trader_id,
    ]);
    await askFor(stage, { path: '/webhooks', body: { trader_id, url, events } });
    return true;
  });

function withWebhooks(
  act: (play: Play, receiver: Receiver, after: number) => Promise<void>,
): (play: Play) => Promise<void> {
  return async (play) => {
    const { stage } = play;
    const receiver = await startReceiver();
    try {
      for (const traderId of traders) await addWebhook(stage, traderId, receiver.url(traderId));
      // What was written before a webhook was there is not for it, and the writer may still do so for one that is gone.
      const [after] = await numbersOf(stage, 'select max(notice_id) as id from notices', []);
      await sleep(knownMs);
      await act(play, receiver, after!);
    } finally {
      await numbersOf(stage, 'delete from webhooks returning webhook_id as id', []);
      receiver.close();
    }
  };
}

async function killNotifier(play: Play, receiver: Receiver, after: number): Promise<void> {
  const [notifier] = play.stage.actors.notifier;
  for (let kills = 0; kills < killsInARow; kills++) {
    await sleep(play.random(50, 500));
    await notifier!.end('SIGKILL');
    await notifier!.revive();
  }
  for (const traderId of traders) await assertTold(play, receiver, traderId, after);
}

/** The others must not wait for the one that hangs, and it misses nothing. */
async function hangReceiver(play: Play, receiver: Receiver, after: number): Promise<void> {
  const [hanging, ...others] = traders as [number, ...number[]];
  receiver.hangFor(hanging);
  await sleep(play.random(500, 1_500));
  for (const traderId of others) await assertTold(play, receiver, traderId, after);
  receiver.hangFor(null);
  await assertTold(play, receiver, hanging, after);
}

const lacks = ({ actors }: Stage): string | null => (actors.notifier.length > 0 ? null : 'a notifier');

export const webhookFaults: Faults = {
  'kill-notifier': {
    ...{ says: 'kill -9 of the notifier, again and again', weight: 1, lacks },
    play: withWebhooks(killNotifier),
  },
  'hang-receiver': {
    ...{ says: "a webhook's receiver hangs", weight: 1, lacks },
    play: withWebhooks(hangReceiver),
  },
};
