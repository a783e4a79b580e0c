// Loaded into an api before its own code: a clock that a message from its parent sets forwards or backwards.

const RealDate = Date;
let shiftMs = 0;

class ShiftedDate extends RealDate {
  constructor(...args: []) {
    if (args.length === 0) super(RealDate.now() + shiftMs);
    else super(...args);
  }

  static override now(): number {
    return RealDate.now() + shiftMs;
  }
}

globalThis.Date = ShiftedDate as DateConstructor;
process.on('message', (message: { shiftMs?: number }) => {
  if (typeof message === 'object' && message?.shiftMs !== undefined) shiftMs = message.shiftMs;
});
