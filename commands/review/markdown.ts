import { count, list, type Sentence, visible } from "../cli/sentence.ts";
import { type Risk, risks } from "./changes.ts";
import type { Review, Section, Told } from "./review.ts";
import { headings, verdict } from "./verdict.ts";

/** The most that GitHub takes for a comment is 65,536 characters; the rest is for the line by which one is found again. */
export const commentLimit = 65_500;

/** How much of the details is shown. */
interface Detail {
  /** Changes of each risk in a section. */
  readonly changes: number;
  /** Lines of each section's diff. */
  readonly diff: number;
  /** Lines of each failure, and commits of each release. */
  readonly lines: number;
}

/** From all that there is to next to nothing: the first that fits is taken. */
const details: readonly Detail[] = [
  { changes: Infinity, diff: Infinity, lines: 40 },
  ...[1000, 300, 100, 0].map((diff) => ({ changes: Infinity, diff, lines: 40 })),
  ...[100, 30, 10, 3].map((changes) => ({ changes, diff: 0, lines: 10 })),
];

/** The review as a comment on GitHub. It fits there: the details are cut where they must, the first line and the totals never. */
export function asMarkdown(review: Review): string {
  const texts = details.map((detail) => () => render(review, detail));
  for (const text of texts) {
    const comment = text();
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
    ...failed.map(({ environment, messages }) => told(`The preview of ${code(environment)} fails`, messages, detail)),
    ...sections.map((each) => sectionText(each, detail)),
    ...remarks.map((each) => told(`A remark on ${markdown(list(each.environments, 20))}`, [each.message], detail)),
    ...same,
  ].join("\n\n")}\n`;
}

function firstLine(review: Review): string {
  const { bold, rest } = verdict(review);
  return rest.length > 0 ? `**${markdown(bold)}.** ${markdown(rest)}.` : `**${markdown(bold)}.**`;
}

/** Messages as they are, below a title. */
function told(title: string, messages: readonly string[], { lines }: Detail): string {
  const text = messages.join("\n\n").split("\n");
  return `### ${title}\n\n${fenced(
    bounded(
      text.map((line) => cut(visible(line))),
      lines,
    ),
    "text",
  )}`;
}

const cut = (line: string): string => (line.length > 300 ? `${line.slice(0, 300).toWellFormed()}…` : line);

/** The first lines, and how many there are besides. */
function bounded(lines: readonly string[], most: number): string[] {
  const rest = lines.length - most;
  return rest > 0 ? [...lines.slice(0, most), `… ${count(rest, "more line")}`] : [...lines];
}

function sectionText({ environments, changes, diffs }: Section, detail: Detail): string {
  const parts = risks.flatMap((risk) => group(risk, changes, detail));
  return [`### In ${markdown(list(environments, 20))}`, ...parts, ...fold(diffs, detail)].join("\n\n");
}

function group(risk: Risk, changes: readonly Told[], detail: Detail): string[] {
  const found = changes.filter((each) => each.risk === risk);
  if (found.length === 0) return [];
  const rest = found.length - detail.changes;
  const items = found.slice(0, detail.changes).map((each) => item(each, detail));
  return [
    [`**${headings[risk]}**`, ...items, ...(rest > 0 ? [`- and ${rest} more`] : [])].join("\n").replace("\n", "\n\n"),
  ];
}

function item({ sentence, commits, log }: Told, { lines }: Detail): string {
  if (!commits) return `- ${markdown(sentence)}`;
  const range = `${code(commits.from.slice(0, 8))} → ${code(commits.to.slice(0, 8))}`;
  if (!log) return `- ${markdown(sentence)}; commits ${range}, which this clone does not know`;
  const subjects = log.subjects.slice(0, lines).map((subject) => `  - ${code(cut(visible(subject)))}`);
  const rest = log.subjects.length - lines;
  const what = `${log.back ? "takes back " : ""}${count(log.subjects.length, "commit")}`;
  return [
    `- ${markdown(sentence)}; ${what}, ${range}`,
    ...subjects,
    ...(rest > 0 ? [`  - and ${rest} more`] : []),
  ].join("\n");
}

function fold(diffs: Section["diffs"], { diff }: Detail): string[] {
  if (diffs.length === 0) return [];
  const title = `Full diff of ${count(diffs.length, "resource")}`;
  if (diff === 0) return [`${title}: too long for a comment; \`npm run review\` shows it.`];
  const text = fenced(bounded(diffs.flat(), diff), "diff");
  return [`<details><summary>${title}</summary>\n\n${text}\n\n</details>`];
}

/** A sentence: what is not ours becomes code, in which nothing has a meaning but the backtick. */
const markdown = (sentence: Sentence): string =>
  sentence.map((part) => (typeof part === "string" ? part : code(part.value))).join("");

/** A name may be as long as it likes; what is shown of it is not. https://github.github.com/gfm/#code-spans: as many backticks around it as are nowhere within. */
function code(text: string): string {
  const line = cut(visible(text));
  const fence = "`".repeat(longestRun(line) + 1);
  const space = /^[` ]|[` ]$/.test(line) || line === "" ? " " : "";
  return `${fence}${space}${line}${space}${fence}`;
}

function fenced(lines: readonly string[], language: string): string {
  const fence = "`".repeat(Math.max(3, longestRun(lines.join("\n")) + 1));
  return [`${fence}${language}`, ...lines, fence].join("\n");
}

const longestRun = (text: string): number => Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
