import test from 'ava';
import type { Exchange } from '../../support/exchange.ts';
import type { Answer, Client } from '../../support/http.ts';
import { startTwoShards, type TwoShards } from '../../support/two-shards.ts';

let two: TwoShards;
let exchange: Exchange;
let operator: Client;
test.before(async () => {
  two = await startTwoShards();
  exchange = two.exchange;
  operator = exchange.operator;
});
test.after.always(() => two?.stop());

const traderId = 1;
const turns = [0, 1, 1, 0, 0, 1, 0, 1, 1];
const shardOf = (turn: number): string => [exchange.shard, two.second][turn]!;

/** Money in and an order that holds some, in each shard by turns. Their ids, the newest first. */
async function trade(): Promise<{ transfers: string[]; holds: string[] }> {
  const [transfers, holds]: string[][] = [[], []];
  for (const turn of turns) {
    const transfer_id = `in-${transfers!.length}`;
    const money = { trader_id: traderId, currency: 'USD', amount: '10', shard: shardOf(turn) };
    const deposit = await operator.post('/deposits', { ...money, transfer_id });
    const order = { trader_id: traderId, product_id: ['A-USD', 'B-USD'][turn], side: 'buy', price: '1' };
    const placed = await operator.post('/orders', { ...order, size: '2' });
    transfers!.unshift(deposit.body.id);
    holds!.unshift(placed.body.id);
  }
  return { transfers: transfers!, holds: holds! };
}

test('transfers, holds and the ledger of two shards come newest first, in pages that cursors lead through both ways', async (t) => {
  const { transfers, holds } = await trade();
  const account = `/accounts/${traderId}-USD`;
  const idsOf = ({ body }: Answer): string[] => body.map(({ id }: { id: string }) => id);
  const ledger = idsOf(await operator.get(`${account}/ledger`));
  t.is(ledger.length, turns.length);
  const lists: [path: string, ids: string[]][] = [
    [`/transfers?trader_id=${traderId}&limit=2`, transfers],
    [`${account}/transfers?limit=2`, transfers],
    [`${account}/holds?limit=2`, holds],
    [`${account}/ledger?limit=2`, ledger],
  ];
  for (const [path, ids] of lists) {
    const down: string[] = [];
    let page = await operator.get(path);
    const top = page.headers.get('cb-before');
    let bottom: string | null = null;
    while (page.body.length > 0) {
      down.push(...idsOf(page));
      bottom = page.headers.get('cb-after');
      page = await operator.get(`${path}&after=${bottom}`);
    }
    t.deepEqual(down, ids, path);
    t.is(page.headers.get('cb-after'), null);
    const up: string[] = [];
    for (let at = bottom; ; at = page.headers.get('cb-before')) {
      page = await operator.get(`${path}&before=${at}`);
      if (page.body.length === 0) break;
      up.unshift(...idsOf(page));
    }
    t.deepEqual(up, ids.slice(0, -1), path);
    t.deepEqual(idsOf(await operator.get(`${path}&before=${top}`)), []);
  }
  t.deepEqual(await inGraphql(4), ledger.slice(0, 4));
});

/** So many entries of the ledger, in pages of two. */
async function inGraphql(most: number): Promise<string[]> {
  const entries: string[] = [];
  for (let at = ''; entries.length < most; ) {
    const query = `{ viewer(traderId: "${traderId}") { accounts { currency
      ledger(first: 2${at}) { pageInfo { endCursor } edges { node { id } } } } } }`;
    const { body } = await operator.post('/graphql', { query });
    const inUsd = body.data.viewer.accounts.find(({ currency }: { currency: string }) => currency === 'USD');
    const { edges, pageInfo } = inUsd.ledger;
    entries.push(...edges.map(({ node }: { node: { id: string } }) => node.id));
    at = `, after: "${pageInfo.endCursor}"`;
  }
  return entries;
}
