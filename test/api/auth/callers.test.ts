import test from 'ava';
import { ConnectionError, type DatabasePool } from 'slonik';
import { callerFor } from '../../../api/auth/caller.ts';
import type { Change } from '../../../api/auth/changes.ts';
import { createFindToken } from '../../../api/auth/tokens.ts';
import { createFindClientOid } from '../../../api/orders/client-oids.ts';
import { createLog } from '../../../core/log.ts';
import { tokenDigest } from '../../../sql/tokens.ts';

const digest = tokenDigest('token').toString('hex');
const trader = callerFor('trader', 7);
const row = {
  ...{ digest, tokenId: 1, traderId: 7, role: 'trader' },
  permissions: null,
  personId: null,
  expiresAt: null,
};

/** A pool whose queries the test answers, and counts. */
function fakePool(answer: () => unknown[]): { pool: DatabasePool; queries: () => number } {
  let queries = 0;
  const any = async (): Promise<unknown[]> => {
    queries++;
    return answer();
  };
  return { pool: { any } as unknown as DatabasePool, queries: () => queries };
}

/** Changes that the test tells, or that cannot be heard. */
function fakeChanges() {
  const follower = { onChange: (_: Change): void => {}, onReset: (): void => {} };
  const changes = {
    hears: true,
    isHearing: () => changes.hears,
    follow: (onChange: (change: Change) => void, onReset: () => void) =>
      Object.assign(follower, { onChange, onReset }),
  };
  return {
    changes,
    tell: (name: string) => follower.onChange({ kind: 'token', name }),
    reset: () => follower.onReset(),
  };
}

function findFrom(pool: DatabasePool, { changes } = fakeChanges()) {
  const find = createFindToken({ pool, changes });
  return async (token: string) => (await find(token)).caller;
}

function away(): never {
  throw new ConnectionError('connect ECONNREFUSED');
}

test.serial('a token is looked up once in ten seconds, and then again', async (t) => {
  t.teardown(mockNow(1_000_000));
  const { pool, queries } = fakePool(() => [row]);
  const find = findFrom(pool);
  t.deepEqual(await Promise.all([find('token'), find('token')]), [trader, trader]);
  await find('token');
  t.is(queries(), 1);
  clock += 10_001;
  await find('token');
  t.is(queries(), 2);
});

test.serial(
  'a token that is known goes on being good while the database is away; another does not become it',
  async (t) => {
    t.teardown(mockNow(2_000_000));
    let isAway = false;
    const { pool } = fakePool(() => (isAway ? away() : [row]));
    const find = findFrom(pool);
    await find('token');
    isAway = true;
    clock += 60_000;
    t.deepEqual(await find('token'), trader);
    await t.throwsAsync(find('another'), { instanceOf: ConnectionError });
  },
);

test.serial('a token that was withdrawn or has expired is refused', async (t) => {
  t.teardown(mockNow(3_000_000));
  let rows: unknown[] = [{ ...row, expiresAt: 3_005_000 }];
  const find = findFrom(fakePool(() => rows).pool);
  await find('token');
  clock += 5_000;
  await t.throwsAsync(find('token'), { message: 'Invalid token' });
  rows = [];
  clock += 10_000;
  await t.throwsAsync(find('token'), { message: 'Invalid token' });
});

test.serial('a change is looked up at once if it is heard, and within a second if not', async (t) => {
  t.teardown(mockNow(3_500_000));
  let rows: unknown[] = [row];
  const heard = fakeChanges();
  const find = findFrom(fakePool(() => rows).pool, heard);
  await find('token');
  rows = [];
  t.deepEqual(await find('token'), trader);
  heard.tell(digest);
  await t.throwsAsync(find('token'), { message: 'Invalid token' });

  rows = [row];
  await find('token');
  rows = [];
  heard.changes.hears = false;
  clock += 1_000;
  await t.throwsAsync(find('token'), { message: 'Invalid token' });

  rows = [row];
  heard.changes.hears = true;
  await find('token');
  rows = [];
  heard.reset();
  await t.throwsAsync(find('token'), { message: 'Invalid token' }, 'something may have been missed');
});

test.serial('what changes while it is looked up is not kept', async (t) => {
  t.teardown(mockNow(3_600_000));
  const heard = fakeChanges();
  let rows: unknown[] = [row];
  const find = findFrom(
    fakePool(() => {
      heard.tell(digest);
      return rows;
    }).pool,
    heard,
  );
  t.deepEqual(await find('token'), trader);
  rows = [];
  await t.throwsAsync(find('token'), { message: 'Invalid token' });
});

test.serial(
  'client order ids of one moment are asked for together, and not at all while the database is away',
  async (t) => {
    t.teardown(mockNow(4_000_000));
    let isAway = false;
    const { pool, queries } = fakePool(() => (isAway ? away() : [{ place: 2, orderId: 9 }]));
    const find = createFindClientOid(pool, createLog('test', 'silent'));
    const oid = { traderId: 1, clientOid: 'a' };
    t.deepEqual(await Promise.all([find(oid), find(oid)]), [null, 9]);
    t.is(queries(), 1);
    isAway = true;
    t.is(await find(oid), null);
    t.is(await find(oid), null);
    t.is(queries(), 2);
    isAway = false;
    clock += 1_001;
    t.is(await find(oid), null, 'nobody waits to learn that it is back');
    await new Promise((resolve) => setTimeout(resolve, 10));
    t.deepEqual(await Promise.all([find(oid), find(oid)]), [null, 9]);
    t.is(queries(), 4);
  },
);

let clock = 0;
const realNow = Date.now;

/** These tests only wait for promises, so they may have a clock to themselves one after the other. */
function mockNow(now: number): () => void {
  clock = now;
  Date.now = () => clock;
  return () => {
    Date.now = realNow;
  };
}
