import type { Side } from '@cardstock/client/types';
import { trimZeros } from '../money/decimal.ts';
import { grouped } from '../money/format.ts';
import { show } from '../state/products.ts';
import type { Column } from './table.tsx';

export const sideCell = (side: Side) => <span class={side}>{side}</span>;

/** The name of a product, which leads there. */
export const productColumn = <T extends { product_id: string }>(): Column<T> => ({
  name: 'Product',
  cell: ({ product_id }) => (
    <button type="button" class="link" onClick={() => show(product_id)}>
      {product_id}
    </button>
  ),
});

export const amount = (text: string | undefined) => (text === undefined ? '—' : grouped(trimZeros(text)));
