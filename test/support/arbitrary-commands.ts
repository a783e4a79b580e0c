import fc from 'fast-check';
import type { Amend, Cancel, Command, Place, ProductChange } from '../../core/commands.ts';
import { sides, timesInForce } from '../../core/order.ts';
import { productStatuses, selfTradePreventions } from '../../core/product.ts';

/** Any command there may be, sense or not, to the limits of its fields. */
const whole = fc.maxSafeNat();
const optional = fc.option(whole);
const productId = fc.stringMatching(/^[A-Z0-9-]{1,20}$/);

const place: fc.Arbitrary<Place> = fc.record({
  kind: fc.constant('place'),
  traderId: whole,
  productId,
  side: fc.constantFrom(...sides),
  price: optional,
  size: optional,
  funds: optional,
  timeInForce: fc.constantFrom(...timesInForce),
  postOnly: fc.boolean(),
  selfTradePrevention: fc.constantFrom(...selfTradePreventions),
  time: whole,
  clientOid: fc.option(fc.uuid()),
});

const cancel: fc.Arbitrary<Cancel> = fc.record({
  kind: fc.constant('cancel'),
  traderId: whole,
  orderId: whole,
  productId: fc.option(productId.filter((id) => id !== '-')),
  time: whole,
});

const amend: fc.Arbitrary<Amend> = fc.record({
  kind: fc.constant('amend'),
  traderId: whole,
  orderId: whole,
  price: optional,
  size: optional,
  time: whole,
});

const productChange: fc.Arbitrary<ProductChange> = fc.record({
  kind: fc.constant('product'),
  productId,
  status: fc.constantFrom(...productStatuses),
  version: whole,
  time: whole,
});

export const anyCommand: fc.Arbitrary<Command> = fc.oneof(place, cancel, amend, productChange);
