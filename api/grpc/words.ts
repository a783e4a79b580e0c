import type { Side as SideWord } from '../../core/order.ts';
import { AuctionState } from './generated/cardstock/v1/market_data.ts';
import {
  DoneReason,
  Liquidity,
  OrderStatus,
  OrderType,
  SelfTradePrevention,
  Side,
  Stop,
  TimeInForce,
} from './generated/cardstock/v1/words.ts';

/** The words of REST, and the numbers that stand for them. */
type Words<Word extends string, N extends number> = {
  /** Undefined if nothing is said. A number that stands for nothing is said as it is, to be refused as such. */
  readonly wordOf: (number: number) => string | undefined;
  readonly numberOf: (word: Word | undefined) => N | 0;
};

function words<Word extends string, N extends number>(numbers: Readonly<Record<Word, N>>): Words<Word, N> {
  const byNumber = new Map(Object.entries<number>(numbers).map(([word, number]) => [number, word]));
  return {
    wordOf: (number) => (number === 0 ? undefined : (byNumber.get(number) ?? String(number))),
    numberOf: (word) => (word === undefined ? 0 : numbers[word]),
  };
}

export const sides = words<SideWord, Side>({ buy: Side.BUY, sell: Side.SELL });
export const orderTypes = words({ limit: OrderType.LIMIT, market: OrderType.MARKET });
export const timesInForce = words({
  GTC: TimeInForce.GTC,
  IOC: TimeInForce.IOC,
  FOK: TimeInForce.FOK,
  GTT: TimeInForce.GTT,
});
export const selfTradePreventions = words({
  dc: SelfTradePrevention.DECREASE_AND_CANCEL,
  co: SelfTradePrevention.CANCEL_OLDEST,
  cn: SelfTradePrevention.CANCEL_NEWEST,
  cb: SelfTradePrevention.CANCEL_BOTH,
});
export const orderStatuses = words({
  pending: OrderStatus.PENDING,
  open: OrderStatus.OPEN,
  done: OrderStatus.DONE,
  rejected: OrderStatus.REJECTED,
  active: OrderStatus.ACTIVE,
});
export const stops = words({ loss: Stop.LOSS, entry: Stop.ENTRY });
export const auctionStates = words({
  collection: AuctionState.COLLECTION,
  suspended: AuctionState.SUSPENDED,
  complete: AuctionState.COMPLETE,
});
export const doneReasons = words({ filled: DoneReason.FILLED, canceled: DoneReason.CANCELED });
export const liquidities = words({ M: Liquidity.MAKER, T: Liquidity.TAKER });
