import type { Product } from '@cardstock/client/types';
import { useSignal } from '@preact/signals';
import { grouped } from '../money/format.ts';
import { Table } from '../panels/table.tsx';
import { dialog } from '../state/dialogs.ts';
import { attempt, say } from '../state/notices.ts';
import { loadProducts, products } from '../state/products.ts';
import { isOperator, rest, who } from '../state/session.ts';
import { TextField } from '../ui/text-field.tsx';
import { Operations } from './operations.tsx';
import { State } from './state.tsx';
import { Traders } from './traders.tsx';

/** What an operator sees and does. */
export function OperatorView() {
  if (!isOperator.value)
    return (
      <main class="operator">
        <section class="panel">
          <div class="empty">
            <p>This view is for operators and auditors.</p>
            <button type="button" class="plain" onClick={() => (dialog.value = 'account')}>
              Log in
            </button>
          </div>
        </section>
      </main>
    );
  return (
    <main class="operator">
      <State />
      <Products />
      <Traders />
      <Money />
      <TraderOrders />
      <Operations />
    </main>
  );
}

const statusOf = (one: Product) =>
  one.status === 'offline'
    ? 'offline'
    : one.cancel_only
      ? 'cancel_only'
      : one.auction_mode
        ? 'auction'
        : 'online';
const statuses = ['online', 'auction', 'cancel_only', 'offline'] as const;

/** So many products can be looked through; of more the first that are found. */
const mostListed = 100;

function Products() {
  const search = useSignal('');
  const word = search.value.trim().toLowerCase();
  const found = products.value.filter(({ id }) => id.toLowerCase().includes(word));
  const isReadOnly = who.value?.role !== 'operator';
  const change = async (id: string, status: string): Promise<void> => {
    await attempt(async () => {
      await rest.changeProduct(id, { status });
      say('good', `${id} is ${status}`);
    });
    await loadProducts();
  };
  return (
    <section class="panel" aria-label="Products">
      <header>
        <h2>Products</h2>
      </header>
      <form class="row padded" onSubmit={(event) => event.preventDefault()}>
        <TextField label="Find a product" text={search} />
        <span class="muted">
          {found.length > mostListed ? `the first ${mostListed} of ${found.length}` : `${found.length} found`}
        </span>
      </form>
      <div class="scroll" role="region" aria-label="List of products" tabIndex={0}>
        <Table
          rows={found.slice(0, mostListed)}
          keyOf={({ id }) => id}
          columns={[
            { name: 'Product', cell: ({ id }) => <b>{id}</b> },
            { name: 'Tick', isNumber: true, cell: ({ quote_increment }) => quote_increment },
            { name: 'Lot', isNumber: true, cell: ({ base_increment }) => base_increment },
            { name: 'Largest order', isNumber: true, cell: ({ base_max_size }) => grouped(base_max_size) },
            { name: 'Money', cell: ({ funded }) => (funded ? 'prefunded' : 'unlimited') },
            {
              name: 'Status',
              cell: (one) => (
                <select
                  aria-label={`Status of ${one.id}`}
                  value={statusOf(one)}
                  disabled={isReadOnly}
                  onChange={({ currentTarget }) => void change(one.id, currentTarget.value)}
                >
                  {statuses.map((status) => (
                    <option key={status}>{status}</option>
                  ))}
                </select>
              ),
            },
          ]}
        />
      </div>
    </section>
  );
}

function Money() {
  const [trader, currency, amount] = [useSignal(''), useSignal('USD'), useSignal('')];
  const move = (way: 'deposit' | 'withdraw') => async (): Promise<void> => {
    const transfer_id = `page-${crypto.getRandomValues(new Uint32Array(3)).join('-')}`;
    const body = {
      trader_id: Number(trader.value),
      currency: currency.value,
      amount: amount.value,
      transfer_id,
    };
    await attempt(async () => {
      await rest[way](body);
      say(
        'good',
        `${way === 'deposit' ? 'Deposited' : 'Withdrew'} ${amount.value} ${currency.value}, trader ${trader.value}`,
      );
      amount.value = '';
    });
  };
  return (
    <section class="panel" aria-label="Money">
      <header>
        <h2>Money</h2>
      </header>
      <form class="row padded" onSubmit={(event) => event.preventDefault()}>
        <TextField label="Trader" text={trader} />
        <TextField label="Currency" text={currency} />
        <TextField label="Amount" text={amount} />
        <button type="button" class="plain" onClick={() => void move('deposit')()}>
          Deposit
        </button>
        <button type="button" class="plain" onClick={() => void move('withdraw')()}>
          Withdraw
        </button>
      </form>
    </section>
  );
}

/** Looks into a trader's open orders, and cancels them all. */
function TraderOrders() {
  const trader = useSignal('');
  const rows = useSignal<
    readonly { id: string; product_id: string; side: string; price?: string; size?: string }[] | null
  >(null);
  const load = async (event?: Event): Promise<void> => {
    event?.preventDefault();
    rows.value =
      (await attempt(() => rest.orders({ trader_id: Number(trader.value), limit: 100 })))?.rows ?? null;
  };
  const cancelAll = async (): Promise<void> => {
    const query = { trader_id: trader.value };
    await attempt(() => rest.request({ method: 'DELETE', path: '/orders', query, repeatable: true }));
    await load();
  };
  return (
    <section class="panel" aria-label="A trader's orders">
      <header>
        <h2>A trader’s open orders</h2>
      </header>
      <form class="row padded" onSubmit={(event) => void load(event)}>
        <TextField label="Trader" text={trader} required />
        <button type="submit" class="plain">
          Look
        </button>
        <button type="button" class="plain" disabled={!rows.value?.length} onClick={() => void cancelAll()}>
          Cancel all
        </button>
      </form>
      <div class="scroll" role="region" aria-label="Open orders" tabIndex={0}>
        {rows.value && rows.value.length === 0 && <p class="empty">No open order.</p>}
        {rows.value && rows.value.length > 0 && (
          <Table
            rows={rows.value}
            keyOf={({ id }) => id}
            columns={[
              { name: 'Id', cell: ({ id }) => id },
              { name: 'Product', cell: ({ product_id }) => product_id },
              { name: 'Side', cell: ({ side }) => <span class={side}>{side}</span> },
              { name: 'Price', isNumber: true, cell: ({ price }) => price ?? '—' },
              { name: 'Size', isNumber: true, cell: ({ size }) => size ?? '—' },
            ]}
          />
        )}
      </div>
    </section>
  );
}
