import test from 'ava';
import Koa from 'koa';
import { authenticate } from '../../../api/auth/authenticate.ts';
import type { CallerHandler, PublicState } from '../../../api/http/context.ts';
import { Unauthorized } from '../../../api/http/errors.ts';
import { answerErrors } from '../../../api/http/middleware/answer-errors.ts';
import { createRouteTable } from '../../../api/http/routes.ts';
import { createLog } from '../../../core/log.ts';
import { createClient } from '../../support/http.ts';

const tellCaller: CallerHandler = (ctx) => {
  ctx.body = { caller: ctx.state.caller };
};

test('a handler that needs a caller is asked only with one, and fits no public route', async (t) => {
  const { forAll, forCallers, router } = createRouteTable(
    authenticate(async (token) => {
      if (token !== 'known') throw new Unauthorized('Invalid token');
      return { traderId: 7 };
    }),
  );
  for (const method of ['get', 'post', 'put', 'delete'] as const) {
    forCallers[method]('/private', tellCaller);
    // @ts-expect-error: it needs a caller, and a public route has none
    forAll[method]('/mistake', tellCaller);
  }
  forAll.get('/public', (ctx) => {
    ctx.body = { caller: 'nobody' };
  });

  const app = new Koa<PublicState>();
  app.use(answerErrors(createLog('test', 'silent'), { refusedByBacklog: () => {} }));
  app.use(router.routes());
  const server = app.listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const client = (token: string | null) => createClient(`http://127.0.0.1:${port}`, token);
  for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
    const statusFor = async (token: string | null) => (await client(token).send(method, '/private')).status;
    t.deepEqual([await statusFor(null), await statusFor('other'), await statusFor('known')], [401, 401, 200]);
  }
  t.deepEqual((await client('known').get('/private')).body, { caller: { traderId: 7 } });
  t.deepEqual((await client(null).get('/public')).body, { caller: 'nobody' });
});
