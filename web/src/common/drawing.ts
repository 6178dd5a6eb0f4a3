// What every kind of figure hands to the page.

export interface Drawing {
  /** The body of the figure. */
  element: HTMLElement;
  /** Choices above it. */
  controls: HTMLElement[];
  /** Ways to save it. */
  saves: Save[];
  /** How many numbers it shows; the browser test reads this. */
  points: number;
  /** Draws it anew for a width in pixels. */
  layout?(width: number): void;
}

export interface Save {
  label: string;
  title: string;
  run(): void;
}
