import { plainText } from "../cli/sentence.ts";
import type { Review } from "./review.ts";
import { verdict } from "./verdict.ts";

/** Renders the review for programs: the first line, the totals, and every change with its risk. */
export function asJson(review: Review): string {
  const { bold, rest } = verdict(review);
  const { sections, ...totals } = review;
  const changes = sections.flatMap((section) =>
    section.changes.map(({ risk, resource, sentence, commits, log }) => ({
      environments: section.environments,
      risk,
      resource,
      sentence: plainText(sentence),
      commits: commits && { ...commits, ...log },
    })),
  );
  const firstLine = plainText([...bold, ".", ...(rest.length > 0 ? [" ", ...rest, "."] : [])]);
  return `${JSON.stringify({ verdict: firstLine, ...totals, changes }, null, 2)}\n`;
}
