import type { Cancel, Place, ProductChange } from '../../core/commands.ts';

/** A limit order of trader 1, to be varied. */
export function placeCommand(different: Partial<Place> = {}): Place {
  return {
    kind: 'place',
    traderId: 1,
    productId: 'A-USD',
    side: 'buy',
    price: 500,
    size: 1,
    funds: null,
    timeInForce: 'GTC',
    postOnly: false,
    selfTradePrevention: 'none',
    time: 1_700_000_000_000,
    clientOid: null,
    ...different,
  };
}

export function cancelCommand(different: Partial<Cancel> = {}): Cancel {
  return { kind: 'cancel', traderId: 1, orderId: 1, productId: null, time: 1_700_000_000_000, ...different };
}

export function productCommand(different: Partial<ProductChange> = {}): ProductChange {
  return {
    kind: 'product',
    productId: 'A-USD',
    status: 'online',
    version: 1,
    time: 1_700_000_000_000,
    ...different,
  };
}
