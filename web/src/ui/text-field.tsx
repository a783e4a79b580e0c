import type { Signal } from '@preact/signals';
import { useId } from 'preact/hooks';

type Props = {
  readonly label: string;
  readonly text: Signal<string>;
  readonly type?: 'text' | 'password';
  readonly autocomplete?: 'username' | 'new-password' | 'current-password' | 'one-time-code' | 'off';
  readonly required?: boolean;
};

export function TextField({ label, text, type = 'text', autocomplete = 'off', required = false }: Props) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="input">
        <input
          id={id}
          type={type as 'text'}
          autocomplete={autocomplete}
          required={required}
          value={text.value}
          onInput={({ currentTarget }) => (text.value = currentTarget.value)}
        />
      </div>
    </div>
  );
}
