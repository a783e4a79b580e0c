import type { SocketMessage } from '@cardstock/client/socket';
import type { Product, Spark } from '@cardstock/client/types';
import { computed, signal } from '@preact/signals';
import { named } from './address.ts';
import { feed, rest } from './session.ts';
import { lastProduct } from './settings.ts';

export const products = signal<readonly Product[]>([]);
export const productsError = signal<string | null>(null);
export const sparkLines = signal<Readonly<Record<string, readonly Spark[]>>>({});

/** What the list shows of each, by the last ticker message. */
export type Tick = { price: string; open: string; volume: string; high: string; low: string };
export const ticks = signal<ReadonlyMap<string, Tick>>(new Map());

export const isOperatorView = computed(() => named.value === 'operator');

/** The product on the screen. */
export const product = computed<Product | null>(() => {
  const all = products.value;
  const byId = (id: string) => all.find((one) => one.id === id);
  return (
    byId(named.value) ??
    byId(lastProduct.value) ??
    all.find((one) => one.status === 'online') ??
    all[0] ??
    null
  );
});

export function show(productId: string): void {
  lastProduct.value = productId;
  location.hash = `#/${encodeURIComponent(productId)}`;
}

export async function loadProducts(): Promise<void> {
  try {
    products.value = await rest.products();
    productsError.value = null;
  } catch (error) {
    productsError.value = error instanceof Error ? error.message : String(error);
    return;
  }
  sparkLines.value = await rest.sparkLines().catch(() => sparkLines.value);
}

/** The last prices of each, for a small line of a product that has hardly traded. */
const trails = new Map<string, number[]>();
const trailLength = 40;

export function trailOf(productId: string): readonly number[] {
  return trails.get(productId) ?? [];
}

function keepTrail(productId: string, price: string): void {
  const trail = trails.get(productId) ?? [];
  trails.set(productId, [...trail.slice(1 - trailLength), Number(price)]);
}

let pending = new Map<string, Tick>();
let isScheduled = false;

/** Prices of the list change faster than anyone reads them. */
const showEveryMs = 100;

/** Ticks that come within that time change the list once. */
export function keepTick(message: SocketMessage): void {
  const { price, open_24h, volume_24h, high_24h, low_24h } = message as unknown as Record<string, string>;
  pending.set(String(message.product_id), {
    price: price!,
    open: open_24h!,
    volume: volume_24h!,
    high: high_24h!,
    low: low_24h!,
  });
  keepTrail(String(message.product_id), price!);
  if (isScheduled) return;
  isScheduled = true;
  setTimeout(() => {
    isScheduled = false;
    ticks.value = new Map([...ticks.value, ...pending]);
    pending = new Map();
  }, showEveryMs);
}

/** Watches the prices of the products that can be seen. Returns what ends it. */
export function watchTicks(productIds: readonly string[]): () => void {
  if (productIds.length === 0) return () => {};
  return feed.subscribe({ channel: 'ticker', productIds, onMessage: keepTick });
}
