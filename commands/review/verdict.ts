import { count, list, type Sentence, say, shown } from "../cli/sentence.ts";
import { type Risk, risks } from "./changes.ts";
import type { Review } from "./review.ts";

/** What each risk is called above the changes that have it. */
export const headings: Readonly<Record<Risk, string>> = {
  data: "Loses or moves data",
  restarts: "Restarts pods",
  access: "Changes access",
  settings: "Settings only",
};

/** The first line: the worst that would happen, where, and how much of everything there is. */
export function verdict(review: Review): { readonly bold: Sentence; readonly rest: Sentence } {
  const { environments, failed, where, made, drifted, totals, noChange } = review;
  const places = count(environments.length, "environment");
  const worst = risks.find((risk) => totals[risk] > 0);
  if (!worst && failed.length === 0) return { bold: [`No changes in ${places}`], rest: [] };
  const parts: Sentence[] = [];
  if (worst === "data") parts.push(say`Loses or moves data in ${list(where.data)}`);
  if (failed.length > 0) {
    const names = list(failed.map(({ environment }) => environment));
    const what = failed.length > 1 ? say`previews of ${names} fail` : say`preview of ${names} fails`;
    parts.push(parts.length > 0 ? say`the ${what}` : say`The ${what}`);
  }
  if (parts.length === 0 && made.length > 0) parts.push(say`Makes ${list(made)} anew`);
  if (parts.length === 0 && drifted.length > 0) parts.push(say`Changed outside Pulumi: ${list(drifted)}`);
  if (failed.length === 0 && worst !== "data") {
    const old = (risk: Risk) => where[risk].filter((name) => !made.includes(name) && !drifted.includes(name));
    const next = risks.find((risk) => old(risk).length > 0);
    const words =
      next &&
      { data: "", restarts: "restarts pods", access: "changes access", settings: "changes settings only" }[next];
    if (next && words) parts.push([parts.length > 0 ? words : capital(words), " in ", ...list(old(next))]);
  }
  const all = risks.reduce((sum, risk) => sum + totals[risk], 0);
  const numbers = `${count(all, "change")} in ${places}: ${number(totals.data)} to data, ${number(totals.restarts)} restarting pods, ${number(totals.access)} to access, ${number(totals.settings)} to settings only; ${count(noChange, "resource")} unchanged`;
  const { asked, hold } = review.policies;
  const held = asked > 0 ? `; ${hold < asked ? `${number(hold)} of ` : ""}${count(asked, "policy")} hold` : "";
  const why = failed.length > 0 ? say`${cause(review)}. ` : [];
  return {
    bold: parts.flatMap((part, place) => (place === 0 ? part : ["; ", ...part])),
    rest: [...why, numbers, ...(held ? [held] : [])],
  };
}

const number = (value: number): string => value.toLocaleString("en");

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The first thing that the first failure says; with what it announces, where it ends in a colon. */
function cause({ failed }: Review): Sentence {
  const lines = (failed[0]?.messages[0] ?? "").split("\n").map((line) => line.trim());
  const [first = "", second = ""] = lines.filter((line) => line !== "");
  return say`It says: ${shown((first.endsWith(":") ? `${first} ${second}`.trim() : first).replace(/\.$/, ""), 200)}`;
}
