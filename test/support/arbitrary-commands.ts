import fc from 'fast-check';
import { sides, stops, timesInForce } from '../../core/order.ts';
import { productStatuses, selfTradePreventions } from '../../core/product.ts';
import type {
  Amend,
  Batch,
  Cancel,
  Command,
  Deposit,
  Freeze,
  Place,
  ProductChange,
  Time,
  Transfer,
  Withdraw,
} from '../../core/wire/commands.ts';
import type { RestingOrder } from '../../core/wire/resting-orders.ts';

/** Any command there may be, sense or not, to the limits of its fields. */
const whole = fc.maxSafeNat();
const optional = fc.option(whole);
const productId = fc.stringMatching(/^[A-Z0-9-]{1,20}$/);
const currency = fc.stringMatching(/^[A-Z0-9]{1,20}$/);
const origin = { time: whole, requestId: fc.option(fc.uuid()) };

export const anyPlace: fc.Arbitrary<Place> = fc
  .record({
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
    ...origin,
    stop: fc.constantFrom(null, ...stops),
    stopPrice: whole,
    expireTime: optional,
    maxFloor: optional,
    clientOid: fc.option(fc.uuid()),
  })
  .map((place) => ({ ...place, stopPrice: place.stop && place.stopPrice }));

const batch: fc.Arbitrary<Batch> = fc.record({ kind: fc.constant('batch'), count: whole, ...origin });

const cancel: fc.Arbitrary<Cancel> = fc.record({
  kind: fc.constant('cancel'),
  traderId: whole,
  orderId: whole,
  productId: fc.option(productId.filter((id) => id !== '-')),
  ...origin,
});

const amend: fc.Arbitrary<Amend> = fc.record({
  kind: fc.constant('amend'),
  traderId: whole,
  orderId: whole,
  price: optional,
  size: optional,
  stopPrice: optional,
  expireTime: optional,
  ...origin,
});

const time: fc.Arbitrary<Time> = fc.record({ kind: fc.constant('time'), productId, until: whole, ...origin });

const productChange: fc.Arbitrary<ProductChange> = fc.record({
  kind: fc.constant('product'),
  productId,
  status: fc.constantFrom(...productStatuses),
  version: whole,
  rules: fc.record({
    maxMakers: optional,
    maxSize: optional,
    collar: optional,
    makerFee: optional,
    takerFee: optional,
  }),
  funding: fc.option(
    fc.record({ baseCurrency: currency, baseUnits: whole, quoteCurrency: currency, quoteUnits: whole }),
  ),
  ...origin,
});

const freeze: fc.Arbitrary<Freeze> = fc.record({
  kind: fc.constantFrom('freeze', 'unfreeze'),
  traderId: whole,
  ...origin,
});

const movement = { traderId: whole, currency, amount: whole, transferId: fc.uuid(), ...origin };
const deposit: fc.Arbitrary<Deposit> = fc.record({ kind: fc.constant('deposit'), ...movement });
const withdraw: fc.Arbitrary<Withdraw> = fc.record({ kind: fc.constant('withdraw'), ...movement });
const transfer: fc.Arbitrary<Transfer> = fc.record({
  kind: fc.constant('transfer'),
  toTraderId: whole,
  ...movement,
});

export const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  anyPlace,
  batch,
  cancel,
  amend,
  time,
  productChange,
  freeze,
  deposit,
  withdraw,
  transfer,
);

/** Any resting order there may be. */
export const anyResting: fc.Arbitrary<RestingOrder> = fc
  .record({
    traderId: whole,
    remaining: whole,
    productId,
    side: fc.constantFrom(...sides),
    price: whole,
    place: whole,
    size: whole,
    selfTradePrevention: fc.constantFrom(...selfTradePreventions),
    postOnly: fc.boolean(),
    ...{
      stop: fc.constantFrom(null, ...stops),
      stopPrice: whole,
      funds: optional,
      expireTime: optional,
      turn: optional,
      makerRate: optional,
      takerRate: optional,
      over: optional,
      maxFloor: optional,
      hidden: optional,
    },
  })
  .map((order) => ({ ...order, stopPrice: order.stop && order.stopPrice }));
