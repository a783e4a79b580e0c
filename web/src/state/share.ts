import { effect, signal } from '@preact/signals';
import { linkedTradeId, type Range } from './address.ts';
import { type TapeTrade, tapeTradeOf } from './market.ts';
import { attempt, say, textOf } from './notices.ts';
import { product } from './products.ts';
import { isTrader, rest } from './session.ts';
import { granularity } from './settings.ts';

/** The trade that the page's address names. */
export const linkedTrade = signal<TapeTrade | null>(null);

effect(() => {
  const [id, productId] = [linkedTradeId.value, product.value?.id];
  linkedTrade.value = null;
  if (id !== null && productId !== undefined) void find(productId, id);
});

async function find(productId: string, id: number): Promise<void> {
  try {
    const { rows } = await rest.trades(productId, { after: String(id + 1), limit: 1 });
    if (linkedTradeId.value !== id || product.value?.id !== productId) return;
    if (rows[0]?.trade_id === id) linkedTrade.value = tapeTradeOf(rows[0]);
    else say('bad', `${productId} has no trade ${id} here any more`);
  } catch (error) {
    say('bad', textOf(error));
  }
}

/** Copies a link to what is shown: a short one for whoever is logged in. */
export async function share(range: Range | null): Promise<void> {
  const isoOf = (seconds: number) => new Date(seconds * 1_000).toISOString();
  const to = {
    product_id: product.value!.id,
    granularity: granularity.value,
    ...(range && { start: isoOf(range.from), end: isoOf(range.to) }),
    ...(linkedTrade.value && { trade_id: linkedTrade.value.id }),
  };
  const link = isTrader.value ? await attempt(() => rest.link(to)) : { url: longLink(to) };
  if (!link) return;
  try {
    await navigator.clipboard.writeText(link.url);
    say('good', 'The link is copied');
  } catch {
    // Browsers forbid it where the page is not served securely.
    prompt('The link', link.url);
  }
}

function longLink({ product_id, ...query }: { readonly product_id: string }): string {
  return `${location.origin}/#/${product_id}?${new URLSearchParams(query as Record<string, string>)}`;
}
