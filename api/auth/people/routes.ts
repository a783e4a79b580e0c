import type { Api } from '../../api.ts';
import { BadRequest, Forbidden } from '../../errors.ts';
import { readBody } from '../../http/body.ts';
import type { CallerContext, PublicContext, PublicHandler } from '../../http/context.ts';
import { jsonBody } from '../../http/middleware/json-body.ts';
import type { RouteTable } from '../../http/routes.ts';
import { claimNow } from '../authenticate.ts';
import { hashPassword } from '../hashing.ts';
import { recordOperations } from '../operations/record.ts';
import {
  findPerson,
  findPersonByName,
  insertPerson,
  type NewPerson,
  type PersonRow,
  setPassword,
} from '../queries/people.ts';
import { unknownTrader } from '../traders.ts';
import { newPasswordBody, newPersonBody } from './body.ts';
import { confirmPassword } from './log-in.ts';

export function peopleRoutes({ forAll, forCallers }: RouteTable, api: Api): void {
  forAll.post('/traders', jsonBody(), postTrader(api));
  forCallers.post('/password', jsonBody(), (ctx) => changePassword(api, ctx));
}

/** Anybody signs up as a trader, unless that is turned off; only an operator makes staff, or a login for a trader there is. */
function postTrader(api: Api): PublicHandler {
  const record = recordOperations(api.pool);
  return async (ctx) => {
    const { name, password, role, trader_id: traderId = null } = readBody(newPersonBody, ctx.request.body);
    if (role !== 'trader' && traderId !== null) throw new BadRequest('Invalid trader_id: staff have none');
    const add = async (): Promise<void> => {
      if (traderId !== null && !(await api.knownTraders.has(traderId))) throw unknownTrader(traderId);
      ctx.body = presentPerson(await addPerson(api, { name, role, traderId, password }));
    };
    if (api.config.signUp && role === 'trader' && traderId === null) {
      await api.attempts.signUp(ctx.ip);
      return add();
    }
    return record(await operatorsContext(api, ctx), add);
  };
}

async function operatorsContext(api: Api, ctx: PublicContext): Promise<CallerContext> {
  const claim = await claimNow(api, ctx);
  if (claim.caller.role !== 'operator' || !claim.caller.permissions.has('manage'))
    throw new Forbidden("An operator's token is required");
  Object.assign(ctx.state, { claim, caller: claim.caller });
  return ctx as CallerContext;
}

export async function addPerson(api: Api, person: NewPerson): Promise<PersonRow> {
  if (await findPersonByName(api.pool, person.name)) throw new BadRequest('Invalid name: it is taken');
  const password = await hashPassword(person.password.normalize('NFKC'));
  const added = await insertPerson(api.pool, { ...person, password });
  if (!added) throw new BadRequest('Invalid name: it is taken, or the trader has one');
  return added;
}

export function presentPerson({ name, role, traderId }: PersonRow) {
  return { ...(traderId === null ? {} : { trader_id: String(traderId) }), name, role };
}

/** The person who logged in. An API key, or a token of the command line, is nobody's. */
export async function personOf(api: Api, ctx: CallerContext): Promise<PersonRow> {
  const { personId } = ctx.state.claim.shown;
  const person = personId === null ? null : await findPerson(api.pool, personId);
  if (!person) throw new Forbidden('Log in by name and password to do this');
  return person;
}

async function changePassword(api: Api, ctx: CallerContext): Promise<void> {
  const body = readBody(newPasswordBody, ctx.request.body);
  const person = await personOf(api, ctx);
  await confirmPassword(api, person, body.old_password, ctx.ip);
  const password = await hashPassword(body.new_password.normalize('NFKC'));
  await setPassword(api.pool, person.personId, password, ctx.state.claim.shown.tokenId);
  ctx.body = presentPerson(person);
}
