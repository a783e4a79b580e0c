// What is run against the api, one after the other, and what each run gives.

import type { PrivateExchange } from '../../exchange.ts';
import { createRandom } from '../../model/random.ts';
import { askFor } from '../../request.ts';
import { cards, evenly } from '../options.ts';
import { createOrders, jsonOf, type Mix, traders } from '../orders.ts';
import { runTool } from '../tool.ts';
import { cpuSeconds, mapValues, type Roots } from '../usage.ts';
import { fundedProduct } from './deposits.ts';

/** Milliseconds; `errors` counts answers other than 2xx, too. */
export type CannonResult = {
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly errors: number;
};

export type CannonOptions = {
  readonly port: number;
  readonly token: string | null;
  /** Signs each request instead of the token. Runs must end before the signatures are too old. */
  readonly key?: ApiKey;
  readonly connections: number;
  readonly seconds: number;
  /** Orders to post to the first path; without it the paths are read. */
  readonly mix: Mix | null;
  readonly paths: readonly string[];
  readonly isAsync: boolean;
};

export type ApiKey = { readonly key: string; readonly secret: string; readonly passphrase: string };

export type OpenLoopOptions = {
  readonly port: number;
  readonly token: string;
  readonly connections: number;
  readonly seconds: number;
  readonly rate: number;
  readonly mix: Mix;
};

export type SocketOptions = Omit<OpenLoopOptions, 'connections' | 'rate'> & {
  readonly sockets: number;
  /** Orders that each socket has always under way. */
  readonly inFlight: number;
  /** Orders a second of all sockets together instead; null for as many as are answered. */
  readonly rate: number | null;
};

export type HttpRun = CannonResult & {
  readonly path: string;
  readonly mode: string;
  readonly connections: number;
  /** Of the bare app with as many connections, in the same minute; null where it has no counterpart. */
  readonly echoRequestsPerSecond: number | null;
  /** CPU of each process of the exchange for a request. */
  readonly microseconds: Readonly<Record<string, number>>;
};

export type Plan = {
  readonly exchange: PrivateExchange;
  readonly echoPort: number;
  /** The processes of the exchange. */
  readonly roots: Roots;
  readonly seconds: number;
  readonly connections: readonly number[];
  readonly rates: readonly number[];
  readonly seed: number;
  /** Called with each run as it ends. */
  readonly take: (run: HttpRun) => void;
};

const one = { from: 1, to: 1 };
/** Connections of the open loop: as many orders may be under way. */
const openLoopConnections = 250;

export function cardMix(seed: number): Mix {
  return { products: evenly(cards), sizes: one, seed };
}

/** One order a request, each number of connections beside the bare app. */
export async function runOrders(plan: Plan): Promise<void> {
  const { exchange, echoPort, seconds, connections, seed, take } = plan;
  const usual = { seconds, mix: cardMix(seed), isAsync: false };
  // Code that has not run yet is slow, in both.
  for (const port of [exchange.port, echoPort])
    await fire({ ...usual, port, token: exchange.token, connections: 10, paths: ['/orders'], seconds: 3 });
  for (const count of connections) {
    const load = { ...usual, connections: count, paths: ['/orders'] };
    const { requestsPerSecond: echo } = await fire({ ...load, port: echoPort, token: null });
    for (const isAsync of [false, true]) {
      const result = await fireAt(plan, { ...load, port: exchange.port, token: exchange.token, isAsync });
      const mode = isAsync ? 'respond-async' : 'wait';
      take({ path: 'POST /orders', mode, connections: count, ...result, echoRequestsPerSecond: echo });
    }
  }
}

const mostSignedSeconds = 20;

/** The same orders by bearer token and signed by an API key, in turns. */
export async function runSigned(plan: Plan): Promise<void> {
  const { exchange, seconds, connections, seed, take } = plan;
  const { port, token } = exchange;
  const wanted = { role: 'operator', permissions: ['view', 'trade'] };
  const key = (await askFor(exchange, { path: '/api-keys', body: wanted })) as ApiKey;
  const usual = { port, mix: cardMix(seed), isAsync: false, paths: ['/orders'] };
  await fire({ ...usual, token, connections: 10, seconds: 3 });
  for (const count of connections)
    for (const by of ['bearer', 'signed', 'bearer', 'signed']) {
      const load = { ...usual, connections: count, seconds: Math.min(seconds, mostSignedSeconds) };
      const result = await fireAt(plan, by === 'signed' ? { ...load, token: null, key } : { ...load, token });
      take({ path: 'POST /orders', mode: by, connections: count, ...result, echoRequestsPerSecond: null });
    }
}

