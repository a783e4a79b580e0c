import { type Funding, noRules } from '../../core/product.ts';
import type {
  Amend,
  Batch,
  Cancel,
  Deposit,
  Place,
  ProductChange,
  Time,
  Transfer,
  Withdraw,
} from '../../core/wire/commands.ts';

const noTerms = { stopPrice: null, expireTime: null };
const origin = { time: 1_700_000_000_000, requestId: null };

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
    ...noTerms,
    stop: null,
    maxFloor: null,
    clientOid: null,
    ...origin,
    ...different,
  };
}

export function batchCommand(different: Partial<Batch> = {}): Batch {
  return { kind: 'batch', count: 1, ...origin, ...different };
}

export function cancelCommand(different: Partial<Cancel> = {}): Cancel {
  return { kind: 'cancel', traderId: 1, orderId: 1, productId: null, ...origin, ...different };
}

export function amendCommand(different: Partial<Amend> = {}): Amend {
  return {
    kind: 'amend',
    traderId: 1,
    orderId: 1,
    price: null,
    size: null,
    ...noTerms,
    ...origin,
    ...different,
  };
}

export function timeCommand(different: Partial<Time> = {}): Time {
  return { kind: 'time', productId: 'A-USD', until: origin.time, ...origin, ...different };
}

export function productCommand(different: Partial<ProductChange> = {}): ProductChange {
  return {
    kind: 'product',
    productId: 'A-USD',
    status: 'online',
    version: 1,
    funding: null,
    rules: noRules,
    ...origin,
    ...different,
  };
}

/** A-USD paying one unit a lot and a quote unit. */
export const oneToOne: Funding = { baseCurrency: 'CARD', baseUnits: 1, quoteCurrency: 'USD', quoteUnits: 1 };

const movement = { traderId: 1, currency: 'USD', amount: 1, transferId: 't-1', ...origin };

export function depositCommand(different: Partial<Deposit> = {}): Deposit {
  return { kind: 'deposit', ...movement, ...different };
}

export function withdrawCommand(different: Partial<Withdraw> = {}): Withdraw {
  return { kind: 'withdraw', ...movement, ...different };
}

export function transferCommand(different: Partial<Transfer> = {}): Transfer {
  return { kind: 'transfer', toTraderId: 2, ...movement, ...different };
}
