import test from 'ava';
import { encodeCommand } from '../../../core/wire/commands.ts';
import { eventsId, GapError, readEventsEntry, reportsAfter } from '../../../core/wire/events.ts';
import { productCommand } from '../../support/commands.ts';

const text = [5, 6, 7].map((sequence) => `${sequence} ok - 0 ${encodeCommand(productCommand())}`).join('\n');
const entry = readEventsEntry([
  Buffer.from(eventsId(7)),
  ['first', '5', 'reports', text].map((field) => Buffer.from(field)),
]);
const after = (sequence: number): number[] => reportsAfter(sequence, entry).map((report) => report.sequence);

test('an entry knows its first and its last sequence', (t) => {
  t.deepEqual(entry, { id: '0-7', first: 5, last: 7, text: Buffer.from(text) });
});

test('an entry that goes on where a reader stands is read whole', (t) => {
  t.deepEqual(after(4), [5, 6, 7]);
});

test('what a reader has read of an entry is left out', (t) => {
  t.deepEqual(after(5), [6, 7]);
  t.deepEqual(after(7), []);
  t.deepEqual(after(90), []);
});

test('an entry that begins too late is a gap that names what is missing', (t) => {
  const error = t.throws(() => after(2), { instanceOf: GapError });
  t.like(error, {
    name: 'GapError',
    expected: 3,
    found: 5,
    message: 'the events stream lacks sequences 3 to 4',
  });
});
