import type { LevelBook, Levels } from '@cardstock/client/book';
import type { Product, Side } from '@cardstock/client/types';
import { signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { fromUnits, placesOf, toUnits } from '../money/decimal.ts';
import { grouped } from '../money/format.ts';
import { type Grouping, groupLevels, levelsOf, type Row } from '../money/levels.ts';
import { bookVersion, isBookProven, market, tape } from '../state/market.ts';
import { open } from '../state/orders.ts';
import { product } from '../state/products.ts';
import { connection } from '../state/session.ts';
import { isFillingSize } from '../state/settings.ts';
import { AuctionLine } from './auction-line.tsx';
import { ColumnNames } from './column-names.tsx';
import { LadderRow } from './ladder-row.tsx';

/** Rows are at least so high, and share what is left. */
const rowHeight = 20;
const spreadHeight = 34;
const steps = [1n, 2n, 5n, 10n, 50n, 100n, 500n, 1_000n];
/** In ticks, by product. */
const stepOf = signal<Readonly<Record<string, number>>>({});

function groupingOf({ quote_increment, base_increment, id }: Product): Grouping {
  const pricePlaces = placesOf(quote_increment);
  const tick = toUnits(quote_increment, pricePlaces)!;
  const step = tick * (steps[stepOf.value[id] ?? 0] ?? 1n);
  return { pricePlaces, sizePlaces: placesOf(base_increment), step };
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

/** Prices that rows keep, best first. */
type Hold = { readonly asks: readonly string[]; readonly bids: readonly string[] };

export function Ladder() {
  const shown = product.value;
  return (
    <section class={`panel ladder ${isBookProven.value ? '' : 'is-stale'}`} aria-label="Order book">
      <header>
        <h2>Order book</h2>
        {shown && <LadderSettings product={shown} />}
      </header>
      {shown && <AuctionLine product={shown} />}
      <ColumnNames names={['Price', 'Size', 'Total']} />
      <Rows />
    </section>
  );
}

/** The part that changes with every frame in which the book does. */
function Rows() {
  const shown = product.value;
  const frame = useRef<HTMLDivElement>(null);
  const depth = useSignal(14);
  const hold = useSignal<Hold | null>(null);
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
  const rowsOf = (side: Side, half: Levels) => groupLevels(side, levelsOf(half), depth.value, grouping!);
  const asks = isReady ? rowsOf('sell', current.book.asks) : [];
  const bids = isReady ? rowsOf('buy', current.book.bids) : [];
  const holdNow = (): void => {
    if (isReady) hold.value = { asks: asks.map(({ price }) => price), bids: bids.map(({ price }) => price) };
  };
  return (
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
  );
}

type HalvesProps = {
  readonly asks: readonly Row[];
  readonly bids: readonly Row[];
  readonly grouping: Grouping;
  readonly product: Product;
  readonly hold: Hold | null;
  readonly depth: number;
};

/** No bar is finer than half a pixel of most ladders, so that a deep level that changes does not paint all rows. */
const barSteps = 500n;

function Halves({ asks, bids, grouping, product: shown, hold, depth }: HalvesProps) {
  const shownAsks = held(asks, hold?.asks ?? null, grouping.sizePlaces);
  const shownBids = held(bids, hold?.bids ?? null, grouping.sizePlaces);
  const deepest = [asks.at(-1)?.units ?? 0n, bids.at(-1)?.units ?? 0n].reduce((a, b) => (a > b ? a : b), 1n);
  const shareOf = (units: bigint) => Number((units * barSteps) / deepest) / Number(barSteps);
  const half = (side: Side, rows: readonly Row[]) => {
    const own = ownPrices(side, shown.id, grouping);
    const places = Array.from({ length: depth }, (_, at) => rows[side === 'sell' ? depth - 1 - at : at]);
    return places.map((row, at) => {
      const key = `${side}${at}`;
      if (!row) return <div key={key} class="ladder-row is-empty" />;
      const { price, size, total, units } = row;
      const [isGone, isOwn] = [units === 0n, own.has(price)];
      return <LadderRow key={key} {...{ side, price, size, total, share: shareOf(units), isGone, isOwn }} />;
    });
  };
  return (
    <>
      <div class="half asks">{half('sell', shownAsks)}</div>
      <Spread {...spreadOf(asks, bids, grouping)} />
      <div class="half bids">{half('buy', shownBids)}</div>
    </>
  );
}

function spreadOf([ask]: readonly Row[], [bid]: readonly Row[], { pricePlaces }: Grouping) {
  if (!ask || !bid) return { spread: null };
  return {
    spread: fromUnits(toUnits(ask.price, pricePlaces)! - toUnits(bid.price, pricePlaces)!, pricePlaces),
  };
}

function Spread({ spread }: { readonly spread: string | null }) {
  const last = tape.value[0];
  return (
    <div class="spread">
      <strong class={last?.side ?? ''}>
        {last ? grouped(last.price) : '—'}
        {last && <span aria-hidden="true">{last.side === 'buy' ? ' ▲' : ' ▼'}</span>}
      </strong>
      <span>{spread === null ? 'one-sided' : `spread ${spread}`}</span>
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
