import test from 'ava';
import { createTimeBudget } from '../../../api/market-data/time-budget.ts';

const isAbout = (ms: number, wanted: number): boolean => ms <= wanted && ms > wanted - 1_000;

test('behind what was spent lies four times as much', (t) => {
  const budget = createTimeBudget();
  t.is(budget.rest(), 0);
  budget.spent(5_000);
  t.true(isAbout(budget.rest(), 20_000));
  budget.spent(1_000);
  t.true(isAbout(budget.rest(), 24_000), 'the rests of two works lie behind each other');
});

test('what takes a moment asks for no rest', async (t) => {
  const budget = createTimeBudget();
  budget.spent(0.1);
  t.is(budget.rest(), 0);
  await budget.rested();
});
