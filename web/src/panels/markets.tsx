import type { Product } from '@cardstock/client/types';
import { computed, signal, useComputed, useSignal } from '@preact/signals';
import { useCallback, useEffect } from 'preact/hooks';
import { percentChange, short } from '../money/format.ts';
import {
  loadProducts,
  product,
  products,
  productsError,
  show,
  sparkLines,
  ticks,
  trailOf,
  watchTicks,
} from '../state/products.ts';
import { feedNumber } from '../state/session.ts';
import { starred } from '../state/settings.ts';
import { Icon } from '../ui/icons.tsx';
import { WindowedList } from '../ui/list.tsx';
import { Badge } from './ticker-line.tsx';

const search = signal('');
const rowHeight = 48;
/** Of prices that can be seen, how long a moved list waits before it watches others. */
const settleMs = 150;

const found = computed(() => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const isFound = ({ id }: Product) => words.every((word) => id.toLowerCase().includes(word));
  const stars = new Set(starred.value);
  return products.value
    .filter(isFound)
    .sort((a, b) => Number(stars.has(b.id)) - Number(stars.has(a.id)) || (a.id < b.id ? -1 : 1));
});

export function Markets({ onPick }: { readonly onPick?: () => void }) {
  const visible = useSignal('');
  const onVisible = useCallback((rows: readonly Product[]) => {
    visible.value = rows.map(({ id }) => id).join(' ');
  }, []);
  useEffect(() => {
    let end = () => {};
    const timer = setTimeout(() => {
      end = watchTicks(visible.value.split(' ').filter(Boolean));
    }, settleMs);
    return () => {
      clearTimeout(timer);
      end();
    };
  }, [visible.value, feedNumber.value]);
  const pick = (id: string): void => {
    show(id);
    onPick?.();
  };
  const pickFirst = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && found.value[0]) pick(found.value[0].id);
    if (event.key === 'Escape') search.value = '';
  };
  return (
    <section class="panel markets" aria-label="Markets">
      <header>
        <label class="search">
          <Icon name="search" />
          <input
            id="market-search"
            type="search"
            placeholder="Search markets"
            aria-label="Search markets"
            value={search.value}
            onInput={({ currentTarget }) => (search.value = currentTarget.value)}
            onKeyDown={pickFirst}
          />
          <kbd>/</kbd>
        </label>
      </header>
      <WindowedList
        rows={found.value}
        rowHeight={rowHeight}
        label="Products"
        onVisible={onVisible}
        render={(one) => <MarketRow key={one.id} product={one} onPick={() => pick(one.id)} />}
        empty={<Empty />}
      />
    </section>
  );
}

function Empty() {
  if (productsError.value)
    return (
      <div class="empty">
        <p>{productsError.value}</p>
        <button type="button" class="plain" onClick={() => void loadProducts()}>
          Try again
        </button>
      </div>
    );
  return (
    <p class="empty">{products.value.length === 0 ? 'Loading…' : `Nothing is called “${search.value}”.`}</p>
  );
}

function MarketRow({ product: one, onPick }: { readonly product: Product; readonly onPick: () => void }) {
  const tick = useComputed(() => ticks.value.get(one.id)).value;
  const change = tick ? percentChange(tick.open, tick.price) : null;
  const tone = change === null || change.sign === 0 ? '' : change.sign > 0 ? 'buy' : 'sell';
  const isShown = useComputed(() => product.value?.id === one.id).value;
  return (
    <div role="listitem" class={`market-row ${isShown ? 'is-shown' : ''}`}>
      <button type="button" onClick={onPick} aria-current={isShown ? 'true' : undefined}>
        <Badge currency={one.base_currency} />
        <span class="name">
          <b>{one.base_currency}</b>
          <small>{tick ? `vol ${short(tick.volume)}` : one.quote_currency}</small>
        </span>
        <SparkLine productId={one.id} tone={tone} />
        <span class="numbers">
          <b>{tick?.price ?? '—'}</b>
          <small class={tone}>{change?.text ?? ' '}</small>
        </span>
      </button>
    </div>
  );
}

const [sparkWidth, sparkHeight] = [38, 18];
const leastHours = 6;

function SparkLine({ productId, tone }: { readonly productId: string; readonly tone: string }) {
  const hours = (sparkLines.value[productId] ?? []).map(([, , , , close]) => close).reverse();
  const closes = hours.length >= leastHours ? hours : trailOf(productId);
  if (closes.length < 2) return <span class="spark" />;
  const [low, high] = [Math.min(...closes), Math.max(...closes)];
  const range = high - low || 1;
  const points = closes.map(
    (close, at) =>
      `${((at / (closes.length - 1)) * sparkWidth).toFixed(1)},${(sparkHeight - 1 - ((close - low) / range) * (sparkHeight - 2)).toFixed(1)}`,
  );
  return (
    <svg class={`spark ${tone}`} viewBox={`0 0 ${sparkWidth} ${sparkHeight}`} aria-hidden="true">
      <polyline points={points.join(' ')} />
    </svg>
  );
}
