import { setTimeout as wait } from 'node:timers/promises';
import type { Exchange } from './exchange.ts';
import type { Answer, Client } from './http.ts';

/** An order as its client saw it. */
export type SeenOrder = {
  readonly clientOid: string;
  readonly traderId: number;
  /** The order in the answer; null if it was refused for lack of funds. */
  readonly order: (Record<string, unknown> & { readonly id: string }) | null;
  /** The answer is to the first request for it, so it shows the order as it was right after it was matched. */
  readonly atOnce: boolean;
};

/** A deposit, withdrawal or transfer as its client saw it. */
export type SeenTransfer = { readonly transferId: string; readonly done: boolean };

export type Seen = { readonly orders: readonly SeenOrder[]; readonly transfers: readonly SeenTransfer[] };

export type Load = {
  readonly products: readonly string[];
  /** The currencies that funded ones among the products trade and pay with. */
  readonly currencies: readonly string[];
  readonly clients: number;
  /** Requests of each client, one after the other. */
  readonly requests: number;
  readonly seed: number;
  /** Ends the load before all requests are made. */
  readonly isOver?: () => boolean;
};

/** Clients that place, cancel, amend and move money at random, all at once, and repeat what was not answered until it is. */
export async function runLoad(exchange: Exchange, load: Load): Promise<Seen> {
  const traders = Array.from({ length: load.clients }, (_, i) => i + 1);
  const seen = await Promise.all(traders.map((traderId) => runClient(exchange, load, traderId)));
  return {
    orders: seen.flatMap(({ orders }) => orders),
    transfers: seen.flatMap(({ transfers }) => transfers),
  };
}

type Random = (below: number) => number;

async function runClient({ operator }: Exchange, load: Load, traderId: number): Promise<Seen> {
  const random = seededRandom(load.seed * 1_000 + traderId);
  const orders: SeenOrder[] = [];
  const transfers: SeenTransfer[] = [];
  let count = 0;
  const newId = () => `c${traderId}-${++count}`;
  const newOrder = () => randomOrder(random, load.products, { traderId, clientOid: newId() });
  const move = async (movement: Movement) => transfers.push(await moveMoney(operator, newId(), movement));
  const ids: string[] = [];
  const placeAll = async (some: readonly Order[]): Promise<void> => {
    const seen = await place(operator, some);
    orders.push(...seen);
    ids.push(...seen.flatMap(({ order }) => order?.id ?? []));
  };
  const anyId = () => ids[Math.max(0, ids.length - 1 - random(8))]!;
  const query = `?trader_id=${traderId}`;
  for (const currency of load.currencies)
    await move(['/deposits', { trader_id: traderId, currency, amount: '15' }]);
  for (let i = 0; i < load.requests && !load.isOver?.(); i++) {
    const dice = ids.length === 0 ? 0 : random(100);
    if (dice < 58) await placeAll([newOrder()]);
    else if (dice < 65) await placeAll(Array.from({ length: 2 + random(6) }, newOrder));
    else if (dice < 72) await move(randomMovement(random, load, traderId));
    else if (dice < 84) await insist(() => operator.delete(`/orders/${anyId()}${query}`));
    else if (dice < 98) await insist(() => operator.put(`/orders/${anyId()}${query}`, randomAmend(random)));
    else await insist(() => operator.delete(`/orders${query}`));
  }
  return { orders, transfers };
}

type Movement = readonly [path: string, body: Record<string, unknown>];

function randomMovement(random: Random, { currencies, clients }: Load, traderId: number): Movement {
  const money = { currency: currencies[random(currencies.length)], amount: String(1 + random(9)) };
  const dice = random(4);
  if (dice === 0) return ['/deposits', { ...money, trader_id: traderId }];
  if (dice < 3) return ['/withdrawals', { ...money, trader_id: traderId }];
  const receiver = 1 + ((traderId + random(clients - 1)) % clients);
  return ['/transfers', { ...money, from_trader_id: traderId, to_trader_id: receiver }];
}

async function moveMoney(client: Client, transferId: string, [path, body]: Movement): Promise<SeenTransfer> {
  const { answer } = await insist(() => client.post(path, { ...body, transfer_id: transferId }));
  const done = answer.status === 200;
  if (!done && answer.body.message !== noFunds)
    throw new Error(`${path} was refused: ${JSON.stringify(answer.body)}`);
  return { transferId, done };
}

const noFunds = 'Insufficient funds';

type Order = Record<string, unknown> & { readonly client_oid: string; readonly trader_id: number };

async function place(client: Client, orders: readonly Order[]): Promise<SeenOrder[]> {
  const path = orders.length === 1 ? '/orders' : '/orders/batch';
  const { answer, attempts } = await insist(() =>
    client.post(path, orders.length === 1 ? orders[0] : orders),
  );
  return [answer.body].flat().map((order, i) => ({
    clientOid: orders[i]!.client_oid,
    traderId: orders[i]!.trader_id,
    order: placedOrder(order),
    atOnce: attempts === 1 && order.status !== 'pending',
  }));
}

/** Lack of funds is all that an order may be refused for. */
function placedOrder(answer: Record<string, unknown> & { id: string }): SeenOrder['order'] {
  if (!('message' in answer)) return answer;
  if (answer.message === noFunds) return null;
  throw new Error(`an order was refused: ${JSON.stringify(answer)}`);
}

/** Asks until the exchange can answer. */
async function insist(ask: () => Promise<Answer>): Promise<{ answer: Answer; attempts: number }> {
  for (let attempts = 1; attempts <= 100; attempts++) {
    const answer = await ask();
    if (answer.status < 500) return { answer, attempts };
    await wait(50);
  }
  throw new Error('the exchange has not answered a hundred times');
}

const forms = [
  ...new Array(8).fill({}),
  { time_in_force: 'IOC' },
  { time_in_force: 'FOK' },
  { post_only: true },
  { type: 'market', price: undefined },
  { type: 'market', price: undefined, size: undefined, funds: '0.60' },
  { type: 'market', price: undefined, funds: '0.45' },
];
const preventions = [undefined, undefined, 'dc', 'co', 'cn', 'cb'];

function randomOrder(
  random: Random,
  products: readonly string[],
  { traderId, clientOid }: { traderId: number; clientOid: string },
): Order {
  return {
    ...{ trader_id: traderId, client_oid: clientOid, product_id: products[random(products.length)] },
    ...{ side: random(2) === 0 ? 'buy' : 'sell', price: randomPrice(random), size: String(1 + random(9)) },
    ...forms[random(forms.length)],
    stp: preventions[random(preventions.length)],
  };
}

function randomAmend(random: Random): { price?: string; size?: string } {
  const [price, size] = [randomPrice(random), String(1 + random(12))];
  return [{ price }, { size }, { price, size }][random(3)]!;
}

function randomPrice(random: Random): string {
  return (0.1 + random(12) / 100).toFixed(2);
}

/** Mulberry32: the same numbers for the same seed. */
function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}
