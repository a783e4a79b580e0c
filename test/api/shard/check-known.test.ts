import test from 'ava';
import { checkKnown } from '../../../api/shard/check-known.ts';
import { createKnown } from '../../../core/known.ts';

/** Why the shard was stopped by an answer of Redis, if it was; `meanwhile` is reported while the answer is on its way. */
async function stoppedBy(given: { answer: number | null; meanwhile?: number }): Promise<readonly string[]> {
  const { answer, meanwhile = 0 } = given;
  const known = createKnown();
  known.reaches(100);
  const reasons: string[] = [];
  const sequence = async (): Promise<number | null> => {
    known.reaches(meanwhile);
    return answer;
  };
  await checkKnown({ sequence }, known, { stop: ({ message }) => reasons.push(message) });
  return reasons;
}

test('a Redis that is below what the process has seen stops the shard', async (t) => {
  t.deepEqual(await stoppedBy({ answer: 99 }), ['Redis is at 99, and was at 100']);
});

test('a Redis that is where it was, or further, does not', async (t) => {
  for (const answer of [100, 101, null]) t.deepEqual(await stoppedBy({ answer }), [], String(answer));
});

test('what was reported while Redis answered is no proof against it', async (t) => {
  t.deepEqual(await stoppedBy({ answer: 100, meanwhile: 105 }), []);
});
