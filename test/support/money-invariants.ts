import assert from 'node:assert/strict';
import type { Stored } from './stored.ts';

const system = '0';

/** What must hold of the money in Redis after every run, from the text that Redis holds and nothing else. */
export function assertSound({ accounts, orders, products }: Stored): void {
  const sums = new Map<string, bigint>();
  const holds: Record<string, bigint> = {};
  for (const [name, value] of Object.entries(accounts)) {
    const [trader, currency, part] = name.split(/[ :]/) as [string, string, string];
    const amount = BigInt(value);
    sums.set(currency, (sums.get(currency) ?? 0n) + amount);
    if (part === 'hold' && amount > 0n) holds[`${trader} ${currency}`] = amount;
    if (part === 'hold' || trader !== system) assert.ok(amount >= 0n, `${name} is ${value}`);
  }
  for (const [currency, sum] of sums) assert.equal(sum, 0n, `all accounts in ${currency}`);
  assert.deepEqual(holds, heldByOrders(orders, products), 'holds are what resting orders may cost');
}

/** What a resting or waiting buy may have to pay besides what it trades. */
function feeIn(terms: string, cost: bigint): bigint {
  const term = (name: string): bigint => BigInt(new RegExp(`${name}:(\\d+)`).exec(terms)?.[1] ?? 0);
  const [make, take] = [term('make'), /loss|entry/.test(terms) ? term('take') : 0n];
  const millionths = cost * (make > take ? make : take) - term('over');
  return millionths > 0n ? (millionths + 999_999n) / 1_000_000n : 0n;
}

function heldByOrders(orders: Stored['orders'], products: Stored['products']): Record<string, bigint> {
  const sums: Record<string, bigint> = {};
  for (const order of Object.values(orders)) {
    const [trader, remaining, product, side, price, , , , , terms = ''] = order.split(' ') as [
      string,
      string,
      string,
      string,
      string,
    ];
    const funding = products[product]!.split(' ')[2]!;
    if (funding === '-') continue;
    const [base, baseUnits, quote, quoteUnits] = funding.split(':') as [string, string, string, string];
    const buys = side === 'buy';
    const account = `${trader} ${buys ? quote : base}`;
    const funds = /funds:(\d+)/.exec(terms)?.[1];
    const byFunds = buys && price === '-';
    const cost = byFunds
      ? BigInt(funds!) * BigInt(quoteUnits)
      : (BigInt(remaining) + BigInt(/hidden:(\d+)/.exec(terms)?.[1] ?? 0)) *
        (buys ? BigInt(price) * BigInt(quoteUnits) : BigInt(baseUnits));
    const fee = buys && !byFunds ? feeIn(terms, cost) : 0n;
    sums[account] = (sums[account] ?? 0n) + cost + fee;
  }
  return sums;
}
