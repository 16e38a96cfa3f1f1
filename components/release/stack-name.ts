import * as pulumi from "@pulumi/pulumi";

/** Full name of a stack, `organization/project/stack`. A short name means a stack of this project. */
export const qualifiedStackName = (stack: string): string =>
  stack.includes("/") ? stack : `${pulumi.getOrganization()}/${pulumi.getProject()}/${stack}`;
