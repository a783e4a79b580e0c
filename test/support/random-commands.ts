import fc from 'fast-check';
import { sides, stops } from '../../core/order.ts';
import { type ProductRules, selfTradePreventions } from '../../core/product.ts';
import type {
  Amend,
  Batch,
  Cancel,
  Command,
  Freeze,
  Place,
  ProductChange,
  Time,
} from '../../core/wire/commands.ts';
import { productCommand } from './commands.ts';
import {
  firstDeposits,
  type MovementDraft,
  movement,
  movementOf,
  traderIds,
  type World,
  worlds,
} from './random-movements.ts';

export const productIds = ['A-USD', 'B-USD'] as const;
/** Few, so that some come again. */
export const clientOids = ['c-1', 'c-2', 'c-3'] as const;

/**
 * A command that names earlier orders by how many orders back they were placed, and traders by number. So it keeps its
 * meaning when shrinking takes away others.
 */
type Draft =
  | BatchDraft
  | PlaceDraft
  | CancelDraft
  | AmendDraft
  | TimeDraft
  | ProductDraft
  | Freeze
  | MovementDraft;
type TimeDraft = Time & { readonly kind: 'time' };
type PlaceDraft = Place & { readonly form: Form };
/** An all-or-none batch with its orders. */
type BatchDraft = Omit<Batch, 'count'> & { readonly orders: readonly PlaceDraft[] };
type CancelDraft = Omit<Cancel, 'orderId'> & { readonly back: number; readonly foreign: boolean };
type AmendDraft = Omit<Amend, 'orderId'> & { readonly back: number; readonly foreign: boolean };
type ProductDraft = Omit<ProductChange, 'funding'>;

const forms = [
  ...(['GTC', 'IOC', 'FOK', 'post', 'by size', 'by funds', 'by both', 'GTT'] as const),
  ...(['stop limit', 'stop limit', 'stop by size', 'stop by funds', 'stop by both', 'stop GTT'] as const),
];
type Form = (typeof forms)[number];
const noTerms = { stop: null, stopPrice: null, expireTime: null, maxFloor: null } as const;
/** Few, so that many expire at once. */
const moment = fc.integer({ min: 1, max: 12 });

const traderId = fc.constantFrom(...traderIds);
const productId = fc.oneof(
  { weight: 3, arbitrary: fc.constant('A-USD') },
  { weight: 1, arbitrary: fc.constant('B-USD') },
);
const price = fc.integer({ min: 1, max: 9 });
const size = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 1, max: 8 }) },
  { weight: 1, arbitrary: fc.integer({ min: 20, max: 150 }) },
);
const form = fc.oneof(
  { weight: 9, arbitrary: fc.constant<Form>('GTC') },
  { weight: 5, arbitrary: fc.constantFrom(...forms) },
);
const selfTradePrevention = fc.oneof(
  { weight: 3, arbitrary: fc.constant('none' as const) },
  { weight: 4, arbitrary: fc.constantFrom(...selfTradePreventions) },
);
const clientOid = fc.oneof(
  { weight: 29, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constantFrom(...clientOids) },
);
const rarely = fc.integer({ min: 0, max: 11 }).map((n) => n === 11);
const back = fc.oneof({ weight: 9, arbitrary: fc.nat(6) }, { weight: 3, arbitrary: fc.nat(60) });
const origin = { time: fc.constant(1_700_000_000_000), requestId: fc.constant(null) };

const rareStop = fc.oneof(
  { weight: 5, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 14 }) },
);
const rareMoment = fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: moment });
const time: fc.Arbitrary<TimeDraft> = fc
  .record({ productId, until: moment, ...origin })
  .map((draft) => ({ kind: 'time', ...draft }));

/** Of orders that may rest, some show little. */
const floor = fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 4 }) },
);

const place: fc.Arbitrary<PlaceDraft> = fc
  .record({
    traderId,
    productId,
    side: fc.constantFrom(...sides),
    price,
    size,
    funds: fc.integer({ min: 1, max: 90 }),
    form,
    stop: fc.constantFrom(...stops),
    stopPrice: fc.integer({ min: 1, max: 14 }),
    expireTime: moment,
    maxFloor: floor,
    selfTradePrevention,
    clientOid,
    ...origin,
  })
  .map((draft) => ({ kind: 'place', timeInForce: 'GTC', postOnly: false, ...draft }));
