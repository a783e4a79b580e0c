// The commands of the matcher's fuzz, through every way in. FUZZ_RUNS and SEED as there.

import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import type { Amend, Cancel, Place } from '../../core/wire/commands.ts';
import { placeCommand } from '../support/commands.ts';
import {
  type Door,
  graphqlDoor,
  grpcDoor,
  grpcStreamDoor,
  restDoor,
  socketDoor,
  type Told,
} from '../support/doors.ts';
import { type Exchange, startExchange } from '../support/exchange.ts';
import { readHistory, replayNaively } from '../support/history.ts';
import { portOf } from '../support/processes.ts';
import { type Drafts, drafts, submissionsOf } from '../support/random-commands.ts';
import { settled } from '../support/same-as-naive.ts';
import { seed } from '../support/seed.ts';

const numRuns = Number(process.env.FUZZ_RUNS ?? 2);

let exchange: Exchange;
let doors: Record<string, Door>;
test.before(async () => {
  exchange = await startExchange({ env: { GRPC_PORT: '0' } });
  const port = await portOf(exchange.processes.api[0]!, 'serving gRPC');
  doors = {
    REST: restDoor(exchange),
    socket: await socketDoor(exchange),
    gRPC: grpcDoor(exchange, port),
    'gRPC stream': grpcStreamDoor(exchange, port),
    GraphQL: graphqlDoor(exchange),
  };
});
test.after.always(async () => {
  for (const { close } of Object.values(doors ?? {})) close();
  await exchange?.stop();
});

type OfOrders = Place | Cancel | Amend;
type Step = { readonly sequence: number; readonly command: OfOrders };

/** The orders of the drafts on their first product, with the sequences by which they name each other. */
function stepsOf(given: Drafts): Step[] {
  const steps: Step[] = [];
  let sequence = 0;
  for (const { command, repeats } of submissionsOf(given)) {
    if (repeats === null) sequence++;
    const isOfOrders = command.kind === 'cancel' || command.kind === 'amend' || command.kind === 'place';
    if (!isOfOrders || (command.kind === 'place' && command.productId !== 'A-USD')) continue;
    steps.push({ sequence: repeats ?? sequence, command });
  }
  return steps;
}

/** So that every play has a trade. They are before the drafts' own orders, which do not name them. */
const crossing: Step[] = [
  { sequence: -2, command: placeCommand({ side: 'sell', traderId: 90 }) },
  { sequence: -1, command: placeCommand({ side: 'buy', traderId: 91 }) },
];

let played = 0;

/** What a door tells of each step, with the drafts' names for orders. Each play has a product and traders of its own. */
async function play(door: Door, steps: readonly Step[]): Promise<{ told: Told[]; productId: string }> {
  const firstTrader = 100 * ++played;
  const productId = await exchange.addProduct({ min_price: '0.01', min_market_funds: '0.01' });
  const ids = new Map<number, string>();
  const names = new Map<string, string>();
  const told: Told[] = [];
  for (const { sequence, command } of steps) {
    const traderId = firstTrader + command.traderId;
    const answer = await (async () => {
      if (command.kind === 'place') return door.place({ ...command, traderId, productId });
      const named = { id: ids.get(command.orderId) ?? '999999999', traderId };
      return command.kind === 'cancel' ? door.cancel(named) : door.amend(named, command);
    })();
    if (command.kind === 'place' && 'id' in answer) {
      ids.set(sequence, answer.id);
      names.set(answer.id, `order ${sequence}`);
    }
    if ('id' in answer) told.push({ ...answer, id: names.get(answer.id)! });
    else if ('canceled' in answer) told.push({ canceled: names.get(answer.canceled)! });
    else told.push(answer);
  }
  return { told, productId };
}

function playAll(steps: readonly Step[]) {
  return Promise.all(
    Object.entries(doors).map(async ([name, door]) => ({ name, ...(await play(door, steps)) })),
  );
}

/** On a machine that stood still the exchange was away for a moment: that says nothing of the door. */
function wasAway({ told }: { readonly told: readonly Told[] }): boolean {
  return told.some((one) => 'refused' in one && /ask again|to find out/.test(one.refused));
}

test('random orders, amends and cancels come to the same through every door, and to what the naive book says', async (t) => {
  t.log(`SEED=${seed} FUZZ_RUNS=${numRuns}`);
  const met = new Map<string, number>();
  const products: Record<string, string>[] = [];
  const property = fc.asyncProperty(drafts, async (given) => {
    const steps = [...crossing, ...stepsOf(given)];
    let plays = await playAll(steps);
    for (let again = 0; again < 5 && plays.some(wasAway); again++) plays = await playAll(steps);
    const [first, ...others] = plays;
    for (const { name, told } of others) assert.deepEqual(told, first!.told, `${name} and REST`);
    products.push(Object.fromEntries(plays.map(({ name, productId }) => [name, productId])));
    for (const one of first!.told) {
      const what = 'refused' in one ? one.refused : 'canceled' in one ? 'canceled' : one.status;
      met.set(what, (met.get(what) ?? 0) + 1);
    }
  });
  // To shrink what fails takes long: FUZZ_RUNS asks for it.
  const found = await fc.check(property, { numRuns, seed, endOnFailure: !process.env.FUZZ_RUNS });
  if (found.failed) throw found.errorInstance;
  t.log(Object.fromEntries([...met].sort()));

  await settled(exchange);
  const history = await readHistory(exchange.databaseUrl);
  const replay = replayNaively(history.commands);
  t.deepEqual(history.trades, replay.trades);
  t.deepEqual(history.orders, replay.orders);
  const tradesOf = (productId: string) =>
    history.trades
      .filter(({ product }) => product === productId)
      .map(({ trade_id, taker_side, price, size }) => [trade_id, taker_side, price, size]);
  for (const { REST, ...others } of products)
    for (const [name, productId] of Object.entries(others))
      t.deepEqual(tradesOf(productId), tradesOf(REST!), `trades by ${name} and by REST`);
  t.true(history.trades.length > 0);
});
