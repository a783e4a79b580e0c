// Clients that trade without a pause, whatever dies.

import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom, oneOf, type Random } from '../model/random.ts';
import {
  type Order,
  products,
  randomAmend,
  randomLimitOrder,
  randomMovement,
  randomOrder,
  type Traded,
} from './orders.ts';
import { type Sent, toldOf } from './record.ts';
import { createSender, type Send, type SenderParts } from './sender.ts';

export type Load = {
  readonly sent: readonly Sent[];
  /** Orders that were answered positively so far. */
  readonly answered: () => number;
  /** Sends one order, once. */
  readonly probe: () => Promise<Sent>;
  /** Lets what is under way end, and begins nothing else until resumed. */
  readonly pause: () => Promise<void>;
  readonly resume: () => void;
  readonly stop: () => Promise<void>;
};

const clients = 10;
/** Of each client between two requests, so that the exchange is busy and not full. */
const thinkMs = 12;

export type LoadParts = SenderParts & { readonly seed: number; readonly products?: readonly Traded[] };

export function startLoad(parts: LoadParts): Load {
  const traded = parts.products ?? products;
  const sender = createSender(parts);
  const { sent, answered, send, insist } = sender;
  let gate: PromiseWithResolvers<void> | null = null;
  let underWay = 0;
  const work = async (traderId: number): Promise<void> => {
    const random = createRandom(parts.seed * 1_000 + traderId);
    const act = createClient({ traderId, random, traded, send, insist });
    while (!sender.isStopped()) {
      await gate?.promise;
      underWay++;
      await act().finally(() => underWay--);
      await sleep(thinkMs);
    }
  };
  const all = Array.from({ length: clients }, (_, i) => work(i + 1));
  const ofProbes = createRandom(parts.seed);
  const resume = (): void => {
    gate?.resolve();
    gate = null;
  };
  return {
    ...{ sent, answered, resume },
    probe: () =>
      place(send, alone([randomOrder(ofProbes, traded, { traderId: clients + 1, clientOid: null })]), {}),
    pause: async () => {
      gate ??= Promise.withResolvers<void>();
      while (underWay > 0) await sleep(10);
    },
    stop: async () => {
      sender.stop();
      resume();
      await Promise.all(all);
    },
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

type ClientParts = {
  readonly traderId: number;
  readonly random: Random;
  readonly traded: readonly Traded[];
  readonly send: Send;
  readonly insist: Send;
};

const remembered = 30;

/** One trader's client: each call does one thing at random. */
function createClient({ traderId, random, traded, send, insist }: ClientParts): () => Promise<unknown> {
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
    const { path, body, ...money } = randomMovement(random, traderId, clients);
    const transferId = newId();
    return insist(
      { kind: 'move', transferId, ...money },
      { method: 'POST', path, body: { ...body, transfer_id: transferId } },
    );
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
