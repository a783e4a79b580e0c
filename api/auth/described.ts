import { z } from 'zod';
import { type Described, idText, ownOnly, page, statusMessage, timeText } from '../openapi/described.ts';
import { newKeyBody } from './keys/body.ts';
import {
  codeBody,
  newPasswordBody,
  newPersonBody,
  passwordAndCodeBody,
  passwordBody,
  resetBody,
  resetLinkBody,
  resetRequestBody,
} from './people/body.ts';
import { permissions, roles } from './permissions.ts';
import { demoBody, newSessionBody } from './sessions/body.ts';

const person = z
  .object({ trader_id: idText.optional(), name: z.string(), role: z.enum(roles) })
  .meta({ id: 'Person' });

const session = z
  .object({
    id: idText,
    trader_id: idText.optional(),
    name: z.string().nullable(),
    role: z.enum(roles),
    permissions: z.array(z.enum(permissions)),
    current: z.boolean(),
    address: z.string().nullable(),
    user_agent: z.string().nullable(),
    created_at: timeText,
    expires_at: timeText.nullable(),
    last_used_at: timeText.nullable(),
  })
  .meta({ id: 'Session' });
const newSession = session.extend({ token: z.string() }).meta({ id: 'NewSession' });

const keyShape = {
  id: idText,
  key: z.string(),
  label: z.string(),
  role: z.enum(roles),
  trader_id: idText.optional(),
  permissions: z.array(z.enum(permissions)),
  allowed_addresses: z.array(z.string()),
  created_at: timeText,
  expires_at: timeText.nullable(),
  last_used_at: timeText.nullable(),
};
const key = z.object(keyShape).meta({ id: 'ApiKey' });
const newKey = z
  .object({ ...keyShape, secret: z.string(), passphrase: z.string() })
  .meta({ id: 'NewApiKey' });
const operation = z
  .object({
    id: idText,
    at: timeText,
    key_id: idText.nullable(),
    session_id: idText.nullable(),
    name: z.string().nullable(),
    address: z.string().nullable(),
    request_id: z.string(),
    method: z.string(),
    path: z.string(),
    status: z.int(),
    body: z.unknown(),
    before: z.unknown().meta({ description: 'What was changed, as it was' }),
    answer: z.unknown(),
  })
  .meta({ id: 'Operation' });
const ended = z.array(idText).meta({ description: 'The sessions that ended' });
const example = { name: 'ada', password: 'correct horse battery' };

export const authDescribed = {
  'POST /traders': {
    tag: 'Identity',
    summary: 'Sign up',
    description:
      'Only operators may give a `role` or a `trader_id`, and sign anybody up where `SIGN_UP` is off.',
    body: newPersonBody.meta({ id: 'SignUp' }),
    answer: person,
    example,
  },
  'POST /sessions': {
    tag: 'Identity',
    summary: 'Log in, by name and password or by an API key',
    description: 'The token is set as a cookie too.',
    body: newSessionBody,
    answer: newSession,
    example,
  },
  'POST /sessions/demo': {
    tag: 'Identity',
    summary: 'Log in as a demo trader, on a private exchange',
    body: demoBody,
    isBodyOptional: true,
    answer: newSession,
  },
  'GET /sessions': { tag: 'Identity', summary: 'One’s own sessions', answer: z.array(session) },
  'GET /sessions/current': { tag: 'Identity', summary: 'The session in use', answer: session },
  'DELETE /sessions/current': { tag: 'Identity', summary: 'Log out', answer: ended },
  'DELETE /sessions/:id': { tag: 'Identity', summary: 'End one session', answer: ended },
  'DELETE /sessions': { tag: 'Identity', summary: 'Log out everywhere', answer: ended },
  'POST /password': {
    tag: 'Identity',
    summary: 'Change the password, and end all other sessions',
    body: newPasswordBody,
    answer: person,
  },
  'POST /password-resets': {
    tag: 'Identity',
    summary: 'Have a link mailed that sets a new password',
    body: resetRequestBody,
    status: 202,
    answer: statusMessage,
  },
  'POST /password-resets/redeem': {
    tag: 'Identity',
    summary: 'Set a new password by a link, once',
    body: resetBody,
    answer: person,
  },
  'POST /people/:name/password-resets': {
    tag: 'Operators',
    summary: 'Make a link that sets a new password, for a person or a trader without one',
    body: resetLinkBody,
    isBodyOptional: true,
    answer: person.extend({ token: z.string(), link: z.string(), expires_at: timeText }),
  },
  'POST /totp': {
    tag: 'Identity',
    summary: 'Begin with a second factor',
    body: passwordBody,
    answer: z.object({ secret: z.string(), url: z.string() }),
  },
  'POST /totp/confirm': {
    tag: 'Identity',
    summary: 'Turn the second factor on',
    body: codeBody,
    answer: z.object({ recovery_codes: z.array(z.string()) }),
  },
  'DELETE /totp': {
    tag: 'Identity',
    summary: 'Turn the second factor off',
    body: passwordAndCodeBody,
    answer: statusMessage,
  },
  'GET /operations': {
    tag: 'Operators',
    summary: 'What operators did, the newest first',
    query: page,
    answer: z.array(operation),
  },
  'GET /users/self/verify': {
    tag: 'Identity',
    summary: 'Whose request this is',
    answer: z.object({ id: z.string() }),
  },
  'GET /api-keys': { tag: 'Identity', summary: 'API keys', query: ownOnly, answer: z.array(key) },
  'POST /api-keys': {
    tag: 'Identity',
    summary: 'Make an API key; its secret and passphrase are shown this once',
    body: newKeyBody.meta({ id: 'NewKey' }),
    answer: newKey,
    example: { label: 'bot', permissions: ['view', 'trade'] },
  },
  'DELETE /api-keys/:id': { tag: 'Identity', summary: 'Revoke an API key', query: ownOnly, answer: key },
} satisfies Record<string, Described>;
