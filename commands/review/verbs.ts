import type { Step } from "../preview/preview.ts";

/** Says what happens to a resource, after its name. */
export const verbs: Readonly<Record<Step["op"], string>> = {
  create: "is new",
  delete: "is deleted",
  replace: "is replaced",
  update: "changes",
  drift: "was changed outside Pulumi",
  same: "",
};
