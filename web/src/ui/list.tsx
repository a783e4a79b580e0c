import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

type Props<T> = {
  readonly rows: readonly T[];
  readonly rowHeight: number;
  readonly label: string;
  readonly render: (row: T) => ComponentChildren;
  readonly onVisible?: (rows: readonly T[]) => void;
  readonly empty: ComponentChildren;
};

const spare = 4;

/** A long list of which only what can be seen is in the page. */
export function WindowedList<T>({ rows, rowHeight, label, render, onVisible, empty }: Props<T>) {
  const frame = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const height = useSignal(600);
  useEffect(() => {
    const observer = new ResizeObserver(() => {
      height.value = frame.current?.clientHeight || 600;
    });
    observer.observe(frame.current!);
    return () => observer.disconnect();
  }, []);
  const first = Math.max(0, Math.floor(top.value / rowHeight) - spare);
  const last = Math.ceil((top.value + height.value) / rowHeight) + spare;
  const visible = rows.slice(first, last);
  useEffect(() => onVisible?.(visible), [onVisible, rows, first, last]);
  return (
    <div class="scroll" ref={frame} onScroll={({ currentTarget }) => (top.value = currentTarget.scrollTop)}>
      {rows.length === 0 ? (
        empty
      ) : (
        <div class="window" role="list" aria-label={label} style={{ height: `${rows.length * rowHeight}px` }}>
          <div class="window-rows" style={{ transform: `translateY(${first * rowHeight}px)` }}>
            {visible.map(render)}
          </div>
        </div>
      )}
    </div>
  );
}
