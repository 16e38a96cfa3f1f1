import { type Props, resourceRule } from "./rule.ts";
import { list } from "./unknown-values.ts";

/** AWS managed policies that are as broad as a wildcard. */
const broad = /^arn:aws:iam::aws:policy\/(AdministratorAccess|PowerUserAccess|IAMFullAccess|\w+FullAccess)$/;

/** Actions that read no data. Many that begin with Get read secrets, files or rows. */
const metadataAction = /^[a-z0-9-]+:(Describe|List)/;

/** Actions without resource-level permissions: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html */
const withoutResource = [
  "cloudwatch:GetMetricData",
  "cloudwatch:GetMetricStatistics",
  "ecr-public:GetAuthorizationToken",
  "ecr:GetAuthorizationToken",
  "sts:GetCallerIdentity",
  "sts:GetServiceBearerToken",
  "tag:GetResources",
];

const harmless = (action: string): boolean => metadataAction.test(action) || withoutResource.includes(action);

export const iamWildcard = resourceRule(
  {
    id: "iam-wildcard",
    reason: "A wildcard also covers everything that is added later, and whoever obtains it controls the account.",
    remedy: "name the actions, the resources and the principals; if it has to be everything, add a Condition",
  },
  ({ type, props }) => {
    if (!type.startsWith("aws:")) return [];
    const attached = [props.policyArn, ...list(props.managedPolicyArns)].filter((arn) => broad.test(String(arn)));
    const documents = [props.policy, props.assumeRolePolicy, ...list(props.inlinePolicies).map(({ policy }) => policy)];
    return [
      ...attached.map((arn) => `${String(arn).split("/").at(-1)} permits everything`),
      ...documents.flatMap(statementsOf).flatMap((statement) => wildcards(statement, type.startsWith("aws:kms/"))),
    ];
  },
);

/** Statements of a policy in JSON; none if it is something else, or unknown. */
function statementsOf(document: unknown): Props[] {
  if (typeof document !== "string") return [];
  try {
    return list([JSON.parse(document).Statement].flat()).filter((statement) => statement !== undefined);
  } catch {
    return [];
  }
}

/** @param key whether it is a key's policy, in which `*` is only that key */
function wildcards(statement: Props, key: boolean): string[] {
  const { Sid = "a statement", Effect, Condition } = statement;
  if (Effect !== "Allow") return [];
  const actions = list([statement.Action ?? []].flat());
  // The account's own policies decide then: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
  const delegatedToAccount =
    key && principals(statement).every((each) => /^(arn:aws:iam::)?\d{12}(:root)?$/.test(each));
  const wildcardFields = ["NotAction", "NotResource", "NotPrincipal"].filter((field) => statement[field] !== undefined);
  const all = delegatedToAccount ? [] : actions.filter((action) => /^\*$|:\*$/.test(action));
  if (all.length > 0) wildcardFields.push(`the action ${all.join(", ")}`);
  if (principals(statement).includes("*") && !Condition) wildcardFields.push("everybody");
  const everyResource = list([statement.Resource ?? []].flat()).includes("*");
  if (everyResource && !Condition && !key && !actions.every(harmless)) wildcardFields.push("every resource");
  return wildcardFields.map((what) => `${Sid} permits ${what}`);
}

const principals = ({ Principal }: Props): string[] =>
  typeof Principal === "string"
    ? [Principal]
    : Object.values(Principal ?? {})
        .flat()
        .map(String);
