import type { ApiKey, NewApiKey } from '@cardstock/client/types';
import { signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { when } from '../money/format.ts';
import { dialog } from '../state/dialogs.ts';
import { attempt, say, textOf } from '../state/notices.ts';
import { hasDemo, logOut, rest, useCredentials, who } from '../state/session.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { TextField } from '../ui/text-field.tsx';
import { logOutEverywhere, Security } from './security.tsx';

export function AccountDialog() {
  return (
    <Dialog title={who.value ? who.value.name : 'Welcome to Cardstock'} onClose={() => (dialog.value = null)}>
      {who.value ? <Account /> : <Door />}
    </Dialog>
  );
}

type Way = 'log in' | 'sign up' | 'token';
const way = signal<Way>('log in');

function Door() {
  return (
    <>
      {hasDemo.value && <DemoLogin />}
      <Tabs
        label="Ways in"
        controls="door"
        selected={way.value}
        onSelect={(chosen) => (way.value = chosen)}
        tabs={[
          ['log in', 'Log in'],
          ['sign up', 'Sign up'],
          ['token', 'Token'],
        ]}
      />
      <div id="door" role="tabpanel" aria-labelledby={`door-${way.value}`}>
        {way.value === 'token' ? <ByToken /> : <ByPassword isNew={way.value === 'sign up'} />}
      </div>
    </>
  );
}

export function DemoLogin() {
  const enter = async (): Promise<void> => {
    const call = { method: 'POST', path: '/sessions/demo', body: {}, repeatable: false } as const;
    await attempt(() => rest.request(call));
    await entered();
  };
  return (
    <button type="button" class="submit accent" onClick={() => void enter()}>
      Trade as a demo trader
    </button>
  );
}

async function entered(): Promise<void> {
  await useCredentials(null, true);
  if (!who.value) return;
  way.value = 'log in'; // whoever comes back has signed up
  dialog.value = null;
  say('good', `Logged in as ${who.value.name}`);
}

function ByPassword({ isNew }: { readonly isNew: boolean }) {
  const [name, password, totp, error] = [useSignal(''), useSignal(''), useSignal(''), useSignal('')];
  const enter = async (event: Event): Promise<void> => {
    event.preventDefault();
    error.value = '';
    const said = { name: name.value.trim(), password: password.value };
    try {
      if (isNew) await rest.signUp(said);
      await rest.logIn({ ...said, ...(totp.value === '' ? {} : { totp: totp.value.trim() }) });
      await entered();
    } catch (failure) {
      error.value = textOf(failure);
    }
  };
  return (
    <form class="stack" onSubmit={(event) => void enter(event)}>
      <TextField label="Name" text={name} autocomplete="username" required />
      <TextField
        label="Password"
        text={password}
        type="password"
        autocomplete={isNew ? 'new-password' : 'current-password'}
        required
      />
      {!isNew && (
        <TextField
          label="Code of the second factor, if you have one"
          text={totp}
          autocomplete="one-time-code"
        />
      )}
      <p class="refusal" role="alert">
        {error.value}
      </p>
      <button type="submit" class="submit accent">
        {isNew ? 'Sign up' : 'Log in'}
      </button>
    </form>
  );
}

function ByToken() {
  const [token, error] = [useSignal(''), useSignal('')];
  const enter = async (event: Event): Promise<void> => {
    event.preventDefault();
    await useCredentials(token.value.trim().replace(/^Bearer +/i, ''));
    if (who.value) {
      dialog.value = null;
      say('good', `Logged in as ${who.value.name}`);
      return;
    }
    error.value = 'The exchange does not know this token';
    await useCredentials(null);
  };
  return (
    <form class="stack" onSubmit={(event) => void enter(event)}>
      <TextField label="Bearer token" text={token} type="password" autocomplete="off" required />
      <p class="hint">
        npm start prints tokens of two traders and an operator. This tab forgets it when it is closed.
      </p>
      <p class="refusal" role="alert">
        {error.value}
      </p>
      <button type="submit" class="submit accent">
        Log in
      </button>
    </form>
  );
}

function Account() {
  return (
    <>
      <p class="hint">
        {who.value?.role === 'trader' ? `Trader ${who.value.traderId}` : `You are an ${who.value?.role}`}
      </p>
      {who.value?.isPerson && <Security />}
      <ApiKeys />
      <Sessions />
      <button
        type="button"
        class="submit plain"
        onClick={() => {
          dialog.value = null;
          void logOut();
        }}
      >
        Log out
      </button>
      <button type="button" class="submit plain" onClick={() => void logOutEverywhere()}>
        Log out everywhere
      </button>
    </>
  );
}

const permissions = ['view', 'trade', 'transfer', 'manage', 'publish'] as const;

function ApiKeys() {
  const keys = useSignal<readonly ApiKey[]>([]);
  const made = useSignal<NewApiKey | null>(null);
  const label = useSignal('');
  const chosen = useSignal<readonly (typeof permissions)[number][]>(['view', 'trade']);
  const load = async (): Promise<void> => {
    keys.value = await rest.apiKeys().catch(() => []);
  };
  useEffect(() => void load(), []);
  const make = async (event: Event): Promise<void> => {
    event.preventDefault();
    const body = { permissions: [...chosen.value], ...(label.value === '' ? {} : { label: label.value }) };
    made.value = (await attempt(() => rest.createApiKey(body))) ?? null;
    await load();
  };
  return (
    <section class="stack">
      <h3>API keys</h3>
      {made.value && (
        <dl class="secret">
          <p>Keep these: the secret is shown this once.</p>
          {(['key', 'secret', 'passphrase'] as const).map((name) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <code>{made.value![name]}</code>
              </dd>
            </div>
          ))}
        </dl>
      )}
      <ul class="plain-list">
        {keys.value.map((one) => (
          <li key={one.id}>
            <span>
              <b>{one.label ?? one.key}</b>
              <small>{one.permissions.join(', ')}</small>
            </span>
            <button
              type="button"
              class="plain small"
              onClick={() => void attempt(() => rest.revokeApiKey(one.id)).then(load)}
            >
              Revoke
            </button>
          </li>
        ))}
      </ul>
      <form class="row" onSubmit={(event) => void make(event)}>
        <TextField label="Label" text={label} />
        <fieldset class="checks">
          <legend class="visually-hidden">Permissions</legend>
          {permissions.map((name) => (
            <label key={name} class="check">
              <input
                type="checkbox"
                checked={chosen.value.includes(name)}
                onChange={({ currentTarget }) =>
                  (chosen.value = permissions.filter((one) =>
                    one === name ? currentTarget.checked : chosen.value.includes(one),
                  ))
                }
              />
              {name}
            </label>
          ))}
        </fieldset>
        <button type="submit" class="plain">
          Make a key
        </button>
      </form>
    </section>
  );
}

type SessionRow = {
  id: string;
  current: boolean;
  address: string | null;
  user_agent: string | null;
  last_used_at: string | null;
};

function Sessions() {
  const rows = useSignal<readonly SessionRow[]>([]);
  const load = async (): Promise<void> => {
    rows.value = (await rest.sessions().catch(() => [])) as unknown as SessionRow[];
  };
  useEffect(() => void load(), []);
  return (
    <section class="stack">
      <h3>Sessions</h3>
      <ul class="plain-list">
        {rows.value.map((row) => (
          <li key={row.id}>
            <span>
              <b>{row.current ? 'This one' : (row.user_agent ?? 'A token').slice(0, 48)}</b>
              <small>
                {row.address ?? ''} {row.last_used_at ? `used ${when(row.last_used_at)}` : ''}
              </small>
            </span>
            {!row.current && (
              <button
                type="button"
                class="plain small"
                onClick={() => void attempt(() => rest.revokeSession(row.id)).then(load)}
              >
                End
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
