import type { Api } from '../../api.ts';
import { BadRequest, Forbidden, NotFound, Unavailable } from '../../errors.ts';
import { readBody } from '../../http/body.ts';
import type { CallerContext, CallerHandler } from '../../http/context.ts';
import { jsonBody } from '../../http/middleware/json-body.ts';
import { readQuery } from '../../http/query.ts';
import type { CallerRoutes } from '../../http/routes.ts';
import { readScope } from '../../http/scope.ts';
import type { Caller } from '../caller.ts';
import { permissionsOf } from '../permissions.ts';
import { type KeyOwner, listKeys, revokeKey } from '../queries/keys.ts';
import { refuseUnknownTrader, traderOf } from '../traders.ts';
import { type NewKeyBody, newKeyBody } from './body.ts';
import { createKey, mostKeys } from './create-key.ts';
import { presentKey, presentNewKey } from './presentation.ts';

export function keyRoutes(routes: CallerRoutes, api: Api): void {
  routes.get('/users/self/verify', (ctx) => {
    const { traderId, role } = ctx.state.caller;
    ctx.body = { id: String(traderId ?? role) };
  });
  routes.get('/api-keys', async (ctx) => {
    ctx.body = (await listKeys(api.pool, keysAskedFor(api, ctx))).map(presentKey);
  });
  routes.post('/api-keys', jsonBody(), postKey(api));
  routes.delete('/api-keys/:id', async (ctx) => {
    const id = ctx.params.id!;
    const row = /^[1-9]\d{0,8}$/.test(id)
      ? await revokeKey(api.pool, Number(id), keysAskedFor(api, ctx))
      : null;
    if (!row) throw new NotFound();
    ctx.body = presentKey(row);
  });
}

function postKey(api: Api): CallerHandler {
  return async (ctx) => {
    const { caller } = ctx.state;
    const body = readBody(newKeyBody, ctx.request.body);
    const owner = ownerOf(caller, body);
    if (owner.traderId !== null) await refuseUnknownTrader(api, caller, owner.traderId);
    refuseMore(caller, owner, body);
    if (!api.sealing) throw new Unavailable('The server has no SECRETS_KEY, so it keeps no API keys');
    const made = await createKey(api.pool, api.sealing, {
      ...owner,
      label: body.label,
      permissions: [...new Set(body.permissions)],
      allowedAddresses: body.allowed_addresses,
      expiresAt: body.expires_at ?? null,
    });
    if (!made) throw new BadRequest(`There are ${mostKeys} keys already; revoke one first`);
    ctx.body = presentNewKey(made);
  };
}

/** A trader's own keys; for staff those of the trader they name, or of staff. */
function keysAskedFor(api: Api, ctx: CallerContext): KeyOwner {
  const { caller } = ctx.state;
  const { traderId: named } = readScope(api.catalogue, readQuery(ctx.querystring), undefined);
  if (caller.traderId === null && named === null) return { role: caller.role, traderId: null };
  return { role: 'trader', traderId: traderOf(caller, named) };
}

function ownerOf(caller: Caller, { role, trader_id }: NewKeyBody): KeyOwner {
  if (role === undefined || role === 'trader')
    return { role: 'trader', traderId: traderOf(caller, trader_id) };
  if (caller.role !== 'operator') throw new Forbidden('Only an operator makes keys for staff');
  if (trader_id !== undefined) throw new BadRequest('Invalid trader_id: staff have none');
  return { role, traderId: null };
}

/** Nobody gives more than they may do themselves, or than the owner may. */
function refuseMore(caller: Caller, { role }: KeyOwner, { permissions }: NewKeyBody): void {
  const excess = permissions.find(
    (permission) => !caller.permissions.has(permission) || !permissionsOf[role].has(permission),
  );
  if (excess !== undefined) throw new BadRequest(`Invalid permissions: ${excess} is not yours to give`);
}
