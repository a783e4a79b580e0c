import { randomBytes } from 'node:crypto';
import { tokenDigest } from '../../../sql/tokens.ts';
import type { Api } from '../../api.ts';
import { BadRequest, NotFound, Unavailable } from '../../errors.ts';
import { readBody } from '../../http/body.ts';
import type { CallerContext, PublicContext } from '../../http/context.ts';
import { jsonBody } from '../../http/middleware/json-body.ts';
import type { RouteTable } from '../../http/routes.ts';
import { hashPassword } from '../hashing.ts';
import { findPerson, findPersonByName, setPassword, useReset } from '../queries/people.ts';
import { refuseUnknownTrader } from '../traders.ts';
import { nameField, resetBody, resetLinkBody, resetRequestBody } from './body.ts';
import { createMail, mailResetLater, newReset } from './resets.ts';
import { addPerson, presentPerson } from './routes.ts';

export function resetRoutes({ forAll, forCallers }: RouteTable, api: Api): void {
  const mail = createMail(api.config);
  forAll.post('/password-resets', jsonBody(), async (ctx) => {
    const { name } = readBody(resetRequestBody, ctx.request.body);
    if (!mail) throw new Unavailable('The exchange sends no mail; ask an operator for a link');
    await api.attempts.attempt(name, ctx.ip);
    mailResetLater(api, mail, name);
    ctx.status = 202;
    ctx.body = { status_message: 'If there is such a person, a link is on its way' };
  });
  forAll.post('/password-resets/redeem', jsonBody(), (ctx) => redeem(api, ctx));
  forCallers.post('/people/:name/password-resets', jsonBody({ optional: true }), (ctx) => makeLink(api, ctx));
}

async function redeem(api: Api, ctx: PublicContext): Promise<void> {
  const { token, password } = readBody(resetBody, ctx.request.body);
  await api.attempts.attempt('', ctx.ip);
  const hashed = await hashPassword(password.normalize('NFKC'));
  const personId = await useReset(api.pool, tokenDigest(token));
  const person = personId === null ? null : await findPerson(api.pool, personId);
  if (!person) throw new BadRequest('Invalid token: it was used, or is too old');
  await setPassword(api.pool, person.personId, hashed, null);
  await api.attempts.succeeded('', ctx.ip);
  ctx.body = presentPerson(person);
}

/** An operator passes the link on. For a trader who never had a name it makes one. */
async function makeLink(api: Api, ctx: CallerContext): Promise<void> {
  const name = readBody(nameField, ctx.params.name);
  const { trader_id: traderId } = readBody(resetLinkBody, ctx.request.body ?? {});
  let person = await findPersonByName(api.pool, name);
  if (!person && traderId !== undefined) {
    await refuseUnknownTrader(api, ctx.state.caller, traderId);
    const password = randomBytes(32).toString('base64');
    person = await addPerson(api, { name, role: 'trader', traderId, password });
  }
  if (!person) throw new NotFound();
  ctx.body = { ...presentPerson(person), ...(await newReset(api, person.personId)) };
}
