/** A story that fails, made short: steps are left out as long as what is left fails in the same way. */
import { type Played } from './play.ts';
import { type Story } from './story.ts';

/** What a finding is about, without its numbers: two stories that show it fail in the same way. */
export const kindOfFinding = (finding: string): string =>
  finding
    .replace(/^after step \d+: /u, '')
    .replace(/^[a-z]+: /u, '')
    .replace(/«[^»]*»/gu, '«…»')
    .replace(/слово\d+[а-я]?(?:\.txt)?/gu, '…')
    .replace(/\b(?:olkha|bereza|klen|yasen|ryabina)\b/gu, '…')
    .replace(/\d+/gu, 'N');

export const failsAlike = (one: readonly string[], other: readonly string[]): boolean => {
  const kinds = new Set(one.map(kindOfFinding));
  return other.some((finding) => kinds.has(kindOfFinding(finding)));
};

/**
 * The shortest story that was found in `playsMax` plays. `play` plays a story as the failing one was played; a story that
 * throws does not count as failing.
 */
export async function shrink(
  story: Story,
  findings: readonly string[],
  play: (story: Story) => Promise<Played>,
  playsMax = 150,
): Promise<Story> {
  let short = story;
  let plays = 0;
  const fails = async (tried: Story): Promise<boolean> => {
    plays += 1;
    return failsAlike(findings, (await play(tried)).findings);
  };
  for (let size = Math.ceil(story.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < short.steps.length && plays < playsMax;) {
      const steps = [...short.steps.slice(0, from), ...short.steps.slice(from + size)];
      const tried = { ...short, steps };
      if (steps.length > 0 && (await fails(tried))) short = tried;
      else from += size;
    }
  }
  for (const company of short.world.companies) {
    for (const name of Object.keys(company.settings)) {
      if (plays >= playsMax) return short;
      const tried = withoutSetting(short, company.account, name);
      if (await fails(tried)) short = tried;
    }
  }
  return short;
}

const withoutSetting = (story: Story, account: string, setting: string): Story => ({
  ...story,
  world: {
    ...story.world,
    companies: story.world.companies.map((company) =>
      company.account === account
        ? {
            ...company,
            settings: Object.fromEntries(
              Object.entries(company.settings).filter(([name]) => name !== setting),
            ),
          }
        : company,
    ),
  },
});
