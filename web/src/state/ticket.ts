import { batch, computed, signal } from '@preact/signals';
import { placesOf } from '../money/decimal.ts';
import { type Estimate, estimate } from '../money/estimate.ts';
import { levelsOf } from '../money/levels.ts';
import {
  type Available,
  isLimit,
  isStop,
  orderOf,
  type Problem,
  problemOf,
  type Ticket,
} from '../money/ticket.ts';
import { auction } from './auction.ts';
import { bookVersion, market } from './market.ts';
import { say, textOf } from './notices.ts';
import { available, place } from './orders.ts';
import { product } from './products.ts';
import { isConfirming } from './settings.ts';

const empty: Ticket = {
  ...{ side: 'buy', kind: 'limit', price: '', size: '', funds: '', by: 'size', stopPrice: '', maxFloor: '' },
  ...{ timeInForce: 'GTC', cancelAfter: 'day', postOnly: false, stp: '' },
};

export const ticket = signal<Ticket>(empty);
/** Fields that were left once: only these say what is wrong with them. */
export const touched = signal<ReadonlySet<string>>(new Set());
export const refusal = signal<string | null>(null);
export const isSending = signal(false);
/** The order waits for a yes. */
export const isAsking = signal(false);

export function change(part: Partial<Ticket>): void {
  batch(() => {
    ticket.value = { ...ticket.value, ...part };
    refusal.value = null;
    isAsking.value = false;
  });
}

/** Another product begins with an empty ticket: a price of the one before must not be sent. */
export function clearTicket(): void {
  batch(() => {
    const { side, kind, by } = ticket.value;
    ticket.value = { ...empty, side, kind, by };
    touched.value = new Set();
    refusal.value = null;
    isAsking.value = false;
  });
}

export function fillTicket({ price, size }: { price: string; size: string | null }): void {
  const { kind } = ticket.value;
  change({
    ...(kind === 'market' ? { kind: 'limit' as const } : {}),
    price,
    ...(size === null ? {} : { size }),
  });
}

export const problem = computed<Problem | null>(() =>
  product.value ? problemOf(ticket.value, product.value) : null,
);

/** What is free of the product's two currencies; null where the product touches no account. */
export const free = computed<Available>(() => {
  const shown = product.value;
  if (!shown?.funded) return { base: null, quote: null };
  const of = (currency: string) => available.value.get(currency) ?? '0';
  return { base: of(shown.base_currency), quote: of(shown.quote_currency) };
});

/** Orders gather in an auction, and none trades as it comes in. The feed says sooner than the product that it is over. */
export const isGathering = computed(() =>
  auction.value ? auction.value.auction_state === 'collection' : product.value?.auction_mode === true,
);

/**
 * What the order would do now; null while the ticket is not whole or waits for a stop price, in an auction, or while the book is
 * not known.
 */
export const estimated = computed<Estimate | null>(() => {
  bookVersion.value;
  const [shown, current, wish] = [product.value, market.value, ticket.value];
  if (!shown || current?.productId !== shown.id || problem.value || isStop(wish) || isGathering.value)
    return null;
  const { book } = current;
  if (book.state === 'empty') return null;
  const half = wish.side === 'buy' ? book.asks : book.bids;
  const bySize = isLimit(wish) || wish.by === 'size';
  return estimate(
    {
      ...{ side: wish.side, levels: levelsOf(half), takerFeeRate: shown.taker_fee_rate },
      price: isLimit(wish) ? wish.price : null,
      size: bySize ? wish.size : null,
      funds: bySize ? null : wish.funds,
    },
    { price: placesOf(shown.quote_increment), size: placesOf(shown.base_increment) },
  );
});

/** Sends what the ticket says, after a yes if that is asked for. */
export async function submit(): Promise<void> {
  const shown = product.value;
  if (!shown || isSending.value) return;
  if (problem.value) {
    touched.value = new Set([...touched.value, 'price', 'size', 'funds', 'stopPrice', 'maxFloor']);
    return;
  }
  if (isConfirming.value && !isAsking.value) {
    isAsking.value = true;
    return;
  }
  isSending.value = true;
  isAsking.value = false;
  refusal.value = null;
  try {
    await place(orderOf(ticket.value, shown));
  } catch (error) {
    refusal.value = textOf(error);
    say('bad', textOf(error));
  } finally {
    isSending.value = false;
  }
}
