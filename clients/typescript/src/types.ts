// The bodies of the public API. "Decimal" is a decimal string in plain notation: money is never a JavaScript number.

export type Decimal = string;
export type Side = 'buy' | 'sell';
export type OrderType = 'limit' | 'market';
export type TimeInForce = 'GTC' | 'GTT' | 'IOC' | 'FOK';
export type SelfTradePrevention = 'dc' | 'co' | 'cn' | 'cb';

export type Product = {
  id: string;
  base_currency: string;
  quote_currency: string;
  display_name: string;
  /** The tick: the smallest step of a price. */
  quote_increment: Decimal;
  /** The lot: the smallest step of a size. */
  base_increment: Decimal;
  min_price: Decimal;
  max_price: Decimal;
  base_min_size: Decimal;
  base_max_size: Decimal;
  min_market_funds: Decimal;
  max_market_funds: Decimal;
  /** What a trade costs each side, as a part of its value. */
  maker_fee_rate: Decimal;
  taker_fee_rate: Decimal;
  stp: SelfTradePrevention | 'none';
  /** Most makers that one order meets. */
  max_makers: number;
  /** Whether orders must be covered by the trader's accounts. */
  funded: boolean;
  status: 'online' | 'offline' | 'internal' | 'delisted';
  status_message: string;
  cancel_only: boolean;
  trading_disabled: boolean;
  post_only: boolean;
  limit_only: boolean;
};

export type Currency = {
  id: string;
  name: string;
  min_size: Decimal;
  max_precision: Decimal;
  status: string;
  details: { type: 'crypto' | 'fiat'; symbol: string };
};

export type PlaceOrder = {
  product_id: string;
  side: Side;
  type?: OrderType;
  price?: Decimal;
  size?: Decimal;
  /** Of a market order: how much of the quote currency to use at most. */
  funds?: Decimal;
  time_in_force?: TimeInForce;
  cancel_after?: 'min' | 'hour' | 'day';
  expire_time?: string;
  post_only?: boolean;
  stp?: SelfTradePrevention;
  stop?: 'loss' | 'entry';
  stop_price?: Decimal;
  /** Makes a repeat safe: the exchange takes it once. The client makes one if there is none. */
  client_oid?: string;
  /** Operators only. */
  trader_id?: number;
};

export type OrderStatus = 'pending' | 'open' | 'active' | 'done' | 'rejected';

/** What an amend changes; `size` is the new total. */
export type AmendOrder = { price?: Decimal; size?: Decimal; stop_price?: Decimal; expire_time?: string };

export type Order = {
  id: string;
  product_id: string;
  profile_id: string;
  side: Side;
  type: OrderType;
  price?: Decimal;
  size?: Decimal;
  funds?: Decimal;
  specified_funds?: Decimal;
  time_in_force?: TimeInForce;
  expire_time?: string;
  post_only: boolean;
  stp?: SelfTradePrevention;
  stop?: 'loss' | 'entry';
  stop_price?: Decimal;
  /** When a trade met the stop price. */
  triggered_at?: string;
  client_oid?: string;
  created_at: string;
  done_at?: string;
  done_reason?: 'filled' | 'canceled';
  reject_reason?: string;
  fill_fees: Decimal;
  filled_size: Decimal;
  executed_value: Decimal;
  status: OrderStatus;
  settled: boolean;
};

/** One of a batch that was refused. */
export type Refused = { message: string };

export type Fill = {
  trade_id: number;
  product_id: string;
  order_id: string;
  user_id: string;
  profile_id: string;
  liquidity: 'M' | 'T';
  price: Decimal;
  size: Decimal;
  fee: Decimal;
  side: Side;
  settled: boolean;
  usd_volume: Decimal;
  created_at: string;
};

export type Account = {
  id: string;
  currency: string;
  balance: Decimal;
  available: Decimal;
  hold: Decimal;
  profile_id: string;
  trading_enabled: boolean;
};

export type LedgerEntry = {
  id: string;
  amount: Decimal;
  balance: Decimal;
  created_at: string;
  type: 'transfer' | 'match' | 'fee' | 'rebate' | 'conversion';
  details: Record<string, string>;
};

export type Position = { product_id: string; base: Decimal; quote: Decimal };
export type Fees = { maker_fee_rate: Decimal; taker_fee_rate: Decimal; usd_volume: Decimal | null };

/** `side` is the maker's. */
export type Trade = { trade_id: number; side: Side; size: Decimal; price: Decimal; time: string };
export type BookRow = [price: Decimal, size: Decimal, orders: number];
export type Book = { sequence: number; bids: BookRow[]; asks: BookRow[]; time: string };
export type BookOrder = [price: Decimal, size: Decimal, orderId: string];
export type FullBook = { sequence: number; bids: BookOrder[]; asks: BookOrder[]; time: string };
export type Ticker = {
  trade_id: number | null;
  price: Decimal | null;
  size: Decimal | null;
  time: string | null;
  bid: Decimal | null;
  ask: Decimal | null;
  volume: Decimal;
};
export type Stats = {
  open: Decimal;
  high: Decimal;
  low: Decimal;
  last: Decimal;
  volume: Decimal;
  volume_30day: Decimal;
};
/** Time in seconds; these are numbers because the dialect has them so. */
export type Candle = [time: number, low: number, high: number, open: number, close: number, volume: number];
export type Spark = [time: number, low: number, high: number, open: number, close: number];
export type Granularity = 60 | 300 | 900 | 3600 | 21600 | 86400;

export type Session = { token: string; trader_id: number | null; role: Role; expires_at: string };
export type TraderState = {
  trader_id: string;
  name: string | null;
  frozen: boolean;
  frozen_at: string | null;
  created_at: string;
};
export type Role = 'trader' | 'operator' | 'auditor';
export type KeyPermission = 'view' | 'trade' | 'transfer' | 'manage';
export type ApiKey = {
  id: string;
  key: string;
  label: string | null;
  permissions: KeyPermission[];
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
};
/** The secret and the passphrase are shown this once. */
export type NewApiKey = ApiKey & { secret: string; passphrase: string };
