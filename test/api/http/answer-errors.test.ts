import test from 'ava';
import { pino } from 'pino';
import { InvalidToken } from '../../../api/errors.ts';
import { answerErrors } from '../../../api/http/middleware/answer-errors.ts';
import { SubmitError } from '../../../matcher/client.ts';

type Line = {
  readonly msg: string;
  readonly request_id?: string;
  readonly address?: string;
  readonly untold?: number;
};

/** What is logged about requests that fail in the same way, one after the other. */
async function logged(error: Error, requests: number): Promise<Line[]> {
  return (await answered(error, requests)).lines;
}

async function answered(error: Error, requests: number): Promise<{ lines: Line[]; bodies: unknown[] }> {
  const lines: Line[] = [];
  const bodies: unknown[] = [];
  const log = pino({ base: null }, { write: (text: string) => lines.push(JSON.parse(text)) });
  const answer = answerErrors(log, { refusedByBacklog: () => {} });
  for (let i = 1; i <= requests; i++) {
    const state = { requestId: `request-${i}` };
    const ctx = { state, method: 'POST', path: '/orders', ip: '192.0.2.1', set: () => {} };
    await answer(ctx as never, async () => {
      throw error;
    });
    bodies.push((ctx as { body?: unknown }).body);
  }
  return { lines, bodies };
}

const idsOf = (lines: readonly Line[]) => lines.map(({ request_id }) => request_id);

test('every request whose commands may have been taken is logged by its id', async (t) => {
  const lines = await logged(new SubmitError(new Error('Connection is closed.')), 3);
  t.deepEqual(idsOf(lines), ['request-1', 'request-2', 'request-3']);
});

test('of requests that were not taken for one reason, one a second is logged', async (t) => {
  const lines = await logged(new SubmitError(new Error('BACKLOG too many commands wait')), 3);
  t.deepEqual(idsOf(lines), ['request-1']);
});

test('of failed logins one a second is logged, with whence it came', async (t) => {
  const lines = await logged(new InvalidToken(), 3);
  t.deepEqual(
    lines.map(({ address, request_id }) => [address, request_id]),
    [['192.0.2.1', 'request-1']],
  );
});

test('what nobody foresaw is logged by its request with its stack', async (t) => {
  const lines = await logged(new TypeError('unforeseen'), 2);
  t.deepEqual(idsOf(lines), ['request-1', 'request-2']);
  t.regex(JSON.stringify(lines), /answer-errors\.test\.ts/);
});

test('what nobody foresaw is answered without a word of what it was', async (t) => {
  const { bodies } = await answered(new TypeError('select password from people'), 1);
  t.deepEqual(bodies, [{ message: 'Internal server error' }]);
});
