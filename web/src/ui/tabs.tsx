import type { ComponentChildren } from 'preact';

type Props<T extends string> = {
  readonly label: string;
  readonly tabs: readonly (readonly [T, ComponentChildren])[];
  readonly selected: T;
  readonly onSelect: (tab: T) => void;
  /** The id of the panel that they choose the content of. */
  readonly controls: string;
};

/** Tabs as keyboards expect them: one stop, arrows go from one to the next. */
export function Tabs<T extends string>({ label, tabs, selected, onSelect, controls }: Props<T>) {
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const at = tabs.findIndex(([id]) => id === selected);
    const next = (at + step + tabs.length) % tabs.length;
    onSelect(tabs[next]![0]);
    const list = event.currentTarget as HTMLElement;
    (list.children[next] as HTMLElement).focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
      {tabs.map(([id, text]) => (
        <button
          key={id}
          type="button"
          role="tab"
          id={`${controls}-${id}`}
          aria-selected={id === selected}
          aria-controls={controls}
          tabIndex={id === selected ? 0 : -1}
          onClick={() => onSelect(id)}
        >
          {text}
        </button>
      ))}
    </div>
  );
}
