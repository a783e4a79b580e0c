/** What credentials may be good for. A key has some of them, a person all that the role allows. */
export const permissions = ['view', 'trade', 'transfer', 'manage', 'publish'] as const;
export type Permission = (typeof permissions)[number];

/** A trader acts for itself, an operator for any trader it names, and an auditor reads everything and changes nothing. */
export const roles = ['trader', 'operator', 'auditor'] as const;
export type Role = (typeof roles)[number];

export const permissionsOf: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  trader: new Set(permissions),
  operator: new Set(permissions),
  auditor: new Set<Permission>(['view']),
};

/** Who may ask a route: everybody, or callers of these roles whose credentials have the permission. */
export type Access = 'everybody' | { readonly permission: Permission; readonly roles: readonly Role[] };

const view: Access = { permission: 'view', roles: ['trader', 'operator', 'auditor'] };
const trade: Access = { permission: 'trade', roles: ['trader', 'operator'] };
const manage: Access = { permission: 'manage', roles: ['trader', 'operator'] };
/** What everybody reads then, under a name that a trader has for it. */
const publish: Access = { permission: 'publish', roles: ['trader'] };
/** What concerns nobody but the caller. */
const own: Access = { permission: 'view', roles: ['trader', 'operator', 'auditor'] };
const audit: Access = { permission: 'view', roles: ['operator', 'auditor'] };
const operatorsTransfer: Access = { permission: 'transfer', roles: ['operator'] };
const operatorsManage: Access = { permission: 'manage', roles: ['operator'] };

/** Every route and who may ask it. A route that is not here cannot be mounted. */
export const accessOf = {
  'GET /time': 'everybody',
  'GET /currencies': 'everybody',
  'GET /currencies/:id': 'everybody',
  'GET /products': 'everybody',
  'GET /products/:id': 'everybody',
  'GET /products/spark-lines': 'everybody',
  'GET /products/:id/book': 'everybody',
  'GET /products/:id/candles': 'everybody',
  'GET /products/:id/stats': 'everybody',
  'GET /products/:id/ticker': 'everybody',
  'GET /products/:id/trades': 'everybody',
  'GET /products/:id/messages': 'everybody',
  'GET /health/live': 'everybody',
  'GET /health/ready': 'everybody',
  'GET /health/trading': 'everybody',
  'GET /metrics': 'everybody',
  'GET /': 'everybody',
  'GET /favicon.svg': 'everybody',
  'GET /assets/:file': 'everybody',
  'GET /page/settings': 'everybody',
  'GET /s/:code': 'everybody',
  'GET /openapi.json': 'everybody',
  'GET /asyncapi.json': 'everybody',
  'GET /docs': 'everybody',
  'GET /docs/:file': 'everybody',
  // Each field of an operation is for those for whom its route is.
  'POST /graphql': 'everybody',
  'GET /graphql': 'everybody',
  'GET /graphql/:file': 'everybody',

  'GET /orders': view,
  'GET /orders/:id': view,
  'POST /orders': trade,
  'POST /orders/batch': trade,
  'PUT /orders/batch': trade,
  'DELETE /orders/batch': trade,
  'POST /orders/cancel-after': trade,
  'PUT /orders/:id': trade,
  'DELETE /orders': trade,
  'DELETE /orders/:id': trade,
  'GET /fills': view,
  'GET /accounts': view,
  'GET /accounts/:id': view,
  'GET /accounts/:id/ledger': view,
  'GET /accounts/:id/holds': view,
  'GET /accounts/:id/transfers': view,
  'GET /transfers': view,
  'GET /transfers/:id': view,
  'GET /positions': view,
  'GET /fees': view,
  'GET /profiles': view,

  'POST /products/:id/messages': publish,
  'DELETE /messages/:id': operatorsManage,
  'POST /links': publish,

  'GET /users/self/verify': view,
  'GET /api-keys': view,
  'POST /api-keys': manage,
  'DELETE /api-keys/:id': manage,

  'GET /webhooks': view,
  'GET /webhooks/:id': view,
  'GET /webhooks/:id/dead-letters': view,
  'POST /webhooks': manage,
  'POST /webhooks/:id/secret': manage,
  'POST /webhooks/:id/enable': manage,
  'POST /webhooks/:id/dead-letters/:message': manage,
  'DELETE /webhooks/:id': manage,

  // Whoever is not signed up yet, or not logged in, is nobody; what else they need is in the body.
  'POST /traders': 'everybody',
  'POST /sessions': 'everybody',
  'POST /sessions/demo': 'everybody',
  'POST /password-resets': 'everybody',
  'POST /password-resets/redeem': 'everybody',
  'GET /sessions': own,
  'GET /sessions/current': own,
  'DELETE /sessions/current': own,
  'DELETE /sessions/:id': own,
  'DELETE /sessions': own,
  'POST /password': own,
  'POST /totp': own,
  'POST /totp/confirm': own,
  'DELETE /totp': own,
  'POST /people/:name/password-resets': operatorsManage,

  'GET /operations': audit,
  'GET /traders': audit,
  'GET /traders/:id': audit,
  'PUT /traders/:id': operatorsManage,
  'POST /deposits': operatorsTransfer,
  'POST /withdrawals': operatorsTransfer,
  'POST /transfers': operatorsTransfer,
  'POST /products': operatorsManage,
  'PUT /products/:id': operatorsManage,
} satisfies Readonly<Record<string, Access>>;

export type RouteName = keyof typeof accessOf;
