import { PlainError } from '../../console/errors.ts';

/** A reason not to rebuild; nothing was touched. Its message tells a person what to do. */
export class Refusal extends PlainError {
  override readonly name = 'Refusal';
}
