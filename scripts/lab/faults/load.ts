// Clients that trade without a pause, whatever dies.

import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom, oneOf, type Random } from '../model/random.ts';
import { until } from './look.ts';
import { between, deposit, randomMovement } from './movements.ts';
import {
  auctioned,
  type Funded,
  type Order,
  products,
  randomAmend,
  randomLimitOrder,
  randomOrder,
  type Traded,
  usualFunded,
} from './orders.ts';
import { type Sent, toldOf } from './record.ts';
import { createSender, type Send, type SenderParts } from './sender.ts';

export type Load = {
  readonly sent: readonly Sent[];
  /** Orders that were answered positively so far. */
  readonly answered: () => number;
  /** Sends one order, once. */
  readonly probe: () => Promise<Sent>;
  /** Begins so many transfers between two shards at once. Each is sent until it is known what became of it. */
  readonly transfer: (count: number) => Promise<Promise<Sent>[]>;
  /** Lets what is under way end, and begins nothing else until resumed. Throws `StuckError`. */
  readonly pause: () => Promise<void>;
  readonly resume: () => void;
  readonly stop: () => Promise<void>;
};

const clients = 10;
/** Of each client between two requests, so that the exchange is busy and not full. */
const thinkMs = 12;

export type LoadParts = SenderParts & {
  readonly seed: number;
  readonly products?: readonly Traded[];
  readonly funded?: readonly Funded[];
};

export function startLoad(parts: LoadParts): Load {
  const { products: traded = products, funded = usualFunded } = parts;
  const sender = createSender(parts);
  const { sent, answered, send, insist } = sender;
  let gate: PromiseWithResolvers<void> | null = null;
  let underWay = 0;
  const work = async (act: () => Promise<unknown>, pauseMs: () => number): Promise<void> => {
    for (;;) {
      await gate?.promise;
      if (sender.isStopped()) return;
      underWay++;
      await act().finally(() => underWay--);
      await sleep(pauseMs());
    }
  };
  const randomOf = (one: number): Random => createRandom(parts.seed * 1_000 + one);
  const all = Array.from({ length: clients }, (_, i) => {
    const [traderId, random] = [i + 1, randomOf(i + 1)];
    return work(createClient({ traderId, random, traded, funded, send, insist }), () => thinkMs);
  });
  const pauses = randomOf(0);
  all.push(work(createOperator(insist), () => pauses(200, 1_500)));
  const ofProbes = createRandom(parts.seed);
  const resume = (): void => {
    gate?.resolve();
    gate = null;
  };
  return {
    ...{ sent, answered, resume },
    probe: () =>
      place(send, alone([randomOrder(ofProbes, traded, { traderId: clients + 1, clientOid: null })]), {}),
    transfer: createTransfers({ insist, funded, random: ofProbes }),
    pause: async () => {
      gate ??= Promise.withResolvers<void>();
      await until('the end of what clients are at', async () => underWay === 0);
    },
    stop: async () => {
      sender.stop();
      resume();
      await Promise.all(all);
    },
  };
}

/** Of a trader who does nothing else, with money that was put there for it. */
function createTransfers({
  insist,
  funded,
  random,
}: Pick<ClientParts, 'insist' | 'funded' | 'random'>): Load['transfer'] {
  const traderId = clients + 2;
  let made = 0;
  return async (count) => {
    const [{ shard: fromShard }, { shard: toShard }] = oneOf(random, [funded, funded.toReversed()]) as [
      Funded,
      Funded,
    ];
    const newId = (): string => `between-${++made}`;
    const paid = deposit({ transferId: newId(), shard: fromShard, traderId, dollars: count });
    await insist(paid.what, paid.call);
    return Array.from({ length: count }, () => {
      const route = { transferId: newId(), fromShard, toShard, traderId, toTraderId: traderId };
      const { what, call } = between({ ...route, dollars: 1 });
      return insist(what, call);
    });
  };
}

/** Orders that are sent together. */
type Batch = { readonly orders: readonly Order[]; readonly isAllOrNone: boolean };
const alone = (orders: readonly Order[]): Batch => ({ orders, isAllOrNone: false });

