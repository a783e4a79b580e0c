import { isIP } from 'node:net';
import { newToken, tokenDigest } from '../../../sql/tokens.ts';
import type { Api } from '../../api.ts';
import { BadRequest, Forbidden, NotFound } from '../../errors.ts';
import { readBody } from '../../http/body.ts';
import type { CallerContext, PublicContext } from '../../http/context.ts';
import { jsonBody } from '../../http/middleware/json-body.ts';
import type { RouteTable } from '../../http/routes.ts';
import { logIn } from '../people/log-in.ts';
import {
  endSessions,
  insertSession,
  listSessions,
  type NewSession,
  type SessionOwner,
} from '../queries/sessions.ts';
import { demoBody, newSessionBody } from './body.ts';
import { clearCookie, setCookie } from './cookie.ts';
import { logInByKey } from './log-in-by-key.ts';
import { presentSession } from './presentation.ts';

export function sessionRoutes({ forAll, forCallers }: RouteTable, api: Api): void {
  forAll.post('/sessions', jsonBody(), (ctx) => postSession(api, ctx));
  forAll.post('/sessions/demo', jsonBody({ optional: true }), (ctx) => postDemo(api, ctx));
  forCallers.get('/sessions', async (ctx) => {
    const sessions = await listSessions(api.pool, ownerOf(ctx));
    ctx.body = sessions.map((row) => presentSession(row, ctx.state.claim.shown.tokenId));
  });
  forCallers.get('/sessions/current', (ctx) => getCurrent(api, ctx));
  forCallers.delete('/sessions/current', async (ctx) => {
    const { tokenId } = ctx.state.claim.shown;
    if (tokenId === null) throw new BadRequest('The request carries no session');
    clearCookie(api, ctx);
    ctx.body = (await endSessions(api.pool, ownerOf(ctx), tokenId)).map(String);
  });
  forCallers.delete('/sessions/:id', (ctx) => deleteSession(api, ctx));
  forCallers.delete('/sessions', async (ctx) => {
    clearCookie(api, ctx);
    ctx.body = (await endSessions(api.pool, ownerOf(ctx), null)).map(String);
  });
}

type Who = Pick<NewSession, 'role' | 'traderId' | 'permissions' | 'personId' | 'keyId'>;

/** Every login draws a token of its own, whatever the request carried. */
async function answerSession(api: Api, ctx: PublicContext, who: Who): Promise<void> {
  const token = newToken();
  const row = await insertSession(api.pool, {
    ...who,
    digest: tokenDigest(token),
    address: isIP(ctx.ip) ? ctx.ip : null,
    agent: ctx.get('user-agent').slice(0, 200) || null,
    hours: api.config.sessionHours,
  });
  setCookie(api, ctx, token, new Date(row.expiresAt!));
  ctx.set('Cache-Control', 'no-store');
  ctx.body = { token, ...presentSession(row, row.tokenId) };
}

async function postSession(api: Api, ctx: PublicContext): Promise<void> {
  const body = readBody(newSessionBody, ctx.request.body);
  if ('key' in body) return answerSession(api, ctx, await logInByKey(api, body, ctx.ip));
  const { role, traderId, personId } = await logIn(api, body, ctx.ip);
  return answerSession(api, ctx, { role, traderId, personId, permissions: null, keyId: null });
}

const localHost = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/;
const mostDemoTraders = 10;

/** One click logs in as one of the first traders, where the exchange is for its user alone. Another site's page cannot do it. */
async function postDemo(api: Api, ctx: PublicContext): Promise<void> {
  if (!api.config.demoLogin) throw new NotFound();
  const { host = '', origin } = ctx.req.headers;
  if (!localHost.test(host) || (origin !== undefined && origin !== `http://${host}`))
    throw new Forbidden('A demo session may be had from this machine only');
  const { trader_id: traderId } = readBody(demoBody, ctx.request.body ?? {});
  if (traderId > mostDemoTraders) throw new BadRequest(`Invalid trader_id: must be 1 to ${mostDemoTraders}`);
  return answerSession(api, ctx, {
    ...{ role: 'trader', traderId, permissions: null, personId: null, keyId: null },
  });
}

function ownerOf(ctx: CallerContext): SessionOwner {
  const { personId, tokenId } = ctx.state.claim.shown;
  return { traderId: ctx.state.caller.traderId, personId, tokenId };
}

/** Who the caller is, for a page that was opened with a cookie. */
async function getCurrent(api: Api, ctx: CallerContext): Promise<void> {
  const { tokenId } = ctx.state.claim.shown;
  const sessions = tokenId === null ? [] : await listSessions(api.pool, ownerOf(ctx));
  const current = sessions.find((row) => row.tokenId === tokenId);
  if (!current) throw new BadRequest('The request carries no session');
  ctx.body = presentSession(current, tokenId);
}

async function deleteSession(api: Api, ctx: CallerContext): Promise<void> {
  const id = ctx.params.id!;
  const ended = /^[1-9]\d{0,8}$/.test(id) ? await endSessions(api.pool, ownerOf(ctx), Number(id)) : [];
  if (ended.length === 0) throw new NotFound();
  ctx.body = ended.map(String);
}
