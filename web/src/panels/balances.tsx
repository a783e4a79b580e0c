import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { trimZeros } from '../money/decimal.ts';
import { grouped, when } from '../money/format.ts';
import { accounts, ledger, loadLedger, positions } from '../state/orders.ts';
import { amount, productColumn } from './cells.tsx';
import { Listed } from './listed.tsx';
import { Table } from './table.tsx';

const ledgerAccount = signal('');

const signed = (text: string) => (
  <span class={text.startsWith('-') ? 'sell' : /[1-9]/.test(text) ? 'buy' : ''}>
    {grouped(trimZeros(text))}
  </span>
);

export function Balances() {
  return (
    <div class="two-tables">
      <Table
        caption="Accounts"
        rows={accounts.value}
        keyOf={({ id }) => id}
        columns={[
          { name: 'Currency', cell: ({ currency }) => <b>{currency}</b> },
          { name: 'Balance', isNumber: true, cell: ({ balance }) => amount(balance) },
          { name: 'Available', isNumber: true, cell: (one) => amount(one.available) },
          { name: 'On hold', isNumber: true, cell: ({ hold }) => amount(hold) },
        ]}
      />
      {positions.value.length > 0 && (
        <Table
          caption="Positions in unlimited products"
          rows={positions.value}
          keyOf={({ product_id }) => product_id}
          columns={[
            productColumn(),
            { name: 'Cards', isNumber: true, cell: ({ base }) => signed(base) },
            { name: 'USD', isNumber: true, cell: ({ quote }) => signed(quote) },
          ]}
        />
      )}
    </div>
  );
}

export function Ledger() {
  const all = accounts.value;
  const chosen = all.some(({ id }) => id === ledgerAccount.value) ? ledgerAccount.value : all[0]?.id;
  useEffect(() => {
    if (chosen) void loadLedger(chosen);
  }, [chosen]);
  if (!chosen) return <p class="empty">There is no account yet: its first deposit opens it.</p>;
  return (
    <>
      <div class="choice in-body" role="group" aria-label="Account">
        {all.map(({ id, currency }) => (
          <button
            key={id}
            type="button"
            aria-pressed={id === chosen}
            onClick={() => (ledgerAccount.value = id)}
          >
            {currency}
          </button>
        ))}
      </div>
      <Listed
        list={ledger.value}
        empty="No movement yet."
        more={() => loadLedger(chosen, true)}
        keyOf={({ id }) => id}
        columns={[
          { name: 'Time', cell: ({ created_at }) => when(created_at) },
          { name: 'Type', cell: ({ type }) => type },
          { name: 'Amount', isNumber: true, cell: (entry) => signed(entry.amount) },
          { name: 'Balance', isNumber: true, cell: ({ balance }) => amount(balance) },
          {
            name: 'Of',
            cell: ({ details }) => (
              <span class="muted">
                {'order_id' in details ? `${details.product_id} ${details.order_id}` : details.from}
              </span>
            ),
          },
        ]}
      />
    </>
  );
}
