import { computed, signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { linkedRange, linkedTradeId, type Range } from '../state/address.ts';
import { market } from '../state/market.ts';
import { product } from '../state/products.ts';
import { connection, feedNumber } from '../state/session.ts';
import { granularities, granularity, isDark } from '../state/settings.ts';
import { linkedTrade, share } from '../state/share.ts';
import { Icon } from '../ui/icons.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { createCandleChart } from './candle-chart.ts';
import { createDepthChart } from './depth-chart.ts';

type View = 'candles' | 'depth';
const view = signal<View>('candles');
const note = signal('');
/** The product whose market is open: charts of another one must not be drawn. */
const opened = computed(() => {
  const shown = product.value;
  return shown && market.value?.productId === shown.id ? shown : null;
});

export function ChartPanel() {
  return (
    <section class={`panel chart ${connection.value.state === 'open' ? '' : 'is-stale'}`} aria-label="Chart">
      <header>
        <Tabs
          label="Chart"
          controls="chart-body"
          selected={view.value}
          onSelect={(chosen) => (view.value = chosen)}
          tabs={[
            ['candles', 'Candles'],
            ['depth', 'Depth'],
          ]}
        />
        {view.value === 'candles' && <Granularities />}
        <Sharing />
      </header>
      <div id="chart-body" class="chart-body" role="tabpanel" aria-labelledby={`chart-body-${view.value}`}>
        {view.value === 'candles' ? <Candles /> : <Depth />}
        <a class="attribution" href="https://www.tradingview.com/" target="_blank" rel="noopener noreferrer">
          Charts by TradingView
        </a>
        {note.value !== '' && <p class="chart-note">{note.value}</p>}
      </div>
    </section>
  );
}

let rangeShown = (): Range | null => null;

function Sharing() {
  const shown = product.value?.id;
  return (
    <div class="head-tools">
      {(linkedRange.value || linkedTradeId.value) && (
        <a class="plain small" href={`#/${shown}`} title="Back to the latest">
          Now
        </a>
      )}
      <button
        type="button"
        class="icon-button"
        title="Copy a link to this"
        aria-label="Copy a link to this"
        disabled={!shown}
        onClick={() => void share(rangeShown())}
      >
        <Icon name="link" />
      </button>
    </div>
  );
}

function Granularities() {
  return (
    <div class="choice" role="radiogroup" aria-label="Granularity">
      {granularities.map(([seconds, name]) => (
        <button
          key={seconds}
          type="button"
          role="radio"
          aria-checked={granularity.value === seconds}
          onClick={() => (granularity.value = seconds)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}

function Candles() {
  const frame = useRef<HTMLDivElement>(null);
  const shown = opened.value;
  const seconds = granularity.value;
  const dark = isDark();
  const [range, trade] = [linkedRange.value, linkedTrade.value];
  useEffect(() => {
    if (!shown) return;
    const chart = createCandleChart(frame.current!, {
      product: shown,
      granularity: seconds,
      ...{ range, trade },
      onNote: (text) => (note.value = text),
    });
    rangeShown = chart.range;
    return () => {
      note.value = '';
      rangeShown = () => null;
      chart.close();
    };
  }, [shown?.id, seconds, dark, feedNumber.value, range, trade]);
  return (
    <div
      class="chart-frame"
      ref={frame}
      role="img"
      aria-label={`Candles of ${shown?.display_name ?? ''}; the trades are listed beside`}
    />
  );
}

function Depth() {
  const frame = useRef<HTMLDivElement>(null);
  const shown = opened.value;
  const dark = isDark();
  useEffect(() => {
    if (!shown) return;
    note.value = '';
    const chart = createDepthChart(frame.current!, shown);
    return () => chart.close();
  }, [shown?.id, dark, feedNumber.value]);
  return (
    <div
      class="chart-frame"
      ref={frame}
      role="img"
      aria-label={`Depth of ${shown?.display_name ?? ''}; the book is listed beside`}
    />
  );
}
