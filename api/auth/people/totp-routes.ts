import type { Api } from '../../api.ts';
import { BadRequest, Unavailable } from '../../errors.ts';
import { readBody } from '../../http/body.ts';
import type { CallerContext } from '../../http/context.ts';
import { jsonBody } from '../../http/middleware/json-body.ts';
import type { CallerRoutes } from '../../http/routes.ts';
import { endTotp, offerTotp, startTotp } from '../queries/people.ts';
import { codeBody, passwordAndCodeBody, passwordBody } from './body.ts';
import { confirmPassword } from './log-in.ts';
import { personOf } from './routes.ts';
import { newRecoveryCodes, newTotpSecret, presentSecret, totpContext, useCode } from './totp.ts';

export function totpRoutes(routes: CallerRoutes, api: Api): void {
  routes.post('/totp', jsonBody(), (ctx) => offer(api, ctx));
  routes.post('/totp/confirm', jsonBody(), (ctx) => confirm(api, ctx));
  routes.delete('/totp', jsonBody(), (ctx) => remove(api, ctx));
}

async function offer(api: Api, ctx: CallerContext): Promise<void> {
  const { password } = readBody(passwordBody, ctx.request.body);
  const person = await personOf(api, ctx);
  await confirmPassword(api, person, password, ctx.ip);
  if (!api.sealing) throw new Unavailable('The server has no SECRETS_KEY, so it keeps no second factors');
  const secret = newTotpSecret();
  const sealed = api.sealing.seal(secret, totpContext(person.personId));
  if (!(await offerTotp(api.pool, person.personId, sealed)))
    throw new BadRequest('A second factor is on already; remove it first');
  ctx.body = presentSecret(secret, person.name);
}

/** It counts once the person has shown that the app has it. */
async function confirm(api: Api, ctx: CallerContext): Promise<void> {
  const { totp } = readBody(codeBody, ctx.request.body);
  const person = await personOf(api, ctx);
  if (person.totpIsOn) throw new BadRequest('A second factor is on already; remove it first');
  await api.attempts.attempt(person.name, ctx.ip);
  if (!(await useCode(api, person, totp))) throw new BadRequest('Invalid totp: it is not the code of now');
  await api.attempts.succeeded(person.name, ctx.ip);
  const { codes, digests } = newRecoveryCodes();
  await startTotp(api.pool, person.personId, digests);
  ctx.body = { recovery_codes: codes };
}

async function remove(api: Api, ctx: CallerContext): Promise<void> {
  const { password, totp } = readBody(passwordAndCodeBody, ctx.request.body);
  const person = await personOf(api, ctx);
  await confirmPassword(api, person, password, ctx.ip);
  await api.attempts.attempt(person.name, ctx.ip);
  if (!person.totpIsOn || !(await useCode(api, person, totp)))
    throw new BadRequest('Invalid totp: it is not the code of now');
  await api.attempts.succeeded(person.name, ctx.ip);
  await endTotp(api.pool, person.personId);
  ctx.body = { status_message: 'The second factor is off' };
}
