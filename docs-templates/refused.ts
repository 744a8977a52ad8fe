/** Why a document was not made. */
import { type RenderProblem } from './render.ts';

/** The document can not be made or attached; the message says why and what to do, `problems` what is wrong in the template. */
export class DocumentRefused extends Error {
  readonly problems: readonly RenderProblem[];
  constructor(message: string, problems: readonly RenderProblem[] = []) {
    super(message);
    this.name = 'DocumentRefused';
    this.problems = problems;
  }
}
