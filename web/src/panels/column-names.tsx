/** Above rows that are no table, in three columns. */
export function ColumnNames({ names }: { readonly names: readonly [string, string, string] }) {
  return (
    <div class="ladder-head" aria-hidden="true">
      {names.map((name) => (
        <span key={name}>{name}</span>
      ))}
    </div>
  );
}
