import type { Api } from '../api.ts';
import { NotFound } from '../errors.ts';
import { readBody } from '../http/body.ts';
import type { CallerHandler } from '../http/context.ts';
import { setCursors } from '../http/cursors.ts';
import { jsonBody } from '../http/middleware/json-body.ts';
import { readPage, readQuery } from '../http/query.ts';
import type { RouteTable } from '../http/routes.ts';
import { namedProduct, productById } from '../products/named-product.ts';
import { type Announce, createAnnounce } from './announce.ts';
import { newMessageBody } from './body.ts';
import { presentMessage } from './presentation.ts';
import { listMessages, removeMessage } from './queries/messages.ts';
import { writeMessage } from './write.ts';

const usualPage = 50;
const mostMebibytes = 1 / 64;

/** The room of each product. */
export function messageRoutes({ forAll, forCallers }: RouteTable, api: Api): void {
  const announce = createAnnounce(api);
  forAll.get('/products/:id/messages', async (ctx) => {
    const { productId } = namedProduct(api, ctx);
    const page = readPage(readQuery(ctx.querystring), usualPage);
    const messages = await listMessages(api.readsOf('public'), productId, page);
    setCursors(ctx, messages, ({ messageId }) => messageId);
    ctx.body = messages.map(presentMessage);
  });
  forCallers.post(
    '/products/:id/messages',
    jsonBody({ mebibytes: mostMebibytes }),
    postMessage(api, announce),
  );
  forCallers.delete('/messages/:id', deleteMessage(api, announce));
}

function postMessage(api: Api, announce: Announce): CallerHandler {
  return async (ctx) => {
    const product = namedProduct(api, ctx);
    const { text } = readBody(newMessageBody, ctx.request.body);
    const traderId = ctx.state.caller.traderId!;
    const message = presentMessage(
      await writeMessage(api.pool, { productId: product.productId, traderId, text }),
    );
    await announce(product, message);
    ctx.body = message;
  };
}

function deleteMessage(api: Api, announce: Announce): CallerHandler {
  return async (ctx) => {
    const id = ctx.params.id!;
    const row = /^[1-9]\d{0,14}$/.test(id) ? await removeMessage(api.pool, Number(id)) : null;
    if (!row) throw new NotFound();
    const message = presentMessage(row);
    ctx.state.before = { text: row.said };
    await announce(productById(api, row.productId), message);
    ctx.body = { ...message, trader_id: String(row.traderId) };
  };
}
