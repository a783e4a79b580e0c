import test from 'ava';
import Koa from 'koa';
import { authenticate } from '../../../api/auth/authenticate.ts';
import { callerFor } from '../../../api/auth/caller.ts';
import type { Callers } from '../../../api/auth/callers.ts';
import { noLimits } from '../../../api/auth/limits.ts';
import { Unauthorized } from '../../../api/errors.ts';
import type { CallerHandler, PublicState } from '../../../api/http/context.ts';
import { answerErrors } from '../../../api/http/middleware/answer-errors.ts';
import { createRouteTable } from '../../../api/http/routes.ts';
import { createLog } from '../../../core/log.ts';
import { createClient } from '../../support/http.ts';

const shown = { tokenId: 1, keyId: null, personId: null };
const byToken: Callers['byToken'] = async (token) => {
  if (token !== 'known') throw new Unauthorized('Invalid token');
  return { caller: callerFor('trader', 7), shown, confirm: null };
};

const tellCaller: CallerHandler = (ctx) => {
  ctx.body = { caller: ctx.state.caller };
};

test('a handler that needs a caller is asked only with one, and fits no public route', async (t) => {
  const { forAll, forCallers, router } = createRouteTable({
    authenticate: authenticate({ callers: { byToken } as Callers, ownOrigins: new Set(), limits: noLimits }),
    limits: noLimits,
    record: (_ctx, next) => next(),
  });
  const mounted = [
    ['get', '/orders'],
    ['post', '/orders'],
    ['put', '/orders/:id'],
    ['delete', '/orders'],
  ] as const;
  for (const [method, path] of mounted) {
    forCallers[method](path, tellCaller);
    // @ts-expect-error: it needs a caller, and a public route has none
    t.throws(() => forAll[method](path, tellCaller), { message: / is not for everybody$/ });
  }
  forAll.get('/time', (ctx) => {
    ctx.body = { caller: 'nobody' };
  });
  t.throws(() => forAll.get('/forgotten', () => {}), {
    message: /does not say who may ask get \/forgotten$/,
  });
  t.throws(() => forCallers.get('/time', () => {}), { message: /has no permission to ask for$/ });

  const app = new Koa<PublicState>();
  app.use(answerErrors(createLog('test', 'silent'), { refusedByBacklog: () => {} }));
  app.use(router.routes());
  const server = app.listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const client = (token: string | null) => createClient(`http://127.0.0.1:${port}`, token, () => {});
  for (const [method, path] of mounted) {
    const statusFor = async (token: string | null) =>
      (await client(token).send(method.toUpperCase(), path)).status;
    t.deepEqual([await statusFor(null), await statusFor('other'), await statusFor('known')], [401, 401, 200]);
  }
  const { caller } = (await client('known').get('/orders')).body;
  t.deepEqual([caller.traderId, caller.role], [7, 'trader']);
  t.deepEqual((await client(null).get('/time')).body, { caller: 'nobody' });
});
