import test from 'ava';
import fc from 'fast-check';
import { Words } from '../../../core/wire/words.ts';
import { seed } from '../../support/seed.ts';

test('numbers keep all their digits', (t) => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeInteger()), (numbers) => {
      const words = new Words(numbers.join(' '));
      t.deepEqual(
        numbers.map(() => words.number()),
        numbers,
      );
      t.true(words.atEnd());
    }),
    { seed },
  );
});

test('spaces and newlines divide words, whatever is in them', (t) => {
  const words = new Words('a-b \u{1F0CF}\n-\n-1 - x');
  t.is(words.text(), 'a-b');
  t.is(words.text(), '\u{1F0CF}');
  t.is(words.textOrNull(), null);
  t.is(words.numberOrNull(), -1);
  t.is(words.numberOrNull(), null);
  t.is(words.textOrNull(), 'x');
  t.true(words.atEnd());
});

test('one word that begins like another is not the other', (t) => {
  const list = ['sell', 'seller', 'se'] as const;
  const words = new Words('seller se sell\nsells');
  t.deepEqual([words.oneOf(list), words.oneOf(list), words.oneOf(list)], ['seller', 'se', 'sell']);
  t.is(words.oneOf(list), null);
  t.is(words.text(), 'sells');
});

test('the rest of a line ends before the next', (t) => {
  const words = new Words('a b c\nd e');
  t.is(words.text(), 'a');
  t.is(words.rest(), 'b c');
  t.is(words.rest(), 'd e');
  t.true(words.atEnd());
});

test('what is no number, and no word of a list, is an error that shows it', (t) => {
  t.throws(() => new Words('12x').number(), { message: 'not a number: 12x' });
  t.throws(() => new Words('buy low').among(['sell', 'hold']), { message: 'none of sell, hold: buy low' });
});

test('at a number is at a digit', (t) => {
  t.true(new Words('7').atNumber());
  for (const text of ['', '-7', 'x', '\n', ':']) t.false(new Words(text).atNumber());
});
