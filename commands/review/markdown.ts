import { count, list, type Sentence, visible } from "../cli/sentence.ts";
import { type Risk, risks } from "./changes.ts";
import type { LoggedChange, Review, Section } from "./review.ts";
import { headings, verdict } from "./verdict.ts";

/** Characters of a comment: GitHub allows 65,536, some of which the line that identifies the comment needs. */
export const commentLimit = 65_500;

/** Limits of what is shown. */
interface Detail {
  /** Changes of each risk in a section. */
  readonly changes: number;
  /** Lines of the diff of a section. */
  readonly diff: number;
  /** Lines of a failure, and commits of a release. */
  readonly lines: number;
  /** Characters of a line. */
  readonly characters: number;
}

const everything: Detail = { changes: Infinity, diff: Infinity, lines: Infinity, characters: Infinity };

/** Limits of a comment, from most to least detail: the first that fits is used. */
const details: readonly Detail[] = [
  { changes: Infinity, diff: Infinity, lines: 40, characters: 300 },
  ...[1000, 300, 100, 0].map((diff) => ({ changes: Infinity, diff, lines: 40, characters: 300 })),
  ...[100, 30, 10, 3].map((changes) => ({ changes, diff: 0, lines: 10, characters: 300 })),
];

/** Renders the review with all details. */
export const asFullMarkdown = (review: Review): string => render(review, everything);

/** Renders the review as a comment that GitHub accepts: details may be cut, the first line and its totals never. */
export function asMarkdown(review: Review): string {
  for (const detail of details) {
    const comment = render(review, detail);
    if (comment.length <= commentLimit) return comment;
  }
  return `${firstLine(review)}\n\nThere is too much to show here: \`npm run review\` shows all of it.\n`;
}

function render(review: Review, detail: Detail): string {
  const { sections, failed, remarks, unchanged, environments } = review;
  const first = firstLine(review);
  if (unchanged.length === environments.length && remarks.length === 0) return `${first}\n`;
  const same = unchanged.length > 0 ? [`No changes in ${markdown(list(unchanged, 20))}.`] : [];
  return `${[
    first,
    ...failed.map((each) => quote(`The preview of ${code(each.environment)} fails`, each.messages, detail)),
    ...sections.map((each) => renderSection(each, detail)),
    ...remarks.map((each) => quote(`A remark on ${markdown(list(each.environments, 20))}`, [each.message], detail)),
    ...same,
  ].join("\n\n")}\n`;
}

function firstLine(review: Review): string {
  const { bold, rest } = verdict(review);
  return rest.length > 0 ? `**${markdown(bold)}.** ${markdown(rest)}.` : `**${markdown(bold)}.**`;
}

/** Renders messages verbatim below a title. */
function quote(title: string, messages: readonly string[], { lines, characters }: Detail): string {
  const text = messages.join("\n\n").split("\n");
  const all = text.map((line) => cut(visible(line), characters));
  return `### ${title}\n\n${fenced(bounded(all, lines), "text")}`;
}

const cut = (line: string, characters: number): string =>
  line.length > characters ? `${line.slice(0, characters).toWellFormed()}…` : line;

/** Returns the first lines, and a line that counts the others. */
function bounded(lines: readonly string[], most: number): string[] {
  const rest = lines.length - most;
  return rest > 0 ? [...lines.slice(0, most), `… ${count(rest, "more line")}`] : [...lines];
}

function renderSection({ environments, changes, diffs }: Section, detail: Detail): string {
  const parts = risks.flatMap((risk) => renderRisk(risk, changes, detail));
  return [`### In ${markdown(list(environments, 20))}`, ...parts, ...folded(diffs, detail)].join("\n\n");
}

function renderRisk(risk: Risk, changes: readonly LoggedChange[], detail: Detail): string[] {
  const all = changes.filter((each) => each.risk === risk);
  if (all.length === 0) return [];
  const rest = all.length - detail.changes;
  const items = all.slice(0, detail.changes).map((each) => renderChange(each, detail));
  return [`**${headings[risk]}**`, [...items, ...(rest > 0 ? [`- and ${rest} more`] : [])].join("\n")];
}

function renderChange({ sentence, commits, log }: LoggedChange, { lines, characters }: Detail): string {
  if (!commits) return `- ${markdown(sentence)}`;
  const range = `${code(commits.from.slice(0, 8))} → ${code(commits.to.slice(0, 8))}`;
  if (!log) return `- ${markdown(sentence)}; commits ${range}, which this clone does not know`;
  const subjects = log.subjects.slice(0, lines).map((subject) => `  - ${code(subject, characters)}`);
  const rest = log.subjects.length - lines;
  const what = `${log.back ? "takes back " : ""}${count(log.subjects.length, "commit")}`;
  return [
    `- ${markdown(sentence)}; ${what}, ${range}`,
    ...subjects,
    ...(rest > 0 ? [`  - and ${rest} more`] : []),
  ].join("\n");
}

function folded(diffs: Section["diffs"], { diff }: Detail): string[] {
  if (diffs.length === 0) return [];
  const title = `Full diff of ${count(diffs.length, "resource")}`;
  if (diff === 0) return [`${title}: too long for a comment; \`npm run review\` shows it.`];
  const text = fenced(bounded(diffs.flat(), diff), "diff");
  return [`<details><summary>${title}</summary>\n\n${text}\n\n</details>`];
}

/** Renders a sentence; values from outside become code, in which no other markup works. */
const markdown = (sentence: Sentence): string =>
  sentence.map((part) => (typeof part === "string" ? part : code(part.value))).join("");

/** Renders inline code, inside more backticks than the text has in a row: https://github.github.com/gfm/#code-spans */
function code(text: string, characters = 300): string {
  const line = cut(visible(text), characters);
  const fence = "`".repeat(longestRun(line) + 1);
  const space = /^[` ]|[` ]$/.test(line) || line === "" ? " " : "";
  return `${fence}${space}${line}${space}${fence}`;
}

function fenced(lines: readonly string[], language: string): string {
  const fence = "`".repeat(Math.max(3, longestRun(lines.join("\n")) + 1));
  return [`${fence}${language}`, ...lines, fence].join("\n");
}

const longestRun = (text: string): number => Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
