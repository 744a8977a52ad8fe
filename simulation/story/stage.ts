/** What a story needs of the place where it is played: a rehearsal in one process, or a bridge over real HTTP. */
import { type Act, type Json } from '../../emulators/common/types.ts';
import { type SeenAccount, type SeenTask } from '../judge/seen.ts';

export type Company = 'romashka' | 'teyron' | 'pixel';

export type Seen = Readonly<Record<Company, SeenAccount>>;

export interface MadeDocument {
  readonly fileName: string;
  readonly bytes: Uint8Array;
}

export interface Stage {
  /** A person does something; throws when the CRM refuses. */
  act(company: Company, act: Act): Promise<Json>;
  /**
   * Throws, naming what was waited for, when it does not come about in good time. `sweeping`: a company whose account is
   * searched for what no webhook tells.
   */
  until(what: string, holds: (seen: Seen) => boolean, sweeping?: Company): Promise<Seen>;
  /** Until nothing is left to do. */
  quiet(): Promise<Seen>;
  /** Makes an act of completed work from what the client may see, and attaches it to the company's own task. */
  makeAct(company: Company, task: string, values: Readonly<Record<string, string>>): Promise<MadeDocument>;
}

/** What is shown of a scene, side by side. */
export type Aspect = 'title' | 'status' | 'holder' | 'deadline' | 'last words' | 'files';

export interface Scene {
  /** One sentence: who does what. */
  readonly headline: string;
  readonly show: readonly Aspect[];
  readonly seen: Seen;
}

export type Tell = (scene: Scene) => void;

/** The task of that title in a company's account. */
export const taskAt = (seen: Seen, company: Company, title: string): SeenTask | undefined =>
  seen[company].tasks.find((task) => task.title === title);
