import { crc32 as zlibCrc32 } from 'node:zlib';
import test from 'ava';
import fc from 'fast-check';
import { BookBroken, checksumOf, createLevelBook } from '../../clients/typescript/src/book.ts';
import { crc32 } from '../../clients/typescript/src/crc32.ts';
import { seed } from '../support/seed.ts';

const head = { product_id: 'PIKACHU-USD', time: '2026-01-01T00:00:00.000Z' };
const snapshot = {
  ...{ type: 'snapshot' as const, ...head, sequence: 7 },
  bids: [
    ['4.00', '2'],
    ['3.99', '1'],
  ] as [string, string][],
  asks: [
    ['4.02', '5'],
    ['10.00', '1'],
  ] as [string, string][],
};
const update = (changes: ['buy' | 'sell', string, string][], sequence: number, checksum?: number) => ({
  ...{ type: 'l2update' as const, ...head, changes, sequence },
  ...(checksum === undefined ? {} : { checksum }),
});

test('a checksum is the CRC-32 of zlib', (t) => {
  const texts = fc.string({ unit: 'binary-ascii' });
  fc.assert(
    fc.property(texts, (text) => crc32(text) === zlibCrc32(text)),
    { seed },
  );
  t.is(crc32('123456789'), 0xcbf43926);
});

test('a book shows the best price first, also where prices have different numbers of digits', (t) => {
  const book = createLevelBook('PIKACHU-USD');
  book.apply(snapshot);
  book.apply(
    update(
      [
        ['sell', '9.50', '3'],
        ['buy', '4.01', '1'],
        ['buy', '3.99', '0'],
        ['buy', '1.00', '0'],
      ],
      9,
    ),
  );
  t.deepEqual(book.bids.best(9), [
    ['4.01', '1'],
    ['4.00', '2'],
  ]);
  t.deepEqual(book.asks.best(9), [
    ['4.02', '5'],
    ['9.50', '3'],
    ['10.00', '1'],
  ]);
  t.is(book.sequence, 9);
});

test('a checksum that agrees proves the book, one that does not breaks it until the next snapshot', (t) => {
  const book = createLevelBook('PIKACHU-USD');
  book.apply(snapshot);
  t.is(book.state, 'kept');
  const proof = checksumOf(
    [
      ['4.01', '1'],
      ['4.00', '2'],
      ['3.99', '1'],
    ],
    snapshot.asks,
  );
  book.apply(update([['buy', '4.01', '1']], 8, proof));
  t.is(book.state, 'proven');
  t.throws(() => book.apply(update([['buy', '4.01', '2']], 9, proof)), { instanceOf: BookBroken });
  t.is(book.state, 'empty');
  book.apply(update([['buy', '4.01', '3']], 10));
  t.is(book.state, 'empty');
  book.apply(snapshot);
  t.is(book.state, 'kept');
  t.is(book.bids.length, 2);
});

test('a book that goes back in its sequence is broken', (t) => {
  const book = createLevelBook('PIKACHU-USD');
  book.apply(snapshot);
  t.throws(() => book.apply(update([], 6)), { instanceOf: BookBroken });
});

test('messages of another product change nothing', (t) => {
  const book = createLevelBook('SQUIRTLE-USD');
  book.apply(snapshot);
  t.is(book.state, 'empty');
  t.is(book.bids.length, 0);
});

test('a book kept by changes equals one that is sorted anew', (t) => {
  const level = fc.tuple(fc.integer({ min: 1, max: 2_000 }), fc.integer({ min: 0, max: 3 }));
  fc.assert(
    fc.property(fc.array(level), (levels) => {
      const book = createLevelBook('PIKACHU-USD');
      book.apply({ ...snapshot, bids: [], asks: [] });
      const sizes = new Map<number, number>();
      for (const [ticks, size] of levels) {
        book.apply(update([['buy', (ticks / 100).toFixed(2), String(size)]], 8));
        sizes.set(ticks, size);
      }
      const expected = [...sizes]
        .filter(([, size]) => size > 0)
        .sort(([a], [b]) => b - a)
        .map(([ticks, size]) => [(ticks / 100).toFixed(2), String(size)]);
      t.deepEqual(book.bids.best(9_999) as unknown, expected);
    }),
    { numRuns: 50, seed },
  );
});
