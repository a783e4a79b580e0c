import { feesTrader, systemTrader as system } from '../core/accounts.ts';
import type { Side } from '../core/order.ts';
import type { Funding } from '../core/product.ts';
import type { Command } from '../core/wire/commands.ts';
import type { AccountState, Fee, Match, Report } from '../core/wire/reports.ts';

/** One movement of one account; the rows of a command sum to zero in every currency. */
export type LedgerRow = {
  readonly sequence: number;
  readonly traderId: number;
  readonly currency: string;
  readonly amount: number;
  readonly movement: 'match' | 'fee' | 'deposit' | 'withdraw' | 'transfer';
  readonly time: number;
  readonly productId: string | null;
  readonly orderId: number | null;
  readonly tradeId: number | null;
  readonly transferId: string | null;
};

/** An account at the end of a batch. `moved` is the sum of its ledger rows in the batch. */
export type AccountRow = AccountState & { readonly sequence: number; readonly moved: number };

type Entry = {
  readonly traderId: number;
  readonly currency: string;
  readonly amount: number;
  readonly orderId?: number;
  readonly movement?: 'fee';
};

/** The movements of one report: four for each trade of a funded product, two for each fee, two for each transfer that was not refused. */
export function movementsOf(report: Report, funding: Funding | undefined): LedgerRow[] {
  const { sequence, command, rejectReason, productId } = report;
  if (rejectReason !== null) return [];
  const base = { sequence, time: command.time, productId, tradeId: null, transferId: null };
  if ('transferId' in command) {
    const { kind: movement, transferId } = command;
    return transferEntries(command).map((entry) => ({
      ...base,
      orderId: null,
      ...entry,
      movement,
      transferId,
    }));
  }
  if (!funding) return [];
  return report.events.flatMap((event) =>
    event.kind === 'match'
      ? tradeEntries(event, funding).map((entry) => ({
          ...base,
          movement: 'match' as const,
          ...entry,
          tradeId: event.tradeId,
        }))
      : [],
  );
}

function transferEntries(command: Extract<Command, { transferId: string }>): Entry[] {
  const { kind, traderId, currency, amount } = command;
  const [from, to] =
    kind === 'deposit' ? [system, traderId] : [traderId, kind === 'withdraw' ? system : command.toTraderId];
  return [
    { traderId: from, currency, amount: -amount },
    { traderId: to, currency, amount },
  ];
}

type Party = { readonly traderId: number; readonly orderId: number };

function tradeEntries(match: Match, funding: Funding): (Entry & { orderId: number })[] {
  const taker: Party = { traderId: match.takerTraderId, orderId: match.takerOrderId };
  const maker: Party = { traderId: match.makerTraderId, orderId: match.makerOrderId };
  const [buyer, seller] = buyerFirst(match.takerSide, taker, maker);
  const value = match.price * match.size * funding.quoteUnits;
  const lots = match.size * funding.baseUnits;
  return [
    { ...buyer, currency: funding.quoteCurrency, amount: -value },
    { ...seller, currency: funding.quoteCurrency, amount: value },
    { ...seller, currency: funding.baseCurrency, amount: -lots },
    { ...buyer, currency: funding.baseCurrency, amount: lots },
    ...feeEntries(maker, match.makerFee, funding),
    ...feeEntries(taker, match.takerFee, funding),
  ];
}

function feeEntries(payer: Party, fee: Fee | undefined, funding: Funding): (Entry & { orderId: number })[] {
  if (!fee?.units) return [];
  const entry = { orderId: payer.orderId, currency: funding.quoteCurrency, movement: 'fee' } as const;
  return [
    { ...entry, traderId: payer.traderId, amount: -fee.units },
    { ...entry, traderId: feesTrader, amount: fee.units },
  ];
}

function buyerFirst(takerSide: Side, taker: Party, maker: Party): [Party, Party] {
  return takerSide === 'buy' ? [taker, maker] : [maker, taker];
}

/** Collects what a batch does to accounts, from the accounts that reports give and the movements that should explain them. */
export function createMoney() {
  const ledger: LedgerRow[] = [];
  const accounts = new Map<string, AccountRow>();
  const moved = new Map<string, number>();
  return {
    add: (report: Report, funding: Funding | undefined): void => {
      for (const row of movementsOf(report, funding)) {
        ledger.push(row);
        moved.set(nameOf(row), (moved.get(nameOf(row)) ?? 0) + row.amount);
      }
      for (const account of report.accounts) {
        const name = nameOf(account);
        accounts.set(name, { ...account, sequence: report.sequence, moved: 0 });
      }
    },
    accounts: (): AccountRow[] =>
      [...accounts].map(([name, account]) => ({ ...account, moved: moved.get(name) ?? 0 })),
    ledger: (): (LedgerRow & { balance: number })[] => withBalances(ledger, accounts),
  };
}

/** The balance after each row, from the last one back to the first. */
function withBalances(ledger: readonly LedgerRow[], accounts: ReadonlyMap<string, AccountRow>) {
  const balances = new Map([...accounts].map(([name, a]) => [name, a.available + a.hold]));
  return ledger
    .toReversed()
    .map((row) => {
      const balance = balances.get(nameOf(row))!;
      balances.set(nameOf(row), balance - row.amount);
      return { ...row, balance };
    })
    .reverse();
}

function nameOf({ traderId, currency }: { traderId: number; currency: string }): string {
  return `${traderId} ${currency}`;
}
