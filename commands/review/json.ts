import { plainText } from "../cli/sentence.ts";
import type { Review } from "./review.ts";
import { verdict } from "./verdict.ts";

/** Renders the review for programs: the first line, the totals, and every change with its risk. */
export function asJson(review: Review): string {
  const { bold, rest } = verdict(review);
  const { environments, totals, where, failed, made, drifted, unchanged, unchangedResources, remarks, policies } =
    review;
  const changes = review.sections.flatMap((section) =>
    section.changes.map(({ risk, resource, sentence, commits, log }) => ({
      environments: section.environments,
      risk,
      resource,
      sentence: plainText(sentence),
      commits: commits && { ...commits, ...log },
    })),
  );
  const json = {
    verdict: plainText([...bold, ".", ...(rest.length > 0 ? [" ", ...rest, "."] : [])]),
    environments,
    totals,
    where,
    failed,
    remarks,
    policies,
    made,
    drifted,
    unchanged,
    unchangedResources,
    changes,
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}
