/** A reason not to rebuild; nothing was touched. Its message tells a person what to do. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}