const ordersOfReader = 100;

/** The reads of a trader's page: its latest orders, the latest trades, the book. */
export async function runReads(plan: Plan): Promise<void> {
  const { exchange, seconds, connections, seed, take } = plan;
  const random = createRandom(seed);
  const someTraders = Array.from({ length: 50 }, () => random(1, traders));
  const next = createOrders(cardMix(seed));
  for (const traderId of someTraders) {
    const orders = Array.from({ length: ordersOfReader }, () => JSON.parse(jsonOf({ ...next(), traderId })));
    await askFor(exchange, { path: '/orders/batch', body: orders });
  }
  const reads = {
    'GET /orders': someTraders.map((id) => `/orders?trader_id=${id}&status=all&limit=50`),
    'GET /products/{id}/trades': cards.map((card) => `/products/${card}/trades?limit=50`),
    'GET /products/{id}/book?level=2': cards.map((card) => `/products/${card}/book?level=2`),
  };
  const { port, token } = exchange;
  const usual = { port, token, mix: null, isAsync: false };
  for (const [path, paths] of Object.entries(reads)) {
    await fire({ ...usual, connections: 10, seconds: 2, paths });
    for (const count of connections.filter((n) => n <= 100)) {
      const result = await fireAt(plan, { ...usual, connections: count, seconds, paths });
      take({ path, mode: 'read', connections: count, ...result, echoRequestsPerSecond: null });
    }
  }
}

/** Orders at a fixed rate, whatever becomes of those before. */
export function runOpenLoop(
  { exchange, roots, seconds }: Pick<Plan, 'exchange' | 'roots' | 'seconds'>,
  { rate, mix }: Pick<OpenLoopOptions, 'rate' | 'mix'>,
): Promise<CannonResult & Costs> {
  const { port, token } = exchange;
  const options: OpenLoopOptions = { port, token, connections: openLoopConnections, seconds, rate, mix };
  return measured({ roots }, seconds, () => runTool<CannonResult>('http/open-loop.ts', options));
}

/** Fixed rates of orders for the cards, and for the product that is paid from accounts. */
export async function runOpenLoops(plan: Plan): Promise<void> {
  const { rates, seed, take } = plan;
  const mixes = {
    cards: cardMix(seed),
    [fundedProduct]: { ...cardMix(seed), products: evenly([fundedProduct]) },
  };
  for (const [what, mix] of Object.entries(mixes))
    for (const rate of rates) {
      const result = await runOpenLoop(plan, { rate, mix });
      const mode = `open loop, ${rate}/s, ${what}`;
      const connections = openLoopConnections;
      take({ path: 'POST /orders', mode, connections, ...result, echoRequestsPerSecond: null });
    }
}

type Costs = Pick<HttpRun, 'microseconds'>;

/** A run against the exchange, with what it cost there. */
function fireAt(plan: Plan, options: CannonOptions): Promise<CannonResult & Costs> {
  return measured(plan, options.seconds, () => fire(options));
}

async function measured(
  { roots }: Pick<Plan, 'roots'>,
  seconds: number,
  run: () => Promise<CannonResult>,
): Promise<CannonResult & Costs> {
  const before = cpuSeconds(roots);
  const result = await run();
  const after = cpuSeconds(roots);
  const requests = result.requestsPerSecond * seconds;
  return { ...result, microseconds: microsecondsOf({ before, after }, requests) };
}

type Usage = Readonly<Record<string, number>>;

/** Of all processes of the exchange. */
export function allMicroseconds({ microseconds }: Costs): number {
  return Object.values(microseconds).reduce((sum, cost) => sum + cost, 0);
}

/** From the CPU seconds of processes before and after so many requests. */
export function microsecondsOf({ before, after }: { before: Usage; after: Usage }, requests: number): Usage {
  return mapValues(after, (seconds, name) => ((seconds - before[name]!) / requests) * 1e6);
}

function fire(options: CannonOptions): Promise<CannonResult> {
  return runTool<CannonResult>('http/cannon.ts', options);
}
