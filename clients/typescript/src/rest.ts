import { type Call, createRequest, type Request, type RequestOptions } from './request.ts';
import type {
  Account,
  AmendOrder,
  ApiKey,
  Book,
  Candle,
  Currency,
  Fees,
  Fill,
  FullBook,
  Granularity,
  KeyPermission,
  LedgerEntry,
  Link,
  ListedSession,
  Message,
  NewApiKey,
  NewLink,
  Order,
  Person,
  PlaceOrder,
  Position,
  Product,
  Profile,
  Refused,
  Session,
  Spark,
  Stats,
  Ticker,
  Trade,
  TraderState,
} from './types.ts';

/** A list comes newest first; the cursors lead to what is newer and older. */
export type Page<T> = { readonly rows: T[]; readonly before: string | null; readonly after: string | null };
export type Paging = { readonly limit?: number; readonly before?: string; readonly after?: string };
export type WhichOrders = Paging & {
  readonly status?: readonly string[];
  readonly product_id?: string;
  readonly trader_id?: number;
};

export type Rest = ReturnType<typeof createRest>;

/** Every call of the public API, with the words of the public API. */
export function createRest(options: RequestOptions) {
  const request = createRequest(options);
  return {
    ...marketDataCalls(request),
    ...orderCalls(request),
    ...accountCalls(request),
    ...communityCalls(request),
    ...peopleCalls(request),
    ...operatorCalls(request),
    /** Whatever has no function here. */
    request,
  };
}

function caller(request: Request) {
  return async <T>(method: Call['method'], path: string, rest: Partial<Call> = {}): Promise<T> =>
    (await request<T>({ method, path, repeatable: method === 'GET', ...rest })).body;
}

function pager(request: Request) {
  return async <T>(path: string, query: Call['query']): Promise<Page<T>> => {
    const call: Call = { method: 'GET', path, query, repeatable: true };
    const { body, headers } = await request<T[]>(call);
    return { rows: body, before: headers.get('cb-before'), after: headers.get('cb-after') };
  };
}

function marketDataCalls(request: Request) {
  const call = caller(request);
  const page = pager(request);
  const of = (productId: string) => `/products/${encodeURIComponent(productId)}`;
  type Range = { granularity: Granularity; start?: string | number; end?: string | number };
  return {
    time: () => call<{ iso: string; epoch: number }>('GET', '/time'),
    products: () => call<Product[]>('GET', '/products'),
    product: (productId: string) => call<Product>('GET', of(productId)),
    currencies: () => call<Currency[]>('GET', '/currencies'),
    book: (productId: string) => call<Book>('GET', `${of(productId)}/book`, { query: { level: 2 } }),
    fullBook: (productId: string) => call<FullBook>('GET', `${of(productId)}/book`, { query: { level: 3 } }),
    ticker: (productId: string) => call<Ticker>('GET', `${of(productId)}/ticker`),
    stats: (productId: string) => call<Stats>('GET', `${of(productId)}/stats`),
    trades: (productId: string, paging: Paging = {}) => page<Trade>(`${of(productId)}/trades`, paging),
    candles: (productId: string, range: Range) =>
      call<Candle[]>('GET', `${of(productId)}/candles`, { query: range }),
    sparkLines: () => call<Record<string, Spark[]>>('GET', '/products/spark-lines'),
  };
}

/** An order carries a name of its own, so that it may be sent again when no answer came. */
function named<T extends { client_oid?: string }>(order: T): T {
  return order.client_oid === undefined ? { ...order, client_oid: newClientOid() } : order;
}

