import type { RejectReason } from '../../core/reject-reasons.ts';
import { BadRequest, NotFound, type RequestError } from '../errors.ts';

/** What a client is told. CCXT and others tell errors apart by some of these texts. */
const answers: Record<RejectReason, RequestErrorOf> = {
  order_not_resting: () => new NotFound('order not found'),
  product_not_found: () => new BadRequest('Product not found'),
  offline: () => new BadRequest('The product is under maintenance'),
  auction: () =>
    new BadRequest('Auction mode: the product takes limit orders now that may wait, and stop orders'),
  cancel_only: () => new BadRequest('Cancel only mode: the product takes no orders now'),
  trader_frozen: () => new BadRequest('The trader is frozen: it may cancel orders, and place and amend none'),
  size_filled: () => new BadRequest('size is too small: as much is filled already'),
  not_amendable: () =>
    new BadRequest(
      'Invalid amend: the order has no price, size, stop price or expiry such as this to change',
    ),
  stop_unbounded: () =>
    new BadRequest('A stop order by market needs funds to buy with, and a size to sell, where accounts pay'),
  too_large: () =>
    new BadRequest(
      'size is too large: the order would be worth too much at this price, or show its max_floor too often',
    ),
  price_collar: () => new BadRequest('price is too far from the last trade'),
  post_only: () => new BadRequest('The order is post only, and would trade at once'),
  insufficient_funds: () => new BadRequest('Insufficient funds'),
  all_or_none: () => new BadRequest('Not placed: another order of the all-or-none batch was refused'),
};
type RequestErrorOf = () => RequestError;

export function refusalFor(reason: RejectReason): RequestError {
  return answers[reason]();
}

/** A rejected order's `reject_reason`. */
export function rejectReasonText(reason: RejectReason): string {
  return reason.replaceAll('_', ' ');
}

/** A new order that would have traded though it is post only is no error: its order is answered, and says so. */
export function isAnsweredAsOrder(reason: RejectReason): boolean {
  return reason === 'post_only';
}
