import { rmSync, writeFileSync } from "node:fs";
import type { Project } from "./project.ts";

const path = (project: Project) => project.path("app/migrations/versions/0003_test.py");

/** Adds a revision to the application's migrations. */
export function addRevision(project: Project, ...statements: string[]): void {
  const lines = statements.map((statement) => `    op.execute("${statement}")\n`).join("");
  writeFileSync(
    path(project),
    `from alembic import op\n\nrevision = "0003"\ndown_revision = "0002"\n\n\ndef upgrade() -> None:\n${lines}`,
  );
}

export const removeRevision = (project: Project): void => rmSync(path(project));