/** `crypto.randomUUID` is missing where a page is not served securely; random bytes are not. */
export function newClientOid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function orderCalls(request: Request) {
  const call = caller(request);
  const page = pager(request);
  const nameOf = (order: string) => (order.startsWith('client:') ? order : encodeURIComponent(order));
  const again = { repeatable: true };
  return {
    /** Answers what became of the order. Sent again, if it must be, with the same `client_oid`. */
    placeOrder: (order: PlaceOrder) => call<Order>('POST', '/orders', { body: named(order), ...again }),
    placeBatch: (orders: readonly PlaceOrder[]) =>
      call<(Order | Refused)[]>('POST', '/orders/batch', { body: orders.map(named), ...again }),
    /** Places all of them, or none if one is refused: limit orders of products that one shard has. */
    placeAllOrNone: (orders: readonly PlaceOrder[]) =>
      call<(Order | Refused)[]>('POST', '/orders/batch', {
        body: { all_or_none: true, orders: orders.map(named) },
        ...again,
      }),
    orders: (which: WhichOrders = {}) => page<Order>('/orders', which),
    /** By its id or `client:<client_oid>`. */
    order: (order: string) => call<Order>('GET', `/orders/${nameOf(order)}`),
    /** `size` is the new total, so an amend may be sent again. */
    amendOrder: (order: string, change: AmendOrder) =>
      call<Order>('PUT', `/orders/${nameOf(order)}`, { body: change, ...again }),
    cancelOrder: (order: string) => call<string>('DELETE', `/orders/${nameOf(order)}`),
    cancelAll: (productId?: string) =>
      call<string[]>('DELETE', '/orders', { query: { product_id: productId }, ...again }),
    fills: (which: Paging & { product_id?: string; order_id?: string }) => page<Fill>('/fills', which),
  };
}

function accountCalls(request: Request) {
  const call = caller(request);
  const page = pager(request);
  return {
    accounts: () => call<Account[]>('GET', '/accounts'),
    ledger: (accountId: string, paging: Paging = {}) =>
      page<LedgerEntry>(`/accounts/${encodeURIComponent(accountId)}/ledger`, paging),
    positions: () => call<Position[]>('GET', '/positions'),
    fees: () => call<Fees>('GET', '/fees'),
    profiles: () => call<Profile[]>('GET', '/profiles'),
  };
}

function communityCalls(request: Request) {
  const call = caller(request);
  const page = pager(request);
  const room = (productId: string) => `/products/${encodeURIComponent(productId)}/messages`;
  return {
    messages: (productId: string, paging: Paging = {}) => page<Message>(room(productId), paging),
    link: (to: NewLink) => call<Link>('POST', '/links', { body: to, repeatable: true }),
    say: (productId: string, text: string) => call<Message>('POST', room(productId), { body: { text } }),
    /** For operators. */
    removeMessage: (id: string) =>
      call<Message & { trader_id: string }>('DELETE', `/messages/${encodeURIComponent(id)}`, {
        repeatable: true,
      }),
  };
}

function peopleCalls(request: Request) {
  const call = caller(request);
  type NewKey = { label?: string; permissions: KeyPermission[]; expires_at?: string };
  return {
    signUp: (body: { name: string; password: string }) => call<Person>('POST', '/traders', { body }),
    logIn: (body: { name: string; password: string; totp?: string }) =>
      call<Session>('POST', '/sessions', { body }),
    sessions: () => call<ListedSession[]>('GET', '/sessions'),
    revokeSession: (id: string) => call<unknown>('DELETE', `/sessions/${encodeURIComponent(id)}`),
    apiKeys: () => call<ApiKey[]>('GET', '/api-keys'),
    createApiKey: (body: NewKey) => call<NewApiKey>('POST', '/api-keys', { body }),
    revokeApiKey: (id: string) => call<unknown>('DELETE', `/api-keys/${encodeURIComponent(id)}`),
  };
}

function operatorCalls(request: Request) {
  const call = caller(request);
  const page = pager(request);
  type Movement = { trader_id: number; currency: string; amount: string; transfer_id: string };
  const again = { repeatable: true };
  return {
    traders: (which: Paging & { frozen?: 'true' | 'false' } = {}) => page<TraderState>('/traders', which),
    /** A frozen trader may cancel orders, and place and amend none. */
    setFrozen: (traderId: number, frozen: boolean) =>
      call<TraderState>('PUT', `/traders/${traderId}`, { body: { frozen }, ...again }),
    /** A muted trader writes nothing in rooms. */
    setMuted: (traderId: number, muted: boolean) =>
      call<TraderState>('PUT', `/traders/${traderId}`, { body: { muted }, ...again }),
    addProduct: (body: Record<string, unknown>) => call<Product>('POST', '/products', { body }),
    changeProduct: (productId: string, body: Record<string, unknown>) =>
      call<Product>('PUT', `/products/${encodeURIComponent(productId)}`, { body, ...again }),
    deposit: (body: Movement) => call<unknown>('POST', '/deposits', { body, ...again }),
    withdraw: (body: Movement) => call<unknown>('POST', '/withdrawals', { body, ...again }),
  };
}
