export const sides = ['buy', 'sell'] as const;
export type Side = (typeof sides)[number];

/**
 * GTC rests until it is filled or canceled, GTT until it expires at the latest; IOC never rests; FOK trades in full at once or not
 * at all.
 */
export const timesInForce = ['GTC', 'IOC', 'FOK', 'GTT'] as const;
export type TimeInForce = (typeof timesInForce)[number];

/** A stop order waits: `loss` until a trade at its stop price or below, `entry` until one at it or above. */
export const stops = ['loss', 'entry'] as const;
export type Stop = (typeof stops)[number];

/** `active`: waits for its stop price. `rejected`: never entered the book. */
export const storedStatuses = ['open', 'active', 'done', 'rejected'] as const;
export type StoredStatus = (typeof storedStatuses)[number];
/** `pending`: accepted and not matched yet, so never stored. */
export type OrderStatus = 'pending' | StoredStatus;

/** It rests in the book, or waits for its stop price: it can be canceled and amended. */
export function isLive(status: OrderStatus): boolean {
  return status === 'open' || status === 'active';
}

/**
 * Why an order ended. The public `done_reason` knows `filled` and `canceled` only; every reason but `filled` is shown as the latter.
 * `maker_limit`: its command had met as many makers as the product allows. `size_limit`: funds without a size bought the product's
 * largest size, and were left with enough for more. `price_collar`: the best price left was beyond the product's collar.
 */
export const doneReasons = [
  'filled',
  'canceled',
  'time_in_force',
  'self_trade',
  'no_liquidity',
  'maker_limit',
  'size_limit',
  'expired',
  'price_collar',
] as const;
export type DoneReason = (typeof doneReasons)[number];

const sequencesAShard = 2 ** 44;

/** Shards count from different starts, so that no two orders of an exchange share an id. All ids stay below 2^53. */
export function firstSequenceOf(shardNumber: number): number {
  return shardNumber * sequencesAShard + 1;
}

/** The number of the shard that gave a sequence. */
export function shardNumberOf(sequence: number): number {
  return Math.floor(sequence / sequencesAShard);
}

/** Stands for a shard where a sequence of it is not known yet: no command has this sequence. */
export function shardMark(shardNumber: number): number {
  return shardNumber * sequencesAShard;
}

export function isShardMark(sequence: number): boolean {
  return sequence % sequencesAShard === 0;
}