const batchedForm = fc.oneof(
  { weight: 40, arbitrary: fc.constantFrom<Form>('GTC', 'GTC', 'GTC', 'GTT', 'IOC', 'post') },
  { weight: 1, arbitrary: form },
);
/** Small ones, or most would be refused. */
const batch: fc.Arbitrary<BatchDraft> = fc
  .record({
    orders: fc.array(
      fc
        .tuple(place, batchedForm, fc.integer({ min: 1, max: 4 }))
        .map(([draft, form, size]) => ({ ...draft, form, size, clientOid: null })),
      { minLength: 1, maxLength: 7 },
    ),
    ...origin,
  })
  .map((draft) => ({ kind: 'batch', ...draft }));
const cancel: fc.Arbitrary<CancelDraft> = fc
  .record({ traderId, back, foreign: rarely, ...origin, productId: fc.option(productId) })
  .map((draft) => ({ kind: 'cancel', ...draft }));
const amend: fc.Arbitrary<AmendDraft> = fc
  .record({
    traderId,
    back,
    foreign: rarely,
    ...origin,
    price: fc.option(price),
    size: fc.option(size),
    stopPrice: rareStop,
    expireTime: rareMoment,
  })
  .map((draft) => ({ kind: 'amend', ...draft }));
/** Small ones: most commands meet few makers. */
export const anyRules = fc
  .record({
    maxMakers: fc.constantFrom(null, null, 1, 2, 5, 12),
    maxSize: fc.constantFrom(null, null, 3, 20),
    collar: fc.constantFrom(null, null, 200_000, 500_000, 999_999),
    makerFee: fc.constantFrom(null, null, 1, 4_000, 100_000),
    takerFee: fc.constantFrom(null, null, 6_000, 90_001),
  })
  .map((rules): ProductRules => ({ ...rules }));
const productChange: fc.Arbitrary<ProductDraft> = fc
  .record({
    productId,
    status: fc.constantFrom('online', 'online', 'online', 'cancel_only', 'offline'),
    version: fc.nat(99),
    rules: anyRules,
    ...origin,
  })
  .map((draft) => ({ kind: 'product', ...draft }));
/** Often, so that many auctions begin and end. */
const auctionChange: fc.Arbitrary<ProductDraft> = productChange.chain((draft) =>
  fc.constantFrom('online' as const, 'auction' as const).map((status) => ({ ...draft, status })),
);
/** Of one trader, or most commands would be refused. */
const freeze: fc.Arbitrary<Freeze> = fc
  .record({ kind: fc.constantFrom('freeze', 'unfreeze'), traderId: fc.constant(traderIds[0]), ...origin })
  .map((draft) => ({ ...draft }));

/** How far the two sides lie apart, in ticks: together they trade all the time, apart their books grow deep. */
const apart = fc.constantFrom(0, 3, 5, 7);

const single = [
  { weight: 90, arbitrary: place },
  { weight: 20, arbitrary: cancel },
  { weight: 35, arbitrary: amend },
  { weight: 12, arbitrary: movement },
  { weight: 6, arbitrary: time },
  { weight: 1, arbitrary: productChange },
  { weight: 4, arbitrary: auctionChange },
  { weight: 2, arbitrary: freeze },
];

const draftsOf = (kinds: { weight: number; arbitrary: fc.Arbitrary<Draft> }[]): fc.Arbitrary<Drafts> =>
  fc.record({
    apart,
    rules: anyRules,
    world: worlds,
    drafts: fc.array(fc.oneof(...kinds), { minLength: 1, maxLength: 250, size: 'max' }),
  });

/** Without batches, so that the commands may be cut anywhere. */
export const drafts = draftsOf(single);
export const draftsWithBatches = draftsOf([...single, { weight: 14, arbitrary: batch }]);
export type Drafts = {
  readonly apart: number;
  readonly rules: ProductRules;
  readonly world: World;
  readonly drafts: readonly Draft[];
};

/** A command, and the sequence it is given if it repeats an earlier one's client order id or transfer id. */
export type Submission = { readonly command: Command; readonly repeats: number | null };

/** The commands that the drafts mean and that are taken into the sequence, if the first gets sequence 1. */
export function commandsOf(drafts: Drafts): Command[] {
  return submissionsOf(drafts)
    .filter(({ repeats }) => repeats === null)
    .map(({ command }) => command);
}

/** The first of them; if they end in the midst of a batch, it has only so many orders. */
export function firstOf(commands: readonly Command[], count: number): Command[] {
  return commands.slice(0, count).map((command, i) => {
    if (command.kind !== 'batch') return command;
    return { ...command, count: Math.min(command.count, count - 1 - i) };
  });
}

