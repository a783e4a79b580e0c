/** What an order that rests or waits has of fees, see `matcher/lua/fees.lua`: rates in parts per million, `over` in millionths of a unit. */
export type KeptFees = {
  readonly makerRate: number | null;
  readonly takerRate: number | null;
  readonly over: number | null;
};

const million = 1_000_000n;

/** What a buy that rests or waits may still have to pay in fees for a value, which is on hold with it. Units of the quote currency. */
export function heldFee({ makerRate, takerRate, over }: KeptFees, value: bigint, waits: boolean): bigint {
  const rate = Math.max(makerRate ?? 0, waits ? (takerRate ?? 0) : 0);
  const millionths = value * BigInt(rate) - BigInt(over ?? 0);
  return millionths > 0n ? (millionths + million - 1n) / million : 0n;
}

/** The largest value that comes with its fee to no more than so many units. */
export function valueWithin(units: number, rate: number): number {
  return Number((BigInt(units) * million) / (million + BigInt(rate)));
}
