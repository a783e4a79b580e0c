import test from 'ava';
import { oncePer } from '../../core/once-per.ts';

test('a value is made once for each object, also if it is empty', (t) => {
  const made: string[] = [];
  const textOf = oncePer(({ name }: { name: string }, suffix: string) => {
    made.push(name);
    return name && `${name}${suffix}`;
  });
  const [one, same, none] = [{ name: 'one' }, { name: 'one' }, { name: '' }];
  t.deepEqual(
    [one, one, same, none, none].map((key) => textOf(key, '!')),
    ['one!', 'one!', 'one!', '', ''],
  );
  t.deepEqual(made, ['one', 'one', '']);
});

test('what could not be made is made again', (t) => {
  let attempts = 0;
  const key = {};
  const make = oncePer((_key: object) => {
    attempts++;
    if (attempts === 1) throw new Error('not yet');
    return attempts;
  });
  t.throws(() => make(key), { message: 'not yet' });
  t.deepEqual([make(key), make(key)], [2, 2]);
});
