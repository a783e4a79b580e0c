/** The page's colors, as the chart draws them: it cannot read variables of CSS. */
export function colors() {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    text: of('muted'),
    grid: of('grid'),
    line: of('line'),
    buy: of('buy'),
    sell: of('sell'),
    buySoft: of('buy-soft'),
    sellSoft: of('sell-soft'),
    accent: of('accent'),
  };
}

export function commonOptions() {
  const { text, grid, line, accent } = colors();
  return {
    autoSize: true,
    layout: {
      attributionLogo: false,
      background: { color: 'transparent' },
      textColor: text,
      fontSize: 11,
      fontFamily: "'Inter Variable', system-ui, sans-serif",
    },
    grid: { vertLines: { color: grid }, horzLines: { color: grid } },
    rightPriceScale: { borderColor: line },
    timeScale: { borderColor: line },
    crosshair: {
      mode: 0,
      vertLine: { color: text, labelBackgroundColor: accent },
      horzLine: { color: text, labelBackgroundColor: accent },
    },
  } as const;
}
