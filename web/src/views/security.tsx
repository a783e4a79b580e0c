import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { dialog } from '../state/dialogs.ts';
import { say, textOf } from '../state/notices.ts';
import { rest, useCredentials } from '../state/session.ts';
import { TextField } from '../ui/text-field.tsx';

/** What a person does with its own way in: password, second factor, and the end of all sessions. */
export function Security() {
  return (
    <section class="stack">
      <h3>Password and second factor</h3>
      <ChangePassword />
      <TurnOn />
      <TurnOff />
    </section>
  );
}

async function ask<T>(method: 'POST' | 'DELETE', path: string, body: object): Promise<T> {
  return (await rest.request<T>({ method, path, body, repeatable: false })).body;
}

type FormProps = {
  readonly label: string;
  readonly send: string;
  readonly action: () => Promise<void>;
  readonly children: ComponentChildren;
};

/** A form that opens below its name, and says what the exchange refuses. */
function Fold({ label, send, action, children }: FormProps) {
  const error = useSignal('');
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    error.value = '';
    await action().catch((failure) => {
      error.value = textOf(failure);
    });
  };
  return (
    <details class="fold">
      <summary>{label}</summary>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        {children}
        <p class="refusal" role="alert">
          {error.value}
        </p>
        <button type="submit" class="plain">
          {send}
        </button>
      </form>
    </details>
  );
}

function ChangePassword() {
  const [old, next] = [useSignal(''), useSignal('')];
  const change = async (): Promise<void> => {
    await ask('POST', '/password', { old_password: old.value, new_password: next.value });
    old.value = next.value = '';
    say('good', 'The password is changed; all other sessions have ended');
  };
  return (
    <Fold label="Change the password" send="Change" action={change}>
      <TextField label="Old password" text={old} type="password" autocomplete="current-password" required />
      <TextField label="New password" text={next} type="password" autocomplete="new-password" required />
    </Fold>
  );
}

type Offer = { readonly secret: string; readonly url: string };

/** It counts once the app has shown that it has the secret. */
function TurnOn() {
  const [password, code] = [useSignal(''), useSignal('')];
  const offer = useSignal<Offer | null>(null);
  const recovery = useSignal<readonly string[]>([]);
  const goOn = async (): Promise<void> => {
    if (!offer.value) {
      offer.value = await ask<Offer>('POST', '/totp', { password: password.value });
      password.value = '';
      return;
    }
    const confirmed = await ask<{ recovery_codes: string[] }>('POST', '/totp/confirm', {
      totp: code.value.trim(),
    });
    recovery.value = confirmed.recovery_codes;
    offer.value = null;
    code.value = '';
  };
  return (
    <Fold label="Turn the second factor on" send={offer.value ? 'Turn on' : 'Go on'} action={goOn}>
      {recovery.value.length > 0 && (
        <div class="secret">
          <p>It is on. Each of these codes lets you in once if the app is lost; they are shown this once.</p>
          <code>{recovery.value.join('  ')}</code>
        </div>
      )}
      {offer.value ? (
        <>
          <dl class="secret">
            <dt>
              <a href={offer.value.url}>Open it in an authenticator app</a>, or type this key there
            </dt>
            <dd>
              <code>{offer.value.secret}</code>
            </dd>
          </dl>
          <TextField label="Code that the app shows" text={code} autocomplete="one-time-code" required />
        </>
      ) : (
        <TextField
          label="Your password"
          text={password}
          type="password"
          autocomplete="current-password"
          required
        />
      )}
    </Fold>
  );
}

function TurnOff() {
  const [password, code] = [useSignal(''), useSignal('')];
  const turnOff = async (): Promise<void> => {
    await ask('DELETE', '/totp', { password: password.value, totp: code.value.trim() });
    password.value = code.value = '';
    say('good', 'The second factor is off');
  };
  return (
    <Fold label="Turn the second factor off" send="Turn off" action={turnOff}>
      <TextField
        label="Password now"
        text={password}
        type="password"
        autocomplete="current-password"
        required
      />
      <TextField label="Code, or a recovery code" text={code} autocomplete="one-time-code" required />
    </Fold>
  );
}

/** Ends every session of ours, this one too. */
export async function logOutEverywhere(): Promise<void> {
  try {
    await ask('DELETE', '/sessions', {});
    dialog.value = null;
    await useCredentials(null);
    say('good', 'You are logged out everywhere');
  } catch (error) {
    say('bad', textOf(error));
  }
}
