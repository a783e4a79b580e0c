// Every route, asked by nobody and by every role with every permission, against the table that says who may.

import test from 'ava';
import {
  type Access,
  accessOf,
  type Permission,
  permissionsOf,
  type Role,
  type RouteName,
  roles,
} from '../../../api/auth/permissions.ts';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import { type ApiKey, signedHeaders } from '../../support/signed.ts';

let exchange: Exchange;
const keys = new Map<string, ApiKey>();

test.before(async () => {
  exchange = await startExchange();
  for (const role of roles)
    for (const permissions of setsOf(role)) {
      const whose = role === 'trader' ? { trader_id: 1 } : { role };
      const { body } = await exchange.operator.post('/api-keys', { ...whose, permissions });
      keys.set(`${role} ${permissions}`, body);
    }
});
test.after.always(() => exchange?.stop());

/** Each permission alone, and all that the role may have. */
function setsOf(role: Role): Permission[][] {
  const all = [...permissionsOf[role]];
  return [...all.map((permission) => [permission]), ...(all.length > 1 ? [all] : [])];
}

async function statusOf(name: RouteName, key: ApiKey | null): Promise<number> {
  const [method, pattern] = name.split(' ') as [string, string];
  // An id that nothing has: the first key is the one that asks.
  const target = pattern.replaceAll(/:\w+/g, '999999999');
  const body = method === 'GET' ? '' : '{}';
  const signed = key ? signedHeaders(key, { method, target, body }) : {};
  const answer = await fetch(exchange.baseUrl + target, {
    method,
    headers: { ...signed, 'content-type': 'application/json' },
    ...(method === 'GET' ? {} : { body }),
  });
  await answer.body?.cancel();
  return answer.status;
}

// One after the other: a signature is good for thirty seconds.
for (const [name, access] of Object.entries(accessOf) as [RouteName, Access][])
  test.serial(`${name} is for those whom the table names`, async (t) => {
    const asNobody = await statusOf(name, null);
    if (access === 'everybody') t.false([401, 403].includes(asNobody), `nobody: ${asNobody}`);
    else t.is(asNobody, 401);
    for (const [who, key] of keys) {
      const [role, permissions] = who.split(' ') as [Role, string];
      const status = await statusOf(name, key);
      if (access === 'everybody') t.false([401, 403].includes(status), `${who}: ${status}`);
      else if (!access.roles.includes(role)) t.is(status, 403, who);
      else if (!permissions.split(',').includes(access.permission)) t.is(status, 401, who);
      else t.false([401, 403].includes(status), `${who}: ${status}`);
      t.not(status, 500, who);
    }
  });
