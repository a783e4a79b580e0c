import { builder } from './builder.ts';

/** Enums are the words of REST in capitals. */
export const SideRef = builder.enumType('Side', { values: ['BUY', 'SELL'] as const });
export const OrderTypeRef = builder.enumType('OrderType', { values: ['LIMIT', 'MARKET'] as const });
export const TimeInForceRef = builder.enumType('TimeInForce', {
  values: ['GTC', 'GTT', 'IOC', 'FOK'] as const,
});
export const SelfTradePreventionRef = builder.enumType('SelfTradePrevention', {
  values: {
    DC: { description: 'Decrease both, and cancel the smaller.' },
    CO: { description: 'Cancel the oldest.' },
    CN: { description: 'Cancel the newest.' },
    CB: { description: 'Cancel both.' },
  } as const,
});
export const OrderStatusRef = builder.enumType('OrderStatus', {
  values: ['PENDING', 'ACTIVE', 'OPEN', 'DONE', 'REJECTED'] as const,
});
export const StopRef = builder.enumType('Stop', { values: ['LOSS', 'ENTRY'] as const });
export const LiquidityRef = builder.enumType('Liquidity', { values: ['MAKER', 'TAKER'] as const });

export function upper<Word extends string>(word: Word): Uppercase<Word> {
  return word.toUpperCase() as Uppercase<Word>;
}

export const sideOf = (side: 'buy' | 'sell') => upper(side);
