/** Fills a .docx template. */

export interface RenderProblem {
  readonly tag: string;
  /** Where it stands: the paragraph's number in its part of the document, from 1, and its text; null = nowhere in particular. */
  readonly paragraph: { readonly number: number; readonly text: string } | null;
  readonly message: string;
  readonly fix: string;
}
