import type { Order } from '@cardstock/client/types';
import { useSignal } from '@preact/signals';
import { trimZeros } from '../money/decimal.ts';
import { grouped, when } from '../money/format.ts';
import { amend, cancel, open } from '../state/orders.ts';
import { Icon } from '../ui/icons.tsx';
import { productColumn, sideCell } from './cells.tsx';
import { type Column, Table } from './table.tsx';

const columns: readonly Column<Order>[] = [
  { name: 'Time', cell: ({ created_at }) => when(created_at) },
  productColumn(),
  { name: 'Side', cell: ({ side }) => sideCell(side) },
  {
    name: 'Type',
    cell: (order) =>
      [
        ...[order.stop && 'stop', order.max_floor && 'iceberg', order.type, order.time_in_force],
        order.post_only && 'post only',
      ]
        .filter(Boolean)
        .join(' '),
  },
  { name: 'Price', isNumber: true, cell: (order) => <Amendable order={order} field="price" /> },
  { name: 'Size', isNumber: true, cell: (order) => <Amendable order={order} field="size" /> },
  { name: 'Filled', isNumber: true, cell: (order) => <Filled order={order} /> },
  { name: 'Stop', isNumber: true, cell: ({ stop_price }) => (stop_price ? grouped(stop_price) : '—') },
  {
    name: '',
    isNumber: true,
    cell: ({ id }) => (
      <button
        type="button"
        class="icon-button"
        title="Cancel this order"
        aria-label={`Cancel order ${id}`}
        onClick={() => void cancel(id)}
      >
        <Icon name="close" />
      </button>
    ),
  },
];

export function OpenOrders({ only }: { readonly only: string | null }) {
  const list = open.value;
  const rows = only === null ? list.rows : list.rows.filter(({ product_id }) => product_id === only);
  if (list.state === 'failed') return <p class="empty">{list.error}</p>;
  if (rows.length === 0)
    return (
      <p class="empty">
        {list.state === 'there' ? 'No open order. A click in the book fills the ticket.' : 'Loading…'}
      </p>
    );
  const hasStop = rows.some((order) => order.stop_price !== undefined);
  const shown = hasStop ? columns : columns.filter(({ name }) => name !== 'Stop');
  return <Table rows={rows} columns={shown} keyOf={({ id }) => id} />;
}

/** A price or size that a click turns into a field; Enter amends, Escape leaves it. */
function Amendable({ order, field }: { readonly order: Order; readonly field: 'price' | 'size' }) {
  const typed = useSignal<string | null>(null);
  const shown = order[field];
  if (shown === undefined) return <>—</>;
  if (typed.value === null)
    return (
      <button
        type="button"
        class="link amendable"
        title={`Amend the ${field}`}
        aria-label={`Amend the ${field} ${shown} of order ${order.id}`}
        onClick={() => (typed.value = shown)}
      >
        {grouped(field === 'size' ? trimZeros(shown) : shown)}
      </button>
    );
  const send = async (): Promise<void> => {
    const value = typed.value!.trim();
    typed.value = null;
    if (value !== shown && value !== '') await amend(order.id, { [field]: value });
  };
  return (
    <input
      class="amend"
      inputMode="decimal"
      aria-label={`New ${field} of order ${order.id}`}
      value={typed.value}
      ref={(input) => input?.focus()}
      onInput={({ currentTarget }) => (typed.value = currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') void send();
        if (event.key === 'Escape') {
          event.stopPropagation();
          typed.value = null;
        }
      }}
      onBlur={() => (typed.value = null)}
    />
  );
}

function Filled({ order }: { readonly order: Order }) {
  return (
    <span class="filled">
      <progress value={Number(order.filled_size)} max={Number(order.size ?? 0) || 1} aria-label="Filled" />
      {grouped(trimZeros(order.filled_size))}
    </span>
  );
}
