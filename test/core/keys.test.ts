import test from 'ava';
import { accountKey, bookKey, clientOidKey, shardKeys, transferKey } from '../../core/keys.ts';
import { firstSequenceOf, shardNumberOf } from '../../core/order.ts';

const keys = [
  ...Object.values(shardKeys('main')),
  bookKey('main', 'A-USD', 'bids'),
  bookKey('main', 'A-USD', 'asks'),
  clientOidKey('main', 7, 'a'),
  accountKey('main', 7),
  transferKey('main', 't-1'),
];

test('every key of a shard carries its hash tag, so that a cluster keeps them together', (t) => {
  for (const key of keys) t.true(key.startsWith('{main}:'), key);
});

test('no two keys are the same', (t) => {
  t.is(new Set(keys).size, keys.length);
});

test('a shard counts from a start of its own and stays below 2^53', (t) => {
  t.is(firstSequenceOf(0), 1);
  t.is(firstSequenceOf(1), 2 ** 44 + 1);
  t.is(shardNumberOf(firstSequenceOf(3)), 3);
  t.is(shardNumberOf(firstSequenceOf(4) - 2), 3);
  t.true(Number.isSafeInteger(firstSequenceOf(511) + 2 ** 44 - 2));
});
