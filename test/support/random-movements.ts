import fc from 'fast-check';
import type { Funding } from '../../core/product.ts';
import type { Command, Deposit, Transfer, Withdraw } from '../../core/wire/commands.ts';

/** How the two products are paid for, if at all, and how rich each trader is at the start, in lots and quote units. */
export type World = {
  readonly fundings: Readonly<Record<string, Funding | null>>;
  readonly lots: number;
  readonly value: number;
};

/** Amounts are in lots or quote units, whichever the currency counts; `repeats` is an earlier movement's transfer id. */
export type MovementDraft = {
  readonly kind: 'movement';
  readonly verb: 'deposit' | 'withdraw' | 'transfer';
  readonly traderId: number;
  readonly toTraderId: number;
  readonly currency: string;
  readonly amount: number;
  readonly change: number;
  readonly repeats: number | null;
};

export const traderIds = [1, 2, 3, 4] as const;
const currencies = ['AAA', 'BBB', 'USD'] as const;
/** All there are: as many as drafts at most, and those of the first deposits. */
export const transferIds = [
  ...Array.from({ length: 250 }, (_, i) => `t-${i}`),
  ...traderIds.flatMap((traderId) => currencies.map((currency) => firstId(traderId, currency))),
];

const origin = { time: 1_700_000_000_000, requestId: null };
const units = fc.constantFrom(1, 1, 3, 100);

const fundingOf = (baseCurrency: string, quoteCurrency: string): fc.Arbitrary<Funding> =>
  fc
    .tuple(units, units)
    .map(([baseUnits, quoteUnits]) => ({ baseCurrency, baseUnits, quoteCurrency, quoteUnits }));

/** Products that share a currency, or pay with what the other one trades, or are not funded. */
const fundings = fc.record({
  'A-USD': fc.option(fundingOf('AAA', 'USD'), { freq: 4 }),
  'B-USD': fc.oneof(
    fc.constant(null),
    fundingOf('BBB', 'USD'),
    fundingOf('AAA', 'USD'),
    fundingOf('USD', 'AAA'),
  ),
});

export const worlds: fc.Arbitrary<World> = fc.record({
  fundings,
  lots: fc.constantFrom(10, 40, 200),
  value: fc.constantFrom(50, 200, 1_500),
});

export const movement: fc.Arbitrary<MovementDraft> = fc.record({
  kind: fc.constant('movement'),
  verb: fc.constantFrom('deposit', 'withdraw', 'transfer'),
  traderId: fc.constantFrom(...traderIds),
  toTraderId: fc.constantFrom(...traderIds),
  currency: fc.constantFrom(...currencies),
  amount: fc.integer({ min: 1, max: 60 }),
  change: fc.constantFrom(0, 0, 1),
  repeats: fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat(249) }),
});

/** Units of a currency in one lot or quote unit. */
function unitsOf({ fundings }: World, currency: string): number {
  for (const funding of Object.values(fundings)) {
    if (funding?.baseCurrency === currency) return funding.baseUnits;
    if (funding?.quoteCurrency === currency) return funding.quoteUnits;
  }
  return 1;
}

export function movementOf(
  draft: MovementDraft,
  world: World,
  number: number,
): Deposit | Withdraw | Transfer {
  const { verb, traderId, toTraderId, currency, repeats } = draft;
  const transferId = `t-${repeats !== null && repeats < number ? repeats : number}`;
  const amount = draft.amount * unitsOf(world, currency) + draft.change;
  const movement = { traderId, currency, amount, transferId, ...origin };
  return verb === 'transfer' ? { kind: 'transfer', toTraderId, ...movement } : { kind: verb, ...movement };
}

/** What each trader has of every currency before the first order. */
export function firstDeposits(world: World): Command[] {
  const purse = new Map<string, number>();
  for (const funding of Object.values(world.fundings)) {
    if (!funding) continue;
    purse.set(funding.baseCurrency, world.lots * funding.baseUnits);
    purse.set(funding.quoteCurrency, world.value * funding.quoteUnits);
  }
  return traderIds.flatMap((traderId) =>
    [...purse].map(
      ([currency, amount]): Deposit => ({
        ...{ kind: 'deposit', traderId, currency, amount, transferId: firstId(traderId, currency) },
        ...origin,
      }),
    ),
  );
}

function firstId(traderId: number, currency: string): string {
  return `first-${traderId}-${currency}`;
}
