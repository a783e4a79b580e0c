import { ExchangeError } from '../../../clients/typescript/src/errors.ts';
import { createRest, type Rest } from '../../../clients/typescript/src/rest.ts';
import type { Order, PlaceOrder, Product } from '../../../clients/typescript/src/types.ts';
import { sleep } from '../../../core/lifecycle.ts';
import { UsageError } from '../../console/errors.ts';
import { type Chances, createChances } from '../model/random.ts';
import { type Crowd, createCrowd, type Resting } from './crowd.ts';

export type Exchange = { readonly baseUrl: string; readonly operatorToken: string };
export type DemoOptions = {
  readonly seed: number;
  readonly rate: number;
  readonly traders: number;
  /** All that are online, if none are named. */
  readonly products?: readonly string[];
  /** Of the market; until it is told to stop, if nothing is said. */
  readonly seconds?: number;
};
export type Tally = {
  placed: number;
  filled: number;
  rested: number;
  canceled: number;
  refused: number;
  lost: number;
};

/** For people who log in as demo traders: they get the same money, and the crowd leaves them alone. */
const peoplesTraders = Array.from({ length: 10 }, (_, at) => 1 + at);
const firstTrader = 1_001;
const stepMs = 100;
const mostLateMs = 1_000;
const cancelsAtOnce = 12;

export type Progress = (tally: Readonly<Tally>) => void;

/** Trades until told to stop. An operator places for all the traders, by the public API alone. */
export async function runDemo(
  { baseUrl, operatorToken }: Exchange,
  options: DemoOptions,
  stopping: AbortSignal,
  onProgress: Progress,
): Promise<Tally> {
  const rest = createRest({ baseUrl, credentials: { token: operatorToken } });
  const random = createChances(options.seed);
  const traders = Array.from({ length: options.traders }, (_, at) => firstTrader + at);
  const products = chosen(await rest.products(), options.products);
  await fund(rest, products, [...peoplesTraders, ...traders]);
  const crowds = products.map((product) => createCrowd({ product, traders, random }));
  const tally: Tally = { placed: 0, filled: 0, rested: 0, canceled: 0, refused: 0, lost: 0 };
  for (const crowd of crowds) await open(rest, crowd, tally);
  const steps = ((options.seconds ?? Number.POSITIVE_INFINITY) * 1_000) / stepMs;
  const wait = createBeat(stopping);
  for (let done = 0; done < steps && !stopping.aborted; done++) {
    const count = ordersOf(done, options.rate);
    await Promise.all(
      shares(count, crowds, random).map(([crowd, share]) => step(rest, crowd, { count: share, tally })),
    );
    onProgress(tally);
    await wait();
  }
  return tally;
}

/** By its number alone, and not by the time: so a seed decides the same whatever the machine is busy with. */
function ordersOf(step: number, rate: number): number {
  const upTo = (steps: number) => Math.floor((steps * rate * stepMs) / 1_000);
  return upTo(step + 1) - upTo(step);
}

/** Steps that come too late follow at once, so that the rate is kept; of more than a second of them the rest is given up. */
function createBeat(stopping: AbortSignal): () => Promise<void> {
  let due = performance.now();
  return async () => {
    const now = performance.now();
    due = Math.max(due + stepMs, now - mostLateMs);
    if (due > now) await sleep(due - now, stopping);
  };
}

function chosen(products: readonly Product[], names: readonly string[] | undefined): Product[] {
  const online = products.filter((one) => one.status === 'online' && !one.cancel_only);
  const found = names ? online.filter(({ id }) => names.includes(id)) : online;
  if (found.length === 0) throw new UsageError('None of these products is online.');
  return found;
}

/** Busier products get more of the orders: the first one the most. */
function shares(count: number, crowds: readonly Crowd[], random: Chances): [Crowd, number][] {
  const share = new Map(crowds.map((crowd) => [crowd, 0]));
  for (let one = 0; one < count; one++) {
    const crowd = crowds[Math.min(random.below(crowds.length), random.below(crowds.length))]!;
    share.set(crowd, share.get(crowd)! + 1);
  }
  return [...share];
}

/** A market has a book before anyone trades. */
async function open(rest: Rest, crowd: Crowd, tally: Tally): Promise<void> {
  const orders = Array.from({ length: 500 }, () => crowd.maker());
  await place(rest, crowd, orders, tally);
}

type Step = { readonly count: number; readonly tally: Tally };

async function step(rest: Rest, crowd: Crowd, { count, tally }: Step): Promise<void> {
  crowd.step();
  const orders = Array.from({ length: count }, () => crowd.next());
  if (orders.length > 0) await place(rest, crowd, orders, tally);
  await Promise.all(crowd.givenUp(cancelsAtOnce).map((resting) => cancel(rest, resting, tally)));
}

async function place(rest: Rest, crowd: Crowd, orders: readonly PlaceOrder[], tally: Tally): Promise<void> {
  tally.placed += orders.length;
  try {
    const answers = await rest.placeBatch(orders);
    for (const answer of answers) {
      if ('message' in answer) tally.refused++;
      else count(crowd, answer, tally);
    }
  } catch (error) {
    if (error instanceof ExchangeError) tally.refused += orders.length;
    else tally.lost += orders.length;
  }
}

function count(crowd: Crowd, order: Order, tally: Tally): void {
  if (order.status === 'rejected') tally.refused++;
  if (!/^[0.]*$/.test(order.filled_size)) tally.filled++;
  if (order.status !== 'open') return;
  tally.rested++;
  const traderId = Number(order.profile_id);
  crowd.rested({ id: order.id, traderId, side: order.side, ticks: crowd.ticksOf(order.price!) });
}

/** One that has traded meanwhile is refused, which is no trouble. */
async function cancel(rest: Rest, { id, traderId }: Resting, tally: Tally): Promise<void> {
  const query = { trader_id: traderId };
  await rest.request({ method: 'DELETE', path: `/orders/${id}`, query, repeatable: false }).then(
    () => tally.canceled++,
    () => {},
  );
}

const fundsOfEach: readonly [amount: string, ofQuote: boolean][] = [
  ['5000000.00', true],
  ['50000', false],
];

/** Money for products that want it, once for each trader: a later run repeats the transfers, which then do nothing. */
async function fund(rest: Rest, products: readonly Product[], traders: readonly number[]): Promise<void> {
  for (const { base_currency, quote_currency } of products.filter(({ funded }) => funded))
    for (const [amount, ofQuote] of fundsOfEach) {
      const currency = ofQuote ? quote_currency : base_currency;
      for (let at = 0; at < traders.length; at += 50)
        await Promise.all(
          traders
            .slice(at, at + 50)
            .map((trader_id) =>
              rest.deposit({ trader_id, currency, amount, transfer_id: `demo-${currency}-${trader_id}` }),
            ),
        );
    }
}
