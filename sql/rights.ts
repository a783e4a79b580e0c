// What each process may do in PostgreSQL, and no more. A test trades with these roles; all others of whole exchanges do so too.

import { type Client, escapeIdentifier, escapeLiteral } from 'pg';

export const databaseProcesses = ['api', 'matcher', 'writer', 'notifier'] as const;
export type DatabaseProcess = (typeof databaseProcesses)[number];

export const roleOf = (process: DatabaseProcess): string => `cardstock_${process}`;

/** Tables and views by what is done with them. `changes` names the columns of a table where not all may be changed. */
type Rights = {
  readonly reads: readonly string[];
  readonly adds?: readonly string[];
  readonly changes?: Readonly<Record<string, '*' | readonly string[]>>;
  readonly removes?: readonly string[];
  readonly sequences?: readonly string[];
  readonly functions?: readonly string[];
};

const market = ['products', 'currencies', 'checkpoints'];
const history = ['orders', 'orders_now', 'trades', 'commands', 'ledger', 'requests', 'transfers'];

export const databaseRights: Readonly<Record<DatabaseProcess, Rights>> = {
  // Nothing of what the sequence says, and nothing of what operators did, can be changed by whoever takes requests.
  api: {
    reads: [
      ...[...market, ...history, 'accounts', 'archived_positions', 'archives', 'candles', 'client_oids'],
      ...[
        'feeds',
        'last_trades',
        'notices',
        'operations',
        'partitions',
        'traders',
        'people',
        'recovery_codes',
      ],
      ...[
        'password_resets',
        'api_keys',
        'tokens',
        'webhooks',
        'dead_letters',
        'messages',
        'links',
        'shard_transfers',
      ],
    ],
    adds: [
      ...['operations', 'traders', 'people', 'recovery_codes', 'password_resets', 'api_keys', 'tokens'],
      ...['webhooks', 'products', 'currencies', 'messages', 'links', 'shard_transfers'],
    ],
    changes: {
      traders: ['frozen_at', 'muted_at', 'author'],
      messages: ['text', 'removed_at'],
      shard_transfers: ['status', 'reject_reason', 'refused_refunds', 'finished_at', 'next_attempt_at'],
      people: '*',
      api_keys: '*',
      tokens: '*',
      webhooks: '*',
      dead_letters: ['wanted_again'],
      products: '*',
    },
    removes: ['tokens', 'recovery_codes', 'password_resets', 'webhooks'],
    sequences: ['trader_numbers'],
  },
  matcher: {
    reads: [...market, 'traders', 'halts'],
    changes: { products: ['status'] },
    removes: ['halts'],
  },
  writer: {
    reads: [
      ...market,
      ...history,
      'accounts',
      'candles',
      'client_oids',
      'feeds',
      'frozen_traders',
      'partitions',
      'webhooks',
    ],
    adds: [
      ...['orders', 'trades', 'commands', 'ledger', 'requests', 'transfers', 'accounts', 'candles'],
      ...['client_oids', 'feeds', 'frozen_traders', 'notices', 'halts'],
    ],
    changes: { checkpoints: ['sequence'], orders: '*', accounts: '*', candles: '*', feeds: '*' },
    removes: ['frozen_traders'],
    functions: ['add_partition(bigint, bigint)'],
  },
  notifier: {
    reads: [...market, ...history, 'notices', 'webhooks', 'dead_letters'],
    adds: ['dead_letters'],
    changes: { webhooks: '*', dead_letters: '*' },
    removes: ['notices', 'dead_letters'],
  },
};

export type Passwords = Readonly<Record<DatabaseProcess, string>>;

/** Makes the roles that are not there, with these passwords, and gives each what it needs in the schema, and no more there. */
export function rightsStatements(schema: string, passwords: Passwords): string[] {
  return databaseProcesses.flatMap((process) => [
    ...roleStatements(process, passwords[process]),
    ...grantStatements(schema, process),
  ]);
}

function roleStatements(process: DatabaseProcess, password: string): string[] {
  const role = roleOf(process);
  return [
    `do $$ begin if not exists (select from pg_roles where rolname = '${role}') then create role ${role}; end if; end $$`,
    `alter role ${role} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password ${escapeLiteral(password)}`,
    // What it says of the sessions of others makes up the metrics of the database.
    ...(process === 'api' ? [`grant pg_read_all_stats to ${role}`] : []),
  ];
}

function grantStatements(named: string, process: DatabaseProcess): string[] {
  const {
    reads,
    adds = [],
    changes = {},
    removes = [],
    sequences = [],
    functions = [],
  } = databaseRights[process];
  const [schema, role] = [escapeIdentifier(named), roleOf(process)];
  const grant = (right: string, on: readonly string[], kind = 'table'): string[] =>
    on.length === 0
      ? []
      : [`grant ${right} on ${kind} ${on.map((name) => `${schema}.${name}`).join(', ')} to ${role}`];
  return [
    ...['tables', 'sequences', 'functions'].map(
      (all) => `revoke all on all ${all} in schema ${schema} from ${role}`,
    ),
    `grant usage on schema ${schema} to ${role}`,
    ...[...grant('select', reads), ...grant('insert', adds), ...grant('delete', removes)],
    ...Object.entries(changes).flatMap(([table, columns]) =>
      grant(columns === '*' ? 'update' : `update (${columns.join(', ')})`, [table]),
    ),
    ...[...grant('usage', sequences, 'sequence'), ...grant('execute', functions, 'function')],
  ];
}

/** Two at once would change the same rows of the catalogue. */
const oneAtATime = "select pg_advisory_xact_lock(hashtextextended('rights of cardstock', 0))";

const inOneTransaction = (statements: readonly string[]): string =>
  ['begin', oneAtATime, ...statements, 'commit'].join(';\n');

/** By the owner of the tables. */
export async function giveRights(client: Client, schema: string, passwords: Passwords): Promise<void> {
  await client.query(inOneTransaction(rightsStatements(schema, passwords)));
}

/** Gives roles that have rights in the schema those that they need by now: a migration may have added tables. */
export async function renewRights(client: Client, schema: string): Promise<void> {
  const { rows } = await client.query<{ role: string }>(
    `select rolname as role from pg_roles
     where rolname = any($1) and has_table_privilege(oid, $2, 'select')`,
    [databaseProcesses.map(roleOf), `${escapeIdentifier(schema)}.checkpoints`],
  );
  const known = databaseProcesses.filter((process) => rows.some(({ role }) => role === roleOf(process)));
  if (known.length > 0)
    await client.query(inOneTransaction(known.flatMap((process) => grantStatements(schema, process))));
}
