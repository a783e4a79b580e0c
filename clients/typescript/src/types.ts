import type { components } from './generated/schemas.ts';

// The bodies of the public API, by the names of its description. Money is a decimal text, never a JavaScript number.

type Schemas = components['schemas'];

/** A request may carry numbers too, and flags as texts; the client has one way for each. */
type Plain<T> = { [Field in keyof T]: PlainField<T[Field]> };
type PlainField<T> = boolean extends T ? Exclude<T, string> : Exclude<T, number>;
/** Operators name a trader. */
type ForTrader = { trader_id?: number };

export type Decimal = Schemas['Decimal'];
export type Side = Order['side'];
export type OrderType = Order['type'];
export type TimeInForce = NonNullable<Order['time_in_force']>;
export type SelfTradePrevention = NonNullable<Order['stp']>;

export type Product = Schemas['Product'];
export type Currency = Schemas['Currency'];

/** `client_oid` makes a repeat safe: the exchange takes it once. The client makes one if there is none. */
export type PlaceOrder = Omit<Plain<Schemas['NewOrder']>, 'trader_id'> & ForTrader;
/** What an amend changes; `size` is the new total. */
export type AmendOrder = Plain<Schemas['Amend']>;
export type Order = Schemas['Order'];
export type OrderStatus = Order['status'];
/** One of a batch that was refused. */
export type Refused = Schemas['Refusal'];
export type Fill = Schemas['Fill'];

export type Account = Schemas['Account'];
export type LedgerEntry = Schemas['LedgerEntry'];
export type Position = Schemas['Position'];
export type Fees = Schemas['Fees'];
export type Profile = Schemas['Profile'];

/** `side` is the maker's. */
export type Trade = Schemas['Trade'];
export type BookRow = Schemas['BookRow'];
export type Book = Schemas['Book'];
export type BookOrder = Schemas['BookOrder'];
export type FullBook = Schemas['FullBook'];
export type Ticker = Schemas['Ticker'];
export type Stats = Schemas['Stats'];
/** These are numbers because the dialect has them so. */
export type Candle = Schemas['Candle'];
export type Spark = Schemas['Spark'];
export type Granularity = 60 | 300 | 900 | 3600 | 21600 | 86400;

/** What a trader said in a product's room. */
export type Message = Schemas['Message'];
/** What a short link leads to. */
export type NewLink = Schemas['NewLink'];
export type Link = Schemas['Link'];

/** What logging in answers. */
export type Session = Schemas['NewSession'];
export type ListedSession = Schemas['Session'];
export type Person = Schemas['Person'];
export type TraderState = Schemas['Trader'];
export type Role = Person['role'];
export type ApiKey = Schemas['ApiKey'];
export type KeyPermission = ApiKey['permissions'][number];
/** The secret and the passphrase are shown this once. */
export type NewApiKey = Schemas['NewApiKey'];
