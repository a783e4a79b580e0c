import type { Page } from '@cardstock/client/rest';
import { accounts, positions, shownAccount } from './orders.ts';
import { product } from './products.ts';
import { rest } from './session.ts';

export type Downloadable = 'open' | 'history' | 'fills' | 'balances' | 'ledger';
type Paging = { limit: number; after?: string };

const pageSize = 1_000;
const mostRows = 10_000;

/** All rows and not only those on the screen; of more than ten thousand the newest. */
async function everyRow<T>(ask: (paging: Paging) => Promise<Page<T>>): Promise<T[]> {
  const rows: T[] = [];
  let after: string | null = null;
  do {
    const page: Page<T> = await ask({ limit: pageSize, ...(after === null ? {} : { after }) });
    rows.push(...page.rows);
    after = page.rows.length < pageSize ? null : page.after;
  } while (after !== null && rows.length < mostRows);
  return rows;
}

/** What a download of each list holds. */
export function rowsOf(list: Downloadable): Promise<readonly object[]> {
  switch (list) {
    case 'open':
      return everyRow((paging) => rest.orders(paging));
    case 'history':
      return everyRow((paging) => rest.orders({ status: ['all'], ...paging }));
    case 'fills':
      return everyRow((paging) => rest.fills({ product_id: product.value!.id, ...paging }));
    case 'balances':
      return Promise.resolve([...accounts.value, ...positions.value]);
    case 'ledger':
      return shownAccount === ''
        ? Promise.resolve([])
        : everyRow((paging) => rest.ledger(shownAccount, paging));
  }
}