/** All that the drafts mean, repeats included. Product A is announced first, B after a while. */
export function submissionsOf({ apart, rules, world, drafts }: Drafts): Submission[] {
  const submissions: Submission[] = [];
  const given = new Map<string, number>();
  const placed: Placed[] = [];
  let sequence = 0;
  const submit = (command: Command): void => {
    const once = onceName(command);
    const repeats = once === null ? null : (given.get(once) ?? null);
    submissions.push({ command, repeats });
    if (repeats !== null) return;
    sequence++;
    if (once) given.set(once, sequence);
  };
  const announce = (productId: string): void =>
    submit(productCommand({ productId, rules, funding: world.fundings[productId] ?? null }));
  announce('A-USD');
  for (const deposit of firstDeposits(world)) submit(deposit);
  for (const [i, draft] of drafts.entries()) {
    if (i === 5) announce('B-USD');
    if (draft.kind === 'batch') {
      const { orders, ...command } = draft;
      submit({ ...command, count: orders.length });
    }
    for (const one of draft.kind === 'batch' ? draft.orders : [draft]) {
      const before = sequence;
      submit(commandOf(one, { apart, rules, world, placed, number: i }));
      if (one.kind === 'place' && mayRest(one) && sequence > before)
        placed.push({ orderId: sequence, traderId: one.traderId, side: one.side });
    }
  }
  return submissions;
}

function onceName(command: Command): string | null {
  if ('transferId' in command) return command.transferId;
  return command.kind === 'place' && command.clientOid ? `${command.traderId} ${command.clientOid}` : null;
}

type Placed = { readonly orderId: number; readonly traderId: number; readonly side: Place['side'] };
/** What a draft's meaning depends on: the orders placed so far, and how many drafts came before it. */
type Context = Omit<Drafts, 'drafts'> & { readonly placed: readonly Placed[]; readonly number: number };

function commandOf(draft: Exclude<Draft, BatchDraft>, { apart, world, placed, number }: Context): Command {
  if (draft.kind === 'place') return placeOf(draft, apart);
  if (draft.kind === 'product') return { ...draft, funding: world.fundings[draft.productId] ?? null };
  if (draft.kind === 'time' || isFreeze(draft)) return draft;
  if (draft.kind === 'movement') return movementOf(draft, world, number);
  const { back, foreign, ...command } = draft;
  const meant = placed.at(-1 - back) ?? { orderId: 999_999, traderId: 1, side: 'buy' };
  const owned = { orderId: meant.orderId, traderId: foreign ? draft.traderId : meant.traderId };
  const shifted =
    command.kind === 'amend' ? { ...command, price: shift(command.price, meant.side, apart) } : command;
  return { ...shifted, ...owned };
}

const isFreeze = (draft: Exclude<Draft, BatchDraft>): draft is Freeze =>
  draft.kind === 'freeze' || draft.kind === 'unfreeze';

/** Those that never rest are a target now and then only, or nearly every cancel and amend would be refused. */
function mayRest({ form, size }: PlaceDraft): boolean {
  return form === 'GTC' || form === 'GTT' || form === 'post' || form.startsWith('stop') || size === 1;
}

function placeOf({ form, ...draft }: PlaceDraft, apart: number): Place {
  const stop = { stop: draft.stop, stopPrice: draft.stopPrice };
  const { expireTime, maxFloor } = draft;
  const place = { ...draft, ...noTerms };
  const limit = { ...place, price: shift(place.price, place.side, apart), funds: null };
  switch (form) {
    case 'by size':
      return { ...place, timeInForce: 'IOC', price: null, funds: null };
    case 'by funds':
      return { ...place, timeInForce: 'IOC', price: null, size: null };
    case 'by both':
      return { ...place, timeInForce: 'IOC', price: null };
    case 'post':
      return { ...limit, postOnly: true, maxFloor };
    case 'GTT':
      return { ...limit, timeInForce: form, expireTime, maxFloor };
    case 'stop limit':
      return { ...limit, ...stop, maxFloor };
    case 'stop GTT':
      return { ...limit, ...stop, timeInForce: 'GTT', expireTime, maxFloor };
    case 'stop by size':
      return { ...place, ...stop, timeInForce: 'IOC', price: null, funds: null };
    case 'stop by funds':
      return { ...place, ...stop, timeInForce: 'IOC', price: null, size: null };
    case 'stop by both':
      return { ...place, ...stop, timeInForce: 'IOC', price: null };
    case 'GTC':
      return { ...limit, timeInForce: form, maxFloor };
    default:
      return { ...limit, timeInForce: form };
  }
}

function shift(price: number | null, side: Place['side'], apart: number): number | null {
  return price === null || side === 'buy' ? price : price + apart;
}
