import { count, join, list, type Sentence, say, show } from "../cli/sentence.ts";
import { type Risk, risks } from "./changes.ts";
import type { Review } from "./review.ts";

/** Headings of the changes, by their risk. */
export const headings: Readonly<Record<Risk, string>> = {
  data: "Loses or moves data",
  restarts: "Restarts pods",
  access: "Changes access",
  settings: "Settings only",
};

/** Says the first line: the worst that would happen, where, and the totals. */
export function verdict(review: Review): { readonly bold: Sentence; readonly rest: Sentence } {
  const { environments, failed, totals, unchangedResources, policies } = review;
  const environmentCount = count(environments.length, "environment");
  const all = risks.reduce((sum, risk) => sum + totals[risk], 0);
  if (all === 0 && failed.length === 0) return { bold: [`No changes in ${environmentCount}`], rest: [] };
  const numbers = [
    `${count(all, "change")} in ${environmentCount}: ${number(totals.data)} to data`,
    `${number(totals.restarts)} restarting pods`,
    `${number(totals.access)} to access`,
    `${number(totals.settings)} to settings only; ${count(unchangedResources, "resource")} unchanged`,
  ].join(", ");
  const { asked, hold } = policies;
  const passed = asked > 0 ? [`; ${hold < asked ? `${number(hold)} of ` : ""}${count(asked, "policy")} pass`] : [];
  const why = failed.length > 0 ? say`${cause(review)}. ` : [];
  return { bold: join(worst(review), "; "), rest: [...why, numbers, ...passed] };
}

function worst({ failed, where, made, drifted }: Review): Sentence[] {
  const parts: Sentence[] = where.data.length > 0 ? [say`Loses or moves data in ${list(where.data)}`] : [];
  if (failed.length > 0) {
    const names = list(failed.map(({ environment }) => environment));
    const what = failed.length > 1 ? say`previews of ${names} fail` : say`preview of ${names} fails`;
    return [...parts, say`${[parts.length > 0 ? "the" : "The"]} ${what}`];
  }
  if (parts.length > 0) return parts;
  if (made.length > 0) parts.push(say`Creates ${list(made)}`);
  else if (drifted.length > 0) parts.push(say`Changed outside Pulumi: ${list(drifted)}`);
  const others = (risk: Risk) => where[risk].filter((name) => !made.includes(name) && !drifted.includes(name));
  const risk = risks.find((each) => others(each).length > 0);
  if (!risk) return parts;
  const words = risk === "settings" ? "Changes settings only" : headings[risk];
  return [...parts, [parts.length > 0 ? words.toLowerCase() : words, " in ", ...list(others(risk))]];
}

const number = (value: number): string => value.toLocaleString("en");

/** Quotes the first line of the first failure; if it ends in a colon, the second line too. */
function cause({ failed }: Review): Sentence {
  const lines = (failed[0]?.messages[0] ?? "").split("\n").map((line) => line.trim());
  const [first = "", second = ""] = lines.filter((line) => line !== "");
  return say`It says: ${show((first.endsWith(":") ? `${first} ${second}`.trim() : first).replace(/\.$/, ""), 200)}`;
}
