import type { Page } from 'playwright-core';

/** The contrast between a text and its background (WCAG 2.2, contrast ratio: 1 to 21). */
export interface Contrast {
  readonly text: string;
  readonly ratio: number;
}

/** Runs in the page, so it is written in the browser's own language: every visible text, with its background. */
const MEASURE = `(() => {
  const parse = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number);
  const over = ([r, g, b, a = 1], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a)];
  const light = (rgb) => {
    const [r, g, b] = rgb.map((it) => it / 255).map((it) => (it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const groundOf = (element) => {
    if (!element) return [255, 255, 255];
    const style = getComputedStyle(element);
    const color = parse(style.backgroundColor);
    if (style.backgroundImage !== 'none') return undefined;
    if ((color[3] ?? 1) === 1) return color;
    const below = groundOf(element.parentElement);
    return below && over(color, below);
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { parentElement: element, textContent } = walker.currentNode;
    const text = textContent.trim();
    const hidden = element.closest('.unseen, option, [disabled], [aria-hidden=true], .message-tools');
    if (text === '' || hidden || element.getClientRects().length === 0) continue;
    const ground = groundOf(element);
    if (!ground) continue;
    const [a, b] = [light(over(parse(getComputedStyle(element).color), ground)), light(ground)];
    found.push({ text: text.slice(0, 60), ratio: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) });
  }
  return found;
})()`;

/** Every text on the page, except on images, on disabled controls, and for screen readers only. */
export async function contrastsOf(page: Page): Promise<Contrast[]> {
  return page.evaluate<Contrast[]>(MEASURE);
}
