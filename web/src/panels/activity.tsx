import type { Order } from '@cardstock/client/types';
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { grouped, when } from '../money/format.ts';
import { dialog } from '../state/dialogs.ts';
import { type Downloadable, rowsOf } from '../state/downloads.ts';
import { attempt } from '../state/notices.ts';
import { cancelAll, fills, history, loadFills, loadHistory, openCount } from '../state/orders.ts';
import { product } from '../state/products.ts';
import { isTrader } from '../state/session.ts';
import { toCsv } from '../ui/csv.ts';
import { download } from '../ui/download.ts';
import { Icon } from '../ui/icons.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { Balances, Ledger } from './balances.tsx';
import { amount, productColumn, sideCell } from './cells.tsx';
import { Listed } from './listed.tsx';
import { OpenOrders } from './open-orders.tsx';
import type { Column } from './table.tsx';

type Tab = Downloadable;
export const activityTab = signal<Tab>('open');
const isOnlyShown = signal(false);

/** What the trader has done and has. */
export function Activity() {
  const tab = activityTab.value;
  return (
    <section class="panel activity" aria-label="Orders and balances">
      <header>
        <Tabs
          label="Orders and balances"
          controls="activity-body"
          selected={tab}
          onSelect={(chosen) => (activityTab.value = chosen)}
          tabs={[
            ['open', <>Open orders {openCount.value > 0 && <span class="count">{openCount.value}</span>}</>],
            ['history', 'History'],
            ['fills', 'Fills'],
            ['balances', 'Balances'],
            ['ledger', 'Ledger'],
          ]}
        />
        {isTrader.value && <Tools tab={tab} />}
      </header>
      <div
        id="activity-body"
        class="scroll"
        role="tabpanel"
        tabIndex={0}
        aria-labelledby={`activity-body-${tab}`}
      >
        {isTrader.value ? <Body tab={tab} /> : <Invitation />}
      </div>
    </section>
  );
}

function Invitation() {
  return (
    <div class="empty">
      <p>Your orders, fills and balances are here once you are logged in.</p>
      <button type="button" class="plain" onClick={() => (dialog.value = 'account')}>
        Log in or sign up
      </button>
    </div>
  );
}

function Tools({ tab }: { readonly tab: Tab }) {
  const shown = product.value;
  const scope = isOnlyShown.value ? shown?.id : undefined;
  return (
    <div class="head-tools">
      {tab === 'open' && (
        <>
          <label class="check">
            <input
              type="checkbox"
              checked={isOnlyShown.value}
              onChange={({ currentTarget }) => (isOnlyShown.value = currentTarget.checked)}
            />
            This product
          </label>
          <button
            type="button"
            class="plain small"
            disabled={openCount.value === 0}
            onClick={() => void cancelAll(scope)}
          >
            Cancel all
          </button>
        </>
      )}
      <button
        type="button"
        class="plain small icon-button"
        title="Download as CSV"
        aria-label="Download as CSV"
        onClick={() => void attempt(async () => download(`cardstock-${tab}.csv`, toCsv(await rowsOf(tab))))}
      >
        <Icon name="download" />
      </button>
    </div>
  );
}

function Body({ tab }: { readonly tab: Tab }) {
  switch (tab) {
    case 'open':
      return <OpenOrders only={isOnlyShown.value ? (product.value?.id ?? null) : null} />;
    case 'history':
      return (
        <Listed
          list={history.value}
          columns={historyColumns}
          empty="No order yet. Place one with the ticket."
          more={() => loadHistory(true)}
          keyOf={({ id }) => id}
        />
      );
    case 'fills':
      return (
        <Listed
          list={fills.value}
          columns={fillColumns}
          empty={`No fill in ${product.value?.display_name ?? 'this product'} yet.`}
          more={() => loadFills(product.value!.id, true)}
          keyOf={({ trade_id, order_id }) => `${trade_id}-${order_id}`}
        />
      );
    case 'balances':
      return <Balances />;
    case 'ledger':
      return <Ledger />;
  }
}

function statusOf({ status, done_reason, reject_reason }: Order): ComponentChildren {
  const text = status === 'done' ? done_reason : status;
  return (
    <span
      class={`tag ${status === 'rejected' ? 'bad' : text === 'filled' ? 'good' : ''}`}
      title={reject_reason}
    >
      {text}
    </span>
  );
}

const historyColumns: readonly Column<Order>[] = [
  { name: 'Time', cell: ({ created_at }) => when(created_at) },
  productColumn(),
  { name: 'Side', cell: ({ side }) => sideCell(side) },
  {
    name: 'Type',
    cell: ({ type, time_in_force, stop }) => [stop && 'stop', type, time_in_force].filter(Boolean).join(' '),
  },
  { name: 'Price', isNumber: true, cell: ({ price }) => (price ? grouped(price) : 'market') },
  { name: 'Size', isNumber: true, cell: ({ size }) => amount(size) },
  { name: 'Filled', isNumber: true, cell: ({ filled_size }) => amount(filled_size) },
  { name: 'Value', isNumber: true, cell: ({ executed_value }) => amount(executed_value) },
  { name: 'Status', cell: statusOf },
  { name: 'Id', isNumber: true, cell: ({ id }) => <span class="muted">{id}</span> },
];

const fillColumns = [
  { name: 'Time', cell: ({ created_at }) => when(created_at) },
  productColumn(),
  { name: 'Side', cell: ({ side }) => sideCell(side) },
  { name: 'Price', isNumber: true, cell: ({ price }) => grouped(price) },
  { name: 'Size', isNumber: true, cell: ({ size }) => amount(size) },
  { name: 'Value', isNumber: true, cell: ({ usd_volume }) => amount(usd_volume) },
  { name: 'Fee', isNumber: true, cell: ({ fee }) => amount(fee) },
  { name: 'Liquidity', cell: ({ liquidity }) => (liquidity === 'M' ? 'maker' : 'taker') },
  { name: 'Order', isNumber: true, cell: ({ order_id }) => <span class="muted">{order_id}</span> },
] as const satisfies readonly Column<(typeof fills.value.rows)[number]>[];
