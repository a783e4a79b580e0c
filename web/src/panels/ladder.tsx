import type { Level, LevelBook } from '@cardstock/client/book';
import type { Product, Side } from '@cardstock/client/types';
import { computed, signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { fromUnits, placesOf, toUnits, trimZeros } from '../money/decimal.ts';
import { grouped, short } from '../money/format.ts';
import { type Grouping, groupLevels, type Row } from '../money/levels.ts';
import { bookVersion, market, tape } from '../state/market.ts';
import { open } from '../state/orders.ts';
import { product } from '../state/products.ts';
import { connection } from '../state/session.ts';
import { isFillingSize } from '../state/settings.ts';
import { fillTicket } from '../state/ticket.ts';

/** Rows are at least so high, and share what is left. */
const rowHeight = 20;
const spreadHeight = 34;
const steps = [1n, 2n, 5n, 10n, 50n, 100n, 500n, 1_000n];
/** In ticks, by product. */
const stepOf = signal<Readonly<Record<string, number>>>({});

/** Whether what the ladder shows is what the exchange has: the socket is open and a checksum has agreed. */
export const isBookProven = computed(() => {
  bookVersion.value;
  return connection.value.state === 'open' && market.value?.book.state === 'proven';
});

function groupingOf({ quote_increment, base_increment, id }: Product): Grouping {
  const pricePlaces = placesOf(quote_increment);
  const tick = toUnits(quote_increment, pricePlaces)!;
  const step = tick * (steps[stepOf.value[id] ?? 0] ?? 1n);
  return { pricePlaces, sizePlaces: placesOf(base_increment), step };
}

function* levelsOf(side: Side): Generator<Level> {
  const half = side === 'buy' ? market.value!.book.bids : market.value!.book.asks;
  for (const price of half.prices()) yield [price, half.sizeAt(price)!];
}

/** Where own orders rest, by the price of their group. */
function ownPrices(side: Side, productId: string, { pricePlaces, step }: Grouping): ReadonlySet<string> {
  const own = new Set<string>();
  for (const order of open.value.rows) {
    if (order.product_id !== productId || order.side !== side || order.price === undefined) continue;
    const units = toUnits(order.price, pricePlaces) ?? 0n;
    const group = side === 'buy' ? (units / step) * step : ((units + step - 1n) / step) * step;
    own.add(fromUnits(group, pricePlaces));
  }
  return own;
}

/** While the pointer is over it, each row keeps its price: only sizes change, so that a click hits what was aimed at. */
function held(rows: readonly Row[], prices: readonly string[] | null, sizePlaces: number): readonly Row[] {
  if (!prices) return rows;
  const byPrice = new Map(rows.map((row) => [row.price, row]));
  return prices.map(
    (price) => byPrice.get(price) ?? { price, size: fromUnits(0n, sizePlaces), total: '', units: 0n },
  );
}

/** A book that broke is still shown, dimmed, until it is replaced: rows that vanish tell less. */
function hasLevels({ state, bids, asks }: LevelBook): boolean {
  return state !== 'empty' || bids.length + asks.length > 0;
}

export function Ladder() {
  const shown = product.value;
  const frame = useRef<HTMLDivElement>(null);
  const depth = useSignal(14);
  const hold = useSignal<{ asks: string[]; bids: string[] } | null>(null);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      depth.value = Math.max(3, Math.floor((entry!.contentRect.height - spreadHeight) / 2 / rowHeight));
    });
    observer.observe(frame.current!);
    return () => observer.disconnect();
  }, []);
  bookVersion.value;
  const current = market.value;
  const isReady = shown !== null && current?.productId === shown.id && hasLevels(current.book);
  const grouping = shown && groupingOf(shown);
  const rowsOf = (side: Side) => (isReady ? groupLevels(side, levelsOf(side), depth.value, grouping!) : []);
  const [asks, bids] = [rowsOf('sell'), rowsOf('buy')];
  const holdNow = (): void => {
    if (isReady) hold.value = { asks: asks.map(({ price }) => price), bids: bids.map(({ price }) => price) };
  };
  return (
    <section class={`panel ladder ${isBookProven.value ? '' : 'is-stale'}`} aria-label="Order book">
      <header>
        <h2>Order book</h2>
        {shown && <LadderSettings product={shown} />}
      </header>
      <div class="ladder-head" aria-hidden="true">
        <span>Price</span>
        <span>Size</span>
        <span>Total</span>
      </div>
      <div
        class="ladder-rows"
        ref={frame}
        onPointerEnter={({ pointerType }) => pointerType === 'mouse' && holdNow()}
        onPointerLeave={() => (hold.value = null)}
      >
        {isReady ? (
          <Halves
            {...{ asks, bids, grouping: grouping!, product: shown, hold: hold.value, depth: depth.value }}
          />
        ) : (
          <p class="empty">
            {connection.value.state === 'open' ? 'Taking the book…' : 'Connecting to the feed…'}
          </p>
        )}
      </div>
    </section>
  );
}

