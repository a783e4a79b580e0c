import type { Api } from '../api.ts';
import { NotFound } from '../errors.ts';
import { readBody } from '../http/body.ts';
import type { PublicContext } from '../http/context.ts';
import { jsonBody } from '../http/middleware/json-body.ts';
import { pagePolicy } from '../http/middleware/page-policy.ts';
import type { RouteTable } from '../http/routes.ts';
import { sendBuilt } from '../page/send-built.ts';
import { newLinkBody } from './body.ts';
import { codePattern, linkTo, targetOf } from './links.ts';
import { findTarget } from './queries/links.ts';

const mostMebibytes = 1 / 64;

/** Short links to what the page can show. */
export function linkRoutes({ forAll, forCallers }: RouteTable, api: Api): void {
  const { publicUrl } = api.config;
  forCallers.post('/links', jsonBody({ mebibytes: mostMebibytes }), async (ctx) => {
    const target = await targetOf(api, readBody(newLinkBody, ctx.request.body));
    const code = await linkTo(api.pool, ctx.state.caller.traderId!, target);
    ctx.body = { code, url: `${publicUrl ?? `${ctx.protocol}://${ctx.host}`}/s/${code}` };
  });
  forAll.get('/s/:code', pagePolicy, async (ctx) => {
    const code = ctx.params.code!;
    const target = codePattern.test(code) ? await findTarget(api.readsOf('public'), code) : null;
    if (target === null) return answerUnknown(ctx);
    ctx.redirect(`/#/${target}`);
  });
}

/** Whoever follows a link in a browser is shown the page, which says that there is no such link. */
async function answerUnknown(ctx: PublicContext): Promise<void> {
  if (ctx.accepts('json', 'html') !== 'html') throw new NotFound();
  await sendBuilt(ctx, 'index.html');
  ctx.status = 404;
}
