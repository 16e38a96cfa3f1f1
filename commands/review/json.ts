import type { Review } from "./review.ts";
import { plain } from "./terminal.ts";
import { verdict } from "./verdict.ts";

/** The review for programs: the first line, the totals, and every change with its risk. */
export function asJson(review: Review): string {
  const { bold, rest } = verdict(review);
  const { environments, totals, where, failed, made, drifted, unchanged, noChange, sections, remarks, policies } =
    review;
  const changes = sections.flatMap((section) =>
    section.changes.map(({ risk, resource, sentence, commits, log }) => ({
      environments: section.environments,
      risk,
      resource,
      sentence: plain(sentence),
      commits: commits && { ...commits, ...log },
    })),
  );
  const all = {
    verdict: plain([...bold, ".", ...(rest.length > 0 ? [" ", ...rest, "."] : [])]),
    environments,
    totals,
    where,
  };
  return `${JSON.stringify({ ...all, failed, remarks, policies, made, drifted, unchanged, unchangedResources: noChange, changes }, null, 2)}\n`;
}
