import { randomBytes } from 'node:crypto';
import type { Sealing } from '../../core/sealing.ts';
import { webhookSealContext } from '../../core/webhooks.ts';
import type { Api } from '../api.ts';
import { refuseUnknownTrader, traderOf } from '../auth/traders.ts';
import { BadRequest, NotFound, Unavailable } from '../errors.ts';
import { readBody } from '../http/body.ts';
import type { CallerContext, CallerHandler } from '../http/context.ts';
import { jsonBody } from '../http/middleware/json-body.ts';
import { readQuery } from '../http/query.ts';
import type { CallerRoutes } from '../http/routes.ts';
import { readScope } from '../http/scope.ts';
import { newWebhookBody } from './body.ts';
import { presentDeadLetter, presentSecret, presentWebhook } from './presentation.ts';
import {
  deleteWebhook,
  enableWebhook,
  findWebhook,
  insertWebhook,
  listDeadLetters,
  listWebhooks,
  rotateSecret,
  type WebhookRow,
  type Whose,
  wantAgain,
} from './queries/webhooks.ts';
import { readTarget } from './target.ts';

const mostWebhooks = 10;
const mostLetters = 100;
const secretBytes = 32;

export function webhookRoutes(routes: CallerRoutes, api: Api): void {
  const onOne = (act: (whose: Whose) => Promise<WebhookRow | null>): CallerHandler => {
    return async (ctx) => {
      ctx.body = presentWebhook(there(await act(whoseOf(api, ctx))));
    };
  };
  routes.post('/webhooks', jsonBody(), postWebhook(api));
  routes.get('/webhooks', async (ctx) => {
    ctx.body = (await listWebhooks(api.pool, traderAskedFor(api, ctx))).map(presentWebhook);
  });
  routes.get(
    '/webhooks/:id',
    onOne((whose) => findWebhook(api.pool, whose)),
  );
  routes.delete(
    '/webhooks/:id',
    onOne((whose) => deleteWebhook(api.pool, whose)),
  );
  routes.post(
    '/webhooks/:id/enable',
    onOne((whose) => enableWebhook(api.pool, whose)),
  );
  routes.post('/webhooks/:id/secret', postSecret(api));
  routes.get('/webhooks/:id/dead-letters', async (ctx) => {
    const { webhookId } = there(await findWebhook(api.pool, whoseOf(api, ctx)));
    ctx.body = (await listDeadLetters(api.pool, webhookId, mostLetters)).map(presentDeadLetter);
  });
  routes.post('/webhooks/:id/dead-letters/:message', async (ctx) => {
    const { webhookId } = there(await findWebhook(api.pool, whoseOf(api, ctx)));
    ctx.body = presentDeadLetter(there(await wantAgain(api.pool, webhookId, ctx.params.message!)));
  });
}

function postWebhook(api: Api): CallerHandler {
  return async (ctx) => {
    const { caller } = ctx.state;
    const { url, events, trader_id } = readBody(newWebhookBody, ctx.request.body);
    const traderId = traderOf(caller, trader_id);
    await refuseUnknownTrader(api, caller, traderId);
    const sealing = sealingOf(api);
    const target = await readTarget(url, api.config.webhookAllowPrivate);
    const secret = randomBytes(secretBytes);
    const sealed = sealing.seal(secret, webhookSealContext(traderId));
    const webhook = { traderId, url: target, events: [...new Set(events)], sealed };
    const made = await insertWebhook(api.pool, webhook, mostWebhooks);
    if (!made) throw new BadRequest(`There are ${mostWebhooks} webhooks already; delete one first`);
    ctx.body = { ...presentWebhook(made), secret: presentSecret(secret) };
  };
}

function postSecret(api: Api): CallerHandler {
  return async (ctx) => {
    const whose = whoseOf(api, ctx);
    const secret = randomBytes(secretBytes);
    const sealed = sealingOf(api).seal(secret, webhookSealContext(whose.traderId));
    const row = there(await rotateSecret(api.pool, whose, sealed));
    ctx.body = { ...presentWebhook(row), secret: presentSecret(secret) };
  };
}

function sealingOf({ sealing }: Api): Sealing {
  if (!sealing) throw new Unavailable('The server has no SECRETS_KEY, so it keeps no webhooks');
  return sealing;
}

function there<T>(row: T | null): T {
  if (row === null) throw new NotFound();
  return row;
}

function traderAskedFor(api: Api, ctx: CallerContext): number {
  const { traderId } = readScope(api.catalogue, readQuery(ctx.querystring), undefined);
  return traderOf(ctx.state.caller, traderId);
}

function whoseOf(api: Api, ctx: CallerContext): Whose {
  const id = ctx.params.id!;
  if (!/^[1-9]\d{0,8}$/.test(id)) throw new NotFound();
  return { webhookId: Number(id), traderId: traderAskedFor(api, ctx) };
}