function place(send: Send, batch: Batch, headers: Record<string, string>): Promise<Sent> {
  const { orders, isAllOrNone } = batch;
  const bodies = orders.map(({ body }) => body);
  const [path, body] =
    orders.length === 1 && !isAllOrNone
      ? ['/orders', bodies[0]]
      : ['/orders/batch', isAllOrNone ? { all_or_none: true, orders: bodies } : bodies];
  const what = { kind: 'place', orders: orders.map(({ meant }) => meant), isAllOrNone } as const;
  return send(what, { method: 'POST', path, body, headers });
}

/** Each call begins an auction or ends it. */
function createOperator(insist: Send): () => Promise<unknown> {
  let status: 'auction' | 'online' = 'online';
  return () => {
    status = status === 'online' ? 'auction' : 'online';
    const call = { method: 'PUT', path: `/products/${auctioned}`, body: { status } };
    return insist({ kind: 'status', productId: auctioned, status }, call);
  };
}

type ClientParts = {
  readonly traderId: number;
  readonly random: Random;
  readonly traded: readonly Traded[];
  readonly funded: readonly Funded[];
  readonly send: Send;
  readonly insist: Send;
};

const remembered = 30;

/** One trader's client: each call does one thing at random. */
function createClient(parts: ClientParts): () => Promise<unknown> {
  const { traderId, random, traded, funded, send, insist } = parts;
  let ids: string[] = [];
  let placed: Batch[] = [];
  let count = 0;
  const newId = (): string => `c${traderId}-${++count}`;
  const trader = `?trader_id=${traderId}`;
  const anyId = (): string => oneOf(random, ids);
  const placeSome = async (batch: Batch): Promise<void> => {
    const isNamed = batch.orders[0]!.meant.clientOid !== null;
    const headers: Record<string, string> = random(1, 4) === 1 ? { prefer: 'respond-async' } : {};
    const one = await place(isNamed ? insist : send, batch, headers);
    ids = [...ids, ...toldOf(one).flatMap((told) => (told && 'id' in told ? told.id : []))];
    ids = ids.slice(-remembered);
    if (isNamed) placed = [...placed, batch].slice(-remembered);
  };
  const newOrders = (most: number, newOrder = randomOrder): Order[] => {
    const isNamed = random(1, 10) <= 7;
    // Of one shard: orders of several are not taken whole or not at all.
    const { shard } = oneOf(random, traded);
    const own = traded.filter((one) => one.shard === shard);
    return Array.from({ length: random(1, most) }, () =>
      newOrder(random, own, { traderId, clientOid: isNamed ? newId() : null }),
    );
  };
  const move = (): Promise<Sent> => {
    const transferId = newId();
    const { what, call } = randomMovement(random, { transferId, traderId, traders: clients, funded });
    return insist(what, call);
  };
  const change = (): Promise<Sent> => {
    const orderId = anyId();
    const path = `/orders/${orderId}${trader}`;
    return random(1, 2) === 1
      ? send({ kind: 'cancel', orderId }, { method: 'DELETE', path })
      : send({ kind: 'amend', orderId }, { method: 'PUT', path, body: randomAmend(random) });
  };
  const read = (): Promise<Sent> => {
    const orderId = anyId();
    return send({ kind: 'read', orderId }, { method: 'GET', path: `/orders/${orderId}${trader}` });
  };
  return () => {
    const dice = count < 5 ? 75 : random(1, 100);
    if (dice <= 58 || ids.length === 0) return placeSome(alone(newOrders(1)));
    if (dice <= 67) return placeSome(alone(newOrders(8)));
    if (dice <= 70) return placeSome({ orders: newOrders(4, randomLimitOrder), isAllOrNone: true });
    if (dice <= 79) return move();
    if (dice <= 90) return change();
    if (dice <= 94) return read();
    if (dice <= 98 && placed.length > 0) return placeSome(oneOf(random, placed));
    return send({ kind: 'cancel all' }, { method: 'DELETE', path: `/orders${trader}` });
  };
}
