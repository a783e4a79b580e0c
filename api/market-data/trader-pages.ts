// What is kept by trader is kept in pages of neighbouring ids, which are given one after the other. In a map of thousands of traders
// each look-up is at places in memory that no cache holds.

const pageBits = 7;
export const pageSize = 1 << pageBits;

/** Ids are below 2^31. */
export function pageOf(traderId: number): number {
  return traderId >>> pageBits;
}

export function slotOf(traderId: number): number {
  return traderId & (pageSize - 1);
}
