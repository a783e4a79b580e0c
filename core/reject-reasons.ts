/**
 * Why the matcher refused a command: the closed list, in order of precedence. A refused command changes nothing.
 * `api/http/reject-answers.ts` alone turns a reason into an HTTP answer.
 */
export const rejectReasons = [
  /** The order to cancel or amend does not rest, or is not the caller's, or is not of the product named. */
  'order_not_resting',
  /** No `product` command has announced the product. */
  'product_not_found',
  /** The product takes nothing. */
  'offline',
  /** The product takes cancels only. */
  'cancel_only',
  /** The trader is frozen, and may cancel only. */
  'trader_frozen',
  /** An amend names what the order does not have: a price of a market order, a stop price of one that waits for none. */
  'not_amendable',
  /** A stop order of a funded product by market does not say what it may cost. */
  'stop_unbounded',
  /** An amend's new size is not above what is filled already. */
  'size_filled',
  /** An amend's new size at its price comes to 2^53 quote units or more, or is more than an iceberg may show by and by. */
  'too_large',
  /** The product is in an auction, and the order, or the amend of a post-only one, cannot wait for its price. */
  'auction',
  /** A limit order, or an amend of one, would have traded beyond the product's collar at its price. */
  'price_collar',
  /** A post-only order, or an amend of one, would have traded. */
  'post_only',
  /** The trader's available balance does not cover what the order may cost, or the amount to move. */
  'insufficient_funds',
  /** Another order of its all-or-none batch is refused; or, of the batch itself, one of its orders is. */
  'all_or_none',
] as const;
export type RejectReason = (typeof rejectReasons)[number];
