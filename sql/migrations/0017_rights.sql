-- A writer adds partitions without owning the tables, and nobody else may.
alter function add_partition(bigint, bigint) security definer;
alter function add_partition(bigint, bigint) set search_path from current;
revoke execute on function add_partition(bigint, bigint) from public;
revoke execute on function add_partitions_of(text[], bigint, bigint) from public;
