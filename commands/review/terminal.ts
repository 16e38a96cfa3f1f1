import { styleText } from "node:util";
import { count, list, type Sentence, visible } from "../cli/sentence.ts";
import { type Risk, risks } from "./changes.ts";
import type { Review, Told } from "./review.ts";
import { headings, verdict } from "./verdict.ts";

const colours: Readonly<Record<Risk, Parameters<typeof styleText>[0]>> = {
  data: ["red", "bold"],
  restarts: ["yellow", "bold"],
  access: ["magenta", "bold"],
  settings: ["green", "bold"],
};

/** A function that colours a text, or leaves it as it is. */
type Paint = (style: Parameters<typeof styleText>[0], text: string) => string;

/** The review for a terminal, whole: nothing is cut. */
export function asTerminal(review: Review, colour: boolean): string {
  const paint: Paint = (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text);
  const { bold, rest } = verdict(review);
  const worst = review.failed.length > 0 ? "data" : (risks.find((risk) => review.totals[risk] > 0) ?? "settings");
  const first = `${paint(colours[worst], plain(bold))}.${rest.length > 0 ? ` ${plain(rest)}.` : ""}`;
  if (review.unchanged.length === review.environments.length && review.remarks.length === 0) return `${first}\n`;
  const told = (style: Parameters<Paint>[0], title: string, messages: readonly string[]) => {
    const lines = messages.join("\n\n").split("\n");
    return [paint(style, title), ...lines.map((line) => `  ${visible(line)}`)].join("\n");
  };
  const failures = review.failed.map(({ environment, messages }) =>
    told(colours.data, `The preview of ${visible(environment)} fails`, messages),
  );
  const remarks = review.remarks.map(({ environments, message }) =>
    told("bold", `A remark on ${plain(list(environments, 20))}`, [message]),
  );
  const sections = review.sections.map(({ environments, changes, diffs }) =>
    [
      paint("bold", plain(list(environments, 20))),
      ...risks.flatMap((risk) => group(risk, changes, paint)),
      ...diffs
        .flat()
        .map((line) => `    ${paint(line.startsWith("+") ? "green" : line.startsWith("-") ? "red" : "gray", line)}`),
    ].join("\n"),
  );
  const same = review.unchanged.length > 0 ? [`No changes in ${plain(list(review.unchanged, 20))}.`] : [];
  return `${[first, ...failures, ...sections, ...remarks, ...same].join("\n\n")}\n`;
}

function group(risk: Risk, changes: readonly Told[], paint: Paint): string[] {
  const found = changes.filter((each) => each.risk === risk);
  if (found.length === 0) return [];
  const lines = found.flatMap(({ sentence, log }) => {
    if (!log) return [`    ${plain(sentence)}`];
    const what = `${log.back ? "takes back " : ""}${count(log.subjects.length, "commit")}`;
    return [`    ${plain(sentence)}; ${what}`, ...log.subjects.map((subject) => `      ${visible(subject)}`)];
  });
  return [`  ${paint(colours[risk], headings[risk])}`, ...lines];
}

/** A sentence as plain text, in which nothing moves the cursor. */
export const plain = (sentence: Sentence): string =>
  sentence.map((part) => (typeof part === "string" ? part : visible(part.value))).join("");
