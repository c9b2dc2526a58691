/** Line drawings, since not every machine has a font with emoji. */
const ICONS = {
  window: 'M6 3H3v10h10v-3M9 2h5v5M14 2 7.5 8.5',
  clip: 'M13 7.5 8 12.5a3.2 3.2 0 0 1-4.5-4.5l5.2-5.2a2.1 2.1 0 0 1 3 3L6.6 10.9a1 1 0 0 1-1.5-1.5L9.5 5',
  eye: 'M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8ZM8 6.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6',
  image: 'M2 3h12v10H2ZM2 11l3.5-3.5L9 11M8.5 10.5l2-2L14 12M10.5 5.5h.01',
  table: 'M2 3h12v10H2ZM2 6.5h12M2 10h12M7 3v10',
  page: 'M4 1.5h5.5L12.5 5v9.5H4ZM9 1.5V5.5h3.5M6 8.5h4.5M6 11h4.5',
} as const;

/** An icon in the text's color. It has no separate name: what it is for is written beside it. */
export function Icon({ name }: { name: keyof typeof ICONS }) {
  return (
    <svg
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={ICONS[name]} />
    </svg>
  );
}
