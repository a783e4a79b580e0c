import type { Api } from '../../api.ts';
import { Unauthorized } from '../../errors.ts';
import { isNobodysPassword, isPassword } from '../hashing.ts';
import { findPersonByName, type PersonRow } from '../queries/people.ts';
import { useCode } from './totp.ts';

export type Login = {
  readonly name: string;
  readonly password: string;
  readonly totp?: string | undefined;
};

/** The person who has this name, password and second factor. Which of them is wrong is not said, but for a code that is missing. */
export async function logIn(api: Api, { name, password, totp }: Login, address: string): Promise<PersonRow> {
  await api.attempts.attempt(name, address);
  const person = await findPersonByName(api.pool, name);
  const isRight = person
    ? await isPassword(person.password, password.normalize('NFKC'))
    : await isNobodysPassword(password);
  if (!person || !isRight) throw new WrongLogin();
  if (person.totpIsOn) {
    if (totp === undefined) throw new Unauthorized('totp is required');
    if (!(await useCode(api, person, totp))) throw new WrongLogin();
  }
  await api.attempts.succeeded(name, address);
  return person;
}

/** For what an open session is not enough for: the person shows the password once more. */
export async function confirmPassword(
  api: Api,
  person: PersonRow,
  password: string,
  address: string,
): Promise<void> {
  await api.attempts.attempt(person.name, address);
  if (!(await isPassword(person.password, password.normalize('NFKC')))) throw new WrongLogin();
  await api.attempts.succeeded(person.name, address);
}

class WrongLogin extends Unauthorized {
  constructor() {
    super('Wrong name, password or code');
    this.name = 'WrongLogin';
  }
}
