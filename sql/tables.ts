// The tables that are partitioned by sequence, once. `add_partition` in the migrations names them too; a test compares them.

type Described = {
  /** The column with a row's sequence. */
  readonly sequence: string;
  /** What sorts rows the same every time. */
  readonly order: string;
  /** A replay reads it. */
  readonly isReplayed: boolean;
};

/** In the order in which the writer locks them. */
export const partitioned = {
  orders: { sequence: 'id', order: 'id', isReplayed: true },
  trades: { sequence: 'sequence', order: 'product_id, trade_id, sequence', isReplayed: true },
  commands: { sequence: 'sequence', order: 'sequence', isReplayed: true },
  ledger: { sequence: 'sequence', order: 'id, sequence', isReplayed: false },
  requests: { sequence: 'first_sequence', order: 'first_sequence', isReplayed: false },
} as const satisfies Record<string, Described>;

export type PartitionedTable = keyof typeof partitioned;
export const partitionedTables = Object.keys(partitioned) as readonly PartitionedTable[];

/** The sequences `from` to `below` - 1, a partition of each table. */
export type Partition = { readonly from: number; readonly below: number };

/** The name of a partition of a table, as `add_partition` gives it. */
export function partitionName(table: PartitionedTable, { from }: Partition): string {
  return `${table}_${from}`;
}
