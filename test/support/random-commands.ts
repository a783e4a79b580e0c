import fc from 'fast-check';
import type { Amend, Cancel, Command, Place, ProductChange } from '../../core/commands.ts';
import { sides } from '../../core/order.ts';
import { selfTradePreventions } from '../../core/product.ts';

export const productIds = ['A-USD', 'B-USD'] as const;

/**
 * A command that names earlier orders by how many orders back they were placed, and traders by number. So it keeps its
 * meaning when shrinking takes away others.
 */
type Draft = PlaceDraft | CancelDraft | AmendDraft | ProductChange;
type PlaceDraft = Place & { readonly form: Form };
type CancelDraft = Omit<Cancel, 'orderId'> & { readonly back: number; readonly foreign: boolean };
type AmendDraft = Omit<Amend, 'orderId'> & { readonly back: number; readonly foreign: boolean };

const forms = ['GTC', 'IOC', 'FOK', 'post', 'by size', 'by funds', 'by both'] as const;
type Form = (typeof forms)[number];

const traderId = fc.integer({ min: 1, max: 4 });
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
  { weight: 7, arbitrary: fc.constant<Form>('GTC') },
  { weight: 3, arbitrary: fc.constantFrom(...forms) },
);
const selfTradePrevention = fc.oneof(
  { weight: 3, arbitrary: fc.constant('none' as const) },
  { weight: 4, arbitrary: fc.constantFrom(...selfTradePreventions) },
);
const rarely = fc.integer({ min: 0, max: 11 }).map((n) => n === 11);
const back = fc.oneof({ weight: 9, arbitrary: fc.nat(6) }, { weight: 3, arbitrary: fc.nat(60) });
const time = fc.constant(1_700_000_000_000);

const place: fc.Arbitrary<PlaceDraft> = fc
  .record({
    traderId,
    productId,
    side: fc.constantFrom(...sides),
    price,
    size,
    funds: fc.integer({ min: 1, max: 90 }),
    form,
    selfTradePrevention,
    time,
  })
  .map((draft) => ({ kind: 'place', timeInForce: 'GTC', postOnly: false, clientOid: null, ...draft }));
const cancel: fc.Arbitrary<CancelDraft> = fc
  .record({ traderId, back, foreign: rarely, time, productId: fc.option(productId) })
  .map((draft) => ({ kind: 'cancel', ...draft }));
const amend: fc.Arbitrary<AmendDraft> = fc
  .record({ traderId, back, foreign: rarely, time, price: fc.option(price), size: fc.option(size) })
  .map((draft) => ({ kind: 'amend', ...draft }));
const productChange: fc.Arbitrary<ProductChange> = fc
  .record({
    productId,
    status: fc.constantFrom('online', 'online', 'online', 'cancel_only', 'offline'),
    version: fc.nat(99),
    time,
  })
  .map((draft) => ({ kind: 'product', ...draft }));

/** How far the two sides lie apart, in ticks: together they trade all the time, apart their books grow deep. */
const apart = fc.constantFrom(0, 3, 5, 7);

export const drafts = fc.record({
  apart,
  drafts: fc.array(
    fc.oneof(
      { weight: 90, arbitrary: place },
      { weight: 20, arbitrary: cancel },
      { weight: 35, arbitrary: amend },
      { weight: 1, arbitrary: productChange },
    ) as fc.Arbitrary<Draft>,
    { minLength: 1, maxLength: 250, size: 'max' },
  ),
});
export type Drafts = { readonly apart: number; readonly drafts: readonly Draft[] };

/** The commands that the drafts mean if the first gets sequence 1. Product A is announced first, B after a while. */
export function commandsOf({ apart, drafts }: Drafts): Command[] {
  const commands: Command[] = [
    { kind: 'product', productId: 'A-USD', status: 'online', version: 1, time: 1 },
  ];
  const placed: { orderId: number; traderId: number; side: Place['side'] }[] = [];
  for (const [i, draft] of drafts.entries()) {
    if (i === 5)
      commands.push({ kind: 'product', productId: 'B-USD', status: 'online', version: 1, time: 1 });
    if (draft.kind === 'place') {
      if (mayRest(draft))
        placed.push({ orderId: commands.length + 1, traderId: draft.traderId, side: draft.side });
      commands.push(placeOf(draft, apart));
    } else if (draft.kind === 'product') {
      commands.push(draft);
    } else {
      const { back, foreign, ...command } = draft;
      const meant = placed.at(-1 - back) ?? { orderId: 999_999, traderId: 1, side: 'buy' };
      const owned = { orderId: meant.orderId, traderId: foreign ? draft.traderId : meant.traderId };
      const shifted =
        command.kind === 'amend' ? { ...command, price: shift(command.price, meant.side, apart) } : command;
      commands.push({ ...shifted, ...owned });
    }
  }
  return commands;
}

/** Those that never rest are a target now and then only, or nearly every cancel and amend would be refused. */
function mayRest({ form, size }: PlaceDraft): boolean {
  return form === 'GTC' || form === 'post' || size === 1;
}

function placeOf({ form, ...place }: PlaceDraft, apart: number): Place {
  const limit = { ...place, price: shift(place.price, place.side, apart), funds: null };
  switch (form) {
    case 'by size':
      return { ...place, timeInForce: 'IOC', price: null, funds: null };
    case 'by funds':
      return { ...place, timeInForce: 'IOC', price: null, size: null };
    case 'by both':
      return { ...place, timeInForce: 'IOC', price: null };
    case 'post':
      return { ...limit, postOnly: true };
    default:
      return { ...limit, timeInForce: form };
  }
}

function shift(price: number | null, side: Place['side'], apart: number): number | null {
  return price === null || side === 'buy' ? price : price + apart;
}
