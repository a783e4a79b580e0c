import test from 'ava';
import { createVerdicts, type Verdicts } from '../../../api/shard/verdicts.ts';
import { sleep } from '../../../core/lifecycle.ts';
import { noRules } from '../../../core/product.ts';
import { decodeReports } from '../../../core/wire/decode-reports.ts';
import { eventsId } from '../../../core/wire/events.ts';
import type { Report } from '../../../core/wire/reports.ts';

function report(sequence: number): Report {
  const row = { productId: 'A-USD', status: 'online', version: 1, funding: null, rules: noRules } as const;
  const command = { kind: 'product', ...row, time: 1, requestId: null } as const;
  return {
    sequence,
    command,
    rejectReason: null,
    productId: null,
    feedSequence: 0,
    events: [],
    accounts: [],
  };
}

/** One run, which ends with the entry's last sequence. */
function deliver(verdicts: Verdicts, first: number, last = first): void {
  let text = '';
  for (let sequence = first; sequence <= last; sequence++)
    text += `${sequence} ok - 0 product A-USD online 1 - 1 -\n`;
  const entry = { id: eventsId(last), first, last, text: Buffer.from(text) };
  verdicts.reports(decodeReports(entry.text), entry);
}

/** The answer if it is there already, or `'waits'`. */
function now<T>(answer: Promise<T>): Promise<T | 'waits'> {
  return Promise.race([answer, sleep(0).then(() => 'waits' as const)]);
}

test('a verdict that is asked for before its report comes is answered with it', async (t) => {
  const verdicts = createVerdicts({ waitTimeoutMs: 5_000 });
  const answer = verdicts.verdict(7);
  deliver(verdicts, 6);
  t.is(await now(answer), 'waits');
  deliver(verdicts, 7);
  t.deepEqual(await answer, report(7));
  verdicts.close();
});

test('a verdict that is asked for after its report came is answered at once', async (t) => {
  const verdicts = createVerdicts({ waitTimeoutMs: 5_000 });
  deliver(verdicts, 7);
  t.deepEqual(await now(verdicts.verdict(7)), report(7));
  t.deepEqual(await now(verdicts.verdict(7)), report(7), 'and again');
});

test('at least the last reports are kept; older ones are null at once', async (t) => {
  const verdicts = createVerdicts({ waitTimeoutMs: 5_000, keep: 10 });
  for (let sequence = 1; sequence <= 25; sequence += 3) deliver(verdicts, sequence, sequence + 2);
  for (let sequence = 18; sequence <= 27; sequence++)
    t.deepEqual(await now(verdicts.verdict(sequence)), report(sequence));
  t.is(await now(verdicts.verdict(1)), null);
});

test('a thousand verdicts that never come are null after the timeout, each after its own', async (t) => {
  const verdicts = createVerdicts({ waitTimeoutMs: 100 });
  const start = performance.now();
  const early = Array.from({ length: 1_000 }, (_, i) => verdicts.verdict(i + 1));
  await sleep(50);
  const late = verdicts.verdict(2_000);
  t.deepEqual([...new Set(await Promise.all(early))], [null]);
  t.true(performance.now() - start >= 99);
  t.is(await now(late), 'waits');
  t.is(await late, null);
  t.true(performance.now() - start >= 149);
});

test('whoever waits for a report that was passed over has null at once, and all others go on waiting', async (t) => {
  const verdicts = createVerdicts({ waitTimeoutMs: 5_000 });
  const [passed, coming] = [verdicts.verdict(10), verdicts.verdict(11)];
  verdicts.reset(10);
  t.is(await now(passed), null);
  t.is(await now(coming), 'waits');
  t.is(await now(verdicts.verdict(3)), null);
  verdicts.close();
  t.is(await now(coming), null);
});

test('two who ask for the same verdict both have it', async (t) => {
  const verdicts = createVerdicts({ waitTimeoutMs: 5_000 });
  const answers = [verdicts.verdict(1), verdicts.verdict(1)];
  deliver(verdicts, 1);
  t.deepEqual(await Promise.all(answers), [report(1), report(1)]);
});
