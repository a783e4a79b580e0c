import test from 'ava';
import { ConnectionError } from 'slonik';
import type { Api } from '../../../api/api.ts';
import { callerFor } from '../../../api/auth/caller.ts';
import { answerTo } from '../../../api/http/error-answers.ts';
import type { Shard } from '../../../api/shard/shard.ts';
import { createFindTransfer } from '../../../api/transfers/find-transfer.ts';
import { moveMoney } from '../../../api/transfers/move-money.ts';
import { readDeposit } from '../../../api/transfers/read-movement.ts';
import type { Deposit } from '../../../core/wire/commands.ts';
import type { Queries } from '../../../sql/with-timeout.ts';

const deposit: Deposit = {
  ...{ kind: 'deposit', traderId: 1, currency: 'USD', amount: 100, transferId: 'once' },
  ...{ time: 1_700_000_000_000, requestId: 'request' },
};

test('while PostgreSQL is away no money moves, and the answer is 503', async (t) => {
  const pool = {
    any: async () => {
      throw new ConnectionError('connect ECONNREFUSED');
    },
  } as unknown as Queries;
  const api = { findTransfer: createFindTransfer(pool) } as unknown as Api;
  const shard = { submit: () => t.fail('nothing may be submitted') } as unknown as Shard;
  const error = await t.throwsAsync(moveMoney(api, shard, deposit));
  const { status, message, headers } = answerTo(error);
  t.deepEqual([status, message, headers], [503, 'The database is away; ask again', { 'Retry-After': '1' }]);
});

test('a currency of several shards needs the shard to be named', async (t) => {
  const usd = { currency: 'USD', increment: { digits: 2, units: 1 }, shards: ['east', 'west'] };
  const api = {
    catalogue: { fundedCurrency: () => usd },
    shards: { named: (name: string) => ({ name }) },
    knownTraders: { has: async () => true, hasSeen: () => true },
  } as unknown as Api;
  const read = (shard?: string) =>
    readDeposit(api, { caller: callerFor('operator', null), requestId: 'r' }, 'deposit', {
      ...{ trader_id: 1, currency: 'USD', amount: '1.5', transfer_id: 'x', shard },
    });
  await t.throwsAsync(read(), { message: 'Invalid shard: required, since USD is in east and west' });
  await t.throwsAsync(read('north'), { message: 'Invalid shard: USD is in east and west' });
  const { command, shard } = await read('west');
  t.is(shard.name, 'west');
  t.like(command, { kind: 'deposit', traderId: 1, amount: 150, transferId: 'x', requestId: 'r' });
});
