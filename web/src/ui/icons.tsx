const paths = {
  sun: 'M12 4V2m0 20v-2m8-8h2M2 12h2m13.7-5.700 1.400-1.400M4.900 19.100l1.400-1.400m0-11.400L4.900 4.900m14.200 14.200-1.400-1.400M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0z',
  moon: 'M20 14.500A8 8 0 0 1 9.500 4 8 8 0 1 0 20 14.500z',
  search: 'M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13zm5-1.500L20 20',
  user: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm-7 8c.800-3.500 3.600-5 7-5s6.200 1.500 7 5',
  close: 'M6 6l12 12M18 6L6 18',
  star: 'M12 4l2.500 5 5.500.800-4 3.900.900 5.500L12 16.600 7.100 19.200 8 13.700 4 9.800l5.500-.800z',
  download: 'M12 4v11m0 0 4-4m-4 4-4-4M5 20h14',
  sliders: 'M4 7h10m4 0h2M4 17h2m4 0h10M14 4.500v5M6 14.500v5',
  chart: 'M5 19V9m5 10V5m5 14v-7m5 7V8',
  book: 'M4 6h16M4 10h11M4 14h16M4 18h8',
  list: 'M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01',
  swap: 'M7 4v14m0 0-3-3m3 3 3-3M17 20V6m0 0-3 3m3-3 3 3',
  wallet: 'M4 7h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2zm0 0 10-3v3m2 6h.01',
  chat: 'M4 5h16v11H10l-4 4v-4H4z',
  link: 'M10 14l4-4M8.500 11 6 13.500a3.500 3.500 0 0 0 5 5L13.500 16M10.500 8 13 5.500a3.500 3.500 0 0 1 5 5L15.500 13',
  keyboard: 'M3 7h18v10H3zM7 13h10M6.500 10h.01M10 10h.01M13.500 10h.01M17 10h.01',
} as const;

export function Icon({ name }: { readonly name: keyof typeof paths }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}

export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect
        class="logo-back"
        x="9"
        y="3"
        width="17"
        height="23"
        rx="3.500"
        transform="rotate(12 17.500 14.500)"
      />
      <rect class="logo-front" x="5" y="6" width="17" height="23" rx="3.500" />
      <path class="logo-line" d="M8.500 22.500l3.800-5 3.200 2.800 3.700-6.600" />
    </svg>
  );
}
