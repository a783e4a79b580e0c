import type { List } from '../state/orders.ts';
import { type Column, Table } from './table.tsx';

type ListedProps<T> = {
  readonly list: List<T>;
  readonly columns: readonly Column<T>[];
  readonly empty: string;
  readonly more: () => Promise<void>;
  readonly keyOf: (row: T) => string;
};

/** A table of a list, which grows to what is older. */
export function Listed<T>({ list, columns, empty, more, keyOf }: ListedProps<T>) {
  if (list.state === 'failed' && list.rows.length === 0) return <p class="empty">{list.error}</p>;
  if (list.rows.length === 0) return <p class="empty">{list.state === 'there' ? empty : 'Loading…'}</p>;
  return (
    <>
      <Table rows={list.rows} columns={columns} keyOf={keyOf} />
      {list.after !== null && (
        <button type="button" class="plain more-rows" onClick={() => void more()}>
          Load older
        </button>
      )}
    </>
  );
}
