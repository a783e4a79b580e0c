import { type Sizes, sizes, usualSizes } from '../state/settings.ts';

type Props = {
  readonly of: keyof Sizes;
  readonly label: string;
  readonly direction: 'columns' | 'rows';
  /** Whether dragging right or down makes the panel larger. */
  readonly grows: 1 | -1;
  readonly least: number;
  readonly most: number;
};

const step = 16;

/** Drags the size of a panel; arrow keys do too, and a double click sets it back. */
export function Splitter({ of, label, direction, grows, least, most }: Props) {
  const set = (size: number): void => {
    sizes.value = { ...sizes.value, [of]: Math.round(Math.min(most, Math.max(least, size))) };
  };
  const onPointerDown = (event: PointerEvent): void => {
    const handle = event.currentTarget as HTMLElement;
    handle.setPointerCapture(event.pointerId);
    const [from, size] = [direction === 'columns' ? event.clientX : event.clientY, sizes.value[of]];
    handle.onpointermove = (move) =>
      set(size + ((direction === 'columns' ? move.clientX : move.clientY) - from) * grows);
    handle.onpointerup = () => {
      handle.onpointermove = null;
    };
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const [less, more] = direction === 'columns' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown'];
    if (event.key !== less && event.key !== more) return;
    event.preventDefault();
    set(sizes.value[of] + (event.key === more ? step : -step) * grows);
  };
  return (
    <div
      class={`splitter ${direction} of-${of}`}
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={direction === 'columns' ? 'vertical' : 'horizontal'}
      aria-valuenow={sizes.value[of]}
      aria-valuemin={least}
      aria-valuemax={most}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
      onDblClick={() => set(usualSizes[of])}
    />
  );
}
