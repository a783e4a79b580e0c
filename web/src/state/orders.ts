import type { Page } from '@cardstock/client/rest';
import type { SocketMessage } from '@cardstock/client/socket';
import type { Account, Fill, LedgerEntry, Order, PlaceOrder, Position } from '@cardstock/client/types';
import { computed, signal } from '@preact/signals';
import { say, textOf } from './notices.ts';
import { feed, isTrader, rest, timed } from './session.ts';

/** A list that grows to what is older. */
export type List<T> = {
  readonly rows: readonly T[];
  readonly after: string | null;
  readonly state: 'none' | 'loading' | 'there' | 'failed';
  readonly error: string;
};
const none = { rows: [], after: null, state: 'none', error: '' } as const;

export const open = signal<List<Order>>(none);
export const history = signal<List<Order>>(none);
export const fills = signal<List<Fill>>(none);
export const ledger = signal<List<LedgerEntry>>(none);
export const accounts = signal<readonly Account[]>([]);
export const positions = signal<readonly Position[]>([]);

/** What is free of each currency. */
export const available = computed(() => new Map(accounts.value.map((one) => [one.currency, one.available])));
export const openCount = computed(() => open.value.rows.length);

type Kept<T> = { value: List<T> };

let asked = 0;
/** By list, the question whose answer it shows. */
const answered = new Map<unknown, number>();

/** Returns whether the answer still counts: none to a later question, or to one of another product or trader, has been taken. */
function asking(list: unknown): () => boolean {
  const question = ++asked;
  return () => {
    if (question <= (answered.get(list) ?? 0)) return false;
    answered.set(list, question);
    return true;
  };
}

/** Empties it, also of answers that are still to come. */
function empty(list: Kept<unknown>): void {
  answered.set(list, asked);
  list.value = none;
}

async function load<T>(
  list: Kept<T>,
  ask: (after?: string) => Promise<Page<T>>,
  more = false,
): Promise<void> {
  const counts = asking(list);
  const before = list.value;
  list.value = { ...before, state: before.rows.length > 0 ? before.state : 'loading' };
  try {
    const page = await ask(more ? (before.after ?? undefined) : undefined);
    if (!counts()) return;
    const rows = more ? [...before.rows, ...page.rows] : page.rows;
    list.value = { rows, after: page.rows.length < pageSize ? null : page.after, state: 'there', error: '' };
  } catch (error) {
    if (counts()) list.value = { ...before, state: 'failed', error: textOf(error) };
  }
}

const pageSize = 50;
const paging = (after?: string) => ({ limit: pageSize, ...(after === undefined ? {} : { after }) });
const mostOpen = 500;

export const loadOpen = () => load(open, () => rest.orders({ limit: mostOpen }));
export const loadHistory = (more = false) =>
  load(history, (after) => rest.orders({ status: ['all'], ...paging(after) }), more);
export const loadFills = (productId: string, more = false) =>
  load(fills, (after) => rest.fills({ product_id: productId, ...paging(after) }), more);

/** Whose ledger is shown. */
export let shownAccount = '';

export function loadLedger(accountId: string, more = false): Promise<void> {
  if (accountId !== shownAccount) empty(ledger as Kept<unknown>);
  shownAccount = accountId;
  return load(ledger, (after) => rest.ledger(accountId, paging(after)), more);
}

export async function loadBalances(): Promise<void> {
  const counts = asking(accounts);
  try {
    const both = await Promise.all([rest.accounts(), rest.positions()]);
    if (counts()) [accounts.value, positions.value] = both;
  } catch (error) {
    say('bad', `Balances: ${textOf(error)}`);
  }
}

function forget(): void {
  for (const list of [open, history, fills, ledger] as Kept<unknown>[]) empty(list);
  answered.set(accounts, asked);
  shownAccount = '';
  accounts.value = [];
  positions.value = [];
}

let shownProduct = '';

/** What the caller has, of a product where it is by product; kept up to date by the feed's own events. Returns what ends it. */
export function watchOwn(productId: string): () => void {
  if (productId !== shownProduct) empty(fills as Kept<unknown>);
  shownProduct = productId;
  if (!isTrader.value) {
    forget();
    return () => {};
  }
  const reload = (): void => {
    void Promise.all([loadOpen(), loadHistory(), loadFills(productId), loadBalances()]);
  };
  reload();
  const soon = delayed(reload, reloadMs);
  const onMessage = (message: SocketMessage): void => {
    tell(message);
    soon();
  };
  return feed.subscribe({ channel: 'user', onMessage, onReset: reload });
}

/** So long events gather: what a trader asks for in a second is limited. */
const reloadMs = 600;

/** Many events of a moment ask for one reload; while they go on, one each moment. */
function delayed(work: () => void, ms: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    if (timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      work();
    }, ms);
  };
}

/** Own orders that trade while one looks elsewhere. */
function tell(message: SocketMessage): void {
  if (message.type !== 'match' || message.maker_user_id === undefined) return;
  const { size, price, product_id, side } = message as unknown as Record<string, string>;
  say('good', `${side === 'buy' ? 'Bought' : 'Sold'} ${size} ${product_id} at ${price}`);
}

export async function place(order: PlaceOrder): Promise<Order> {
  const placed = await timed(() => rest.placeOrder(order));
  say(placed.status === 'rejected' ? 'bad' : 'good', outcomeOf(placed));
  void loadOpen();
  return placed;
}

/** What became of an order, in a sentence. */
export function outcomeOf(order: Order): string {
  const what = `${order.side === 'buy' ? 'Buy' : 'Sell'} order ${order.id}`;
  if (order.status === 'rejected') return `${what} was rejected: ${order.reject_reason}`;
  if (order.status === 'pending') return `${what} was accepted; its outcome is not known yet`;
  if (order.status === 'active') return `${what} waits for its stop price`;
  const filled =
    order.filled_size === '0' || /^[0.]+$/.test(order.filled_size) ? '' : `, ${order.filled_size} filled`;
  if (order.status === 'open') return `${what} is open${filled}`;
  return order.done_reason === 'filled' ? `${what} is filled` : `${what} is canceled${filled}`;
}

export async function cancel(id: string): Promise<void> {
  await reported(() => timed(() => rest.cancelOrder(id)), `Order ${id} is canceled`);
}

export async function cancelAll(productId?: string): Promise<void> {
  try {
    const ids = await timed(() => rest.cancelAll(productId));
    say('good', ids.length === 1 ? 'One order is canceled' : `${ids.length} orders are canceled`);
  } catch (error) {
    say('bad', textOf(error));
  }
  await loadOpen();
}

export async function amend(id: string, change: { price?: string; size?: string }): Promise<void> {
  await reported(() => timed(() => rest.amendOrder(id, change)), `Order ${id} is amended`);
}

async function reported(work: () => Promise<unknown>, done: string): Promise<void> {
  try {
    await work();
    say('good', done);
  } catch (error) {
    say('bad', textOf(error));
  }
  await loadOpen();
}
