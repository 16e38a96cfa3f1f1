import { styleText } from "node:util";

/** Styles a text, or returns it as it is. */
type Paint = (style: Parameters<typeof styleText>[0], text: string) => string;

/** Code, which ends at as many backticks as it starts with, or bold text, which may contain code. */
const spans = /(`+)(?!`)(.+?)(?<!`)\1(?!`)|\*\*((?:(`+)(?!`).+?(?<!`)\4(?!`)|[^`*])+)\*\*/g;

/** Renders the Markdown of a review for a terminal: without markup and, if wanted, with colours. */
export function inTerminal(markdown: string, colour: boolean): string {
  const paint: Paint = (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text);
  const lines: string[] = [];
  let fence: { readonly marks: string; readonly language: string } | undefined;
  for (const line of markdown.split("\n")) {
    const [, marks, language = ""] = /^(`{3,})(\w*)$/.exec(line) ?? [];
    const [, summary] = /^<details><summary>(.*)<\/summary>$/.exec(line) ?? [];
    if (fence && line === fence.marks) fence = undefined;
    else if (fence) lines.push(`  ${fence.language === "diff" ? diffLine(line, paint) : line}`);
    else if (marks) fence = { marks, language };
    else if (line === "</details>") lines.pop();
    else if (line.startsWith("### ")) lines.push(paint(["bold", "underline"], withoutMarks(line.slice(4), paint)));
    else lines.push(summary ?? withoutMarks(line, paint));
  }
  return lines.join("\n");
}

/** Removes the marks of code and bold text in a line. */
const withoutMarks = (line: string, paint: Paint): string =>
  line.replace(spans, (_, _marks, code?: string, bold?: string) =>
    bold === undefined
      ? paint("cyan", code?.replace(/^ (.*) $/, "$1") ?? "")
      : paint("bold", withoutMarks(bold, paint)),
  );

const diffLine = (line: string, paint: Paint): string =>
  paint(line.startsWith("+") ? "green" : line.startsWith("-") ? "red" : "gray", line);
