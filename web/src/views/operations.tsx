import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { when } from '../money/format.ts';
import { Table } from '../panels/table.tsx';
import { attempt } from '../state/notices.ts';
import { rest } from '../state/session.ts';

type Operation = {
  readonly id: string;
  readonly at: string;
  readonly name: string | null;
  readonly address: string | null;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: unknown;
};

const latest = 50;
const rows = signal<readonly Operation[]>([]);

async function load(): Promise<void> {
  const query = { limit: String(latest) };
  const call = { method: 'GET', path: '/operations', query, repeatable: true } as const;
  rows.value = (await attempt(() => rest.request<Operation[]>(call)))?.body ?? rows.value;
}

/** What operators did, the newest first. */
export function Operations() {
  useEffect(() => void load(), []);
  return (
    <section class="panel" aria-label="What operators did">
      <header>
        <h2>What operators did</h2>
        <div class="head-tools">
          <button type="button" class="plain small" onClick={() => void load()}>
            Look again
          </button>
        </div>
      </header>
      <div class="scroll" role="region" aria-label="Operations" tabIndex={0}>
        {rows.value.length === 0 ? (
          <p class="empty">Nothing yet. What an operator changes is listed here for good.</p>
        ) : (
          <Table
            rows={rows.value}
            keyOf={({ id }) => id}
            columns={[
              { name: 'Time', cell: ({ at }) => when(at) },
              { name: 'Who', cell: ({ name, address }) => name ?? address ?? '—' },
              { name: 'What', cell: ({ method, path }) => `${method} ${path}` },
              { name: 'Said', cell: ({ body }) => <span class="muted">{textIn(body)}</span> },
              {
                name: 'Answer',
                isNumber: true,
                cell: ({ status }) => <span class={status < 300 ? '' : 'sell'}>{status}</span>,
              },
            ]}
          />
        )}
      </div>
    </section>
  );
}

function textIn(body: unknown): string {
  if (typeof body !== 'object' || body === null) return '';
  return Object.entries(body)
    .map(([key, value]) => `${key} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join(', ');
}