type HalvesProps = {
  readonly asks: readonly Row[];
  readonly bids: readonly Row[];
  readonly grouping: Grouping;
  readonly product: Product;
  readonly hold: { asks: string[]; bids: string[] } | null;
  readonly depth: number;
};

function Halves({ asks, bids, grouping, product: shown, hold, depth }: HalvesProps) {
  const shownAsks = held(asks, hold?.asks ?? null, grouping.sizePlaces);
  const shownBids = held(bids, hold?.bids ?? null, grouping.sizePlaces);
  const deepest = [asks.at(-1)?.units ?? 0n, bids.at(-1)?.units ?? 0n].reduce((a, b) => (a > b ? a : b), 1n);
  const half = (side: Side, rows: readonly Row[]) => {
    const own = ownPrices(side, shown.id, grouping);
    const places = Array.from({ length: depth }, (_, at) => rows[side === 'sell' ? depth - 1 - at : at]);
    return places.map((row, at) => (
      <LadderRow key={`${side}${at}`} {...{ row, side, deepest, isOwn: row ? own.has(row.price) : false }} />
    ));
  };
  return (
    <>
      <div class="half asks">{half('sell', shownAsks)}</div>
      <Spread asks={asks} bids={bids} pricePlaces={grouping.pricePlaces} />
      <div class="half bids">{half('buy', shownBids)}</div>
    </>
  );
}

type RowProps = {
  readonly row: Row | undefined;
  readonly side: Side;
  readonly deepest: bigint;
  readonly isOwn: boolean;
};

function LadderRow({ row, side, deepest, isOwn }: RowProps) {
  const before = useRef<{ price: string; size: string; turn: number }>({ price: '', size: '', turn: 0 });
  if (!row) return <div class="ladder-row is-empty" />;
  const known = before.current;
  const isChanged = known.price === row.price && known.size !== row.size;
  const turn = isChanged ? known.turn + 1 : known.price === row.price ? known.turn : 0;
  before.current = { price: row.price, size: row.size, turn };
  const share = Number((row.units * 1_000n) / deepest) / 1_000;
  // Two names of one animation: changing the name starts it anew.
  const flash = turn === 0 ? '' : turn % 2 === 0 ? 'flash-a' : 'flash-b';
  const isGone = row.units === 0n;
  return (
    <button
      type="button"
      tabIndex={-1}
      class={`ladder-row ${side} ${flash} ${isGone ? 'is-gone' : ''}`}
      disabled={!isBookProven.value}
      title={isOwn ? 'You have an order here' : undefined}
      onClick={() =>
        fillTicket({ price: row.price, size: isFillingSize.value && row.total !== '' ? row.total : null })
      }
    >
      <i class="bar" style={{ transform: `scaleX(${share})` }} />
      <span class="price">
        <span class="visually-hidden">{side === 'buy' ? 'Bid ' : 'Ask '}</span>
        {isOwn && <i class="own" />}
        {row.price}
      </span>
      <span class="size">{isGone ? '—' : grouped(trimZeros(row.size))}</span>
      <span class="total">
        {row.total === '' ? '' : row.total.length > 8 ? short(row.total) : grouped(trimZeros(row.total))}
      </span>
    </button>
  );
}

function Spread({
  asks,
  bids,
  pricePlaces,
}: {
  readonly asks: readonly Row[];
  readonly bids: readonly Row[];
  readonly pricePlaces: number;
}) {
  const [ask, bid] = [asks[0], bids[0]];
  const last = tape.value[0];
  const spread = ask && bid ? toUnits(ask.price, pricePlaces)! - toUnits(bid.price, pricePlaces)! : null;
  return (
    <div class="spread">
      <strong class={last?.side ?? ''}>
        {last ? grouped(last.price) : '—'}
        {last && <span aria-hidden="true">{last.side === 'buy' ? ' ▲' : ' ▼'}</span>}
      </strong>
      <span>{spread === null ? 'one-sided' : `spread ${fromUnits(spread, pricePlaces)}`}</span>
    </div>
  );
}

function LadderSettings({ product: shown }: { readonly product: Product }) {
  const { pricePlaces } = groupingOf(shown);
  const tick = toUnits(shown.quote_increment, pricePlaces)!;
  return (
    <div class="head-tools">
      <label class="check" title="A click fills the ticket with the cumulated size as well">
        <input
          type="checkbox"
          checked={isFillingSize.value}
          onChange={({ currentTarget }) => (isFillingSize.value = currentTarget.checked)}
        />
        size
      </label>
      <select
        aria-label="Price grouping"
        value={stepOf.value[shown.id] ?? 0}
        onChange={({ currentTarget }) =>
          (stepOf.value = { ...stepOf.value, [shown.id]: Number(currentTarget.value) })
        }
      >
        {steps.map((step, at) => (
          <option key={String(step)} value={at}>
            {fromUnits(tick * step, pricePlaces)}
          </option>
        ))}
      </select>
    </div>
  );
}
