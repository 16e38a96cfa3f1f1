import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";

// biome-ignore lint/suspicious/noExplicitAny: a template, edited at places that each test knows
type Anything = any;

const template = (): Anything => parse(readFileSync("cloud/preview-role.yaml", "utf8")).Resources;
const list = (value: Anything): string[] => [value].flat();
const sub = (text: string) => ({ "Fn::Sub": text });

const granted = (all: Anything): Anything[] =>
  Object.values<Anything>(all).flatMap(({ Properties }) => Properties.PolicyDocument?.Statement ?? []);
const statement = (all: Anything, sid: string): Anything => granted(all).find(({ Sid }) => Sid === sid);

/** What changes nothing. */
const reading = /^(kms:Decrypt|s3:(GetObject|ListBucket)|\w+:(Describe|Get|List)[\w*]*)$/;

/** A promise about the template, and an edit that breaks it. */
type Promised = [promise: string, holds: (all: Anything) => boolean, breaks: (all: Anything) => void];

const promises: Promised[] = [
  [
    "previews of one environment of one repository take it, its nightly check too, and nobody else",
    ({ Role }) =>
      isDeepStrictEqual(
        Role.Properties.AssumeRolePolicyDocument.Statement.map(({ Condition }: Anything) => Condition),
        [
          {
            StringEquals: {
              "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
              "token.actions.githubusercontent.com:sub": [
                sub(`repo:\${Repository}:environment:\${Environment}-preview`),
                sub(`repo:\${Repository}:environment:\${Environment}-drift`),
              ],
            },
          },
        ],
      ),
    ({ Role }) => {
      const [{ Condition }] = Role.Properties.AssumeRolePolicyDocument.Statement;
      Condition.StringEquals["token.actions.githubusercontent.com:sub"].push("repo:team/app:pull_request");
    },
  ],
  [
    "a preview changes nothing in AWS",
    (all) => granted(all).every(({ Action }) => list(Action).every((action) => reading.test(action))),
    ({ State }) => {
      State.Properties.PolicyDocument.Statement[1].Action = ["s3:GetObject", "s3:PutObject"];
    },
  ],
  [
    "it reads no other data than the state, nor an image",
    (all) =>
      granted(all)
        .filter(({ Resource }) => Resource === "*")
        .every(({ Action }) =>
          list(Action).every(
            (action) => !/^(s3|secretsmanager|ssm|dynamodb):|:(GetObject|Decrypt|BatchGet)/.test(action),
          ),
        ),
    (all) => {
      statement(all, "WhatTheProgramMakes").Action.push("secretsmanager:GetSecretValue");
    },
  ],
  [
    "it opens the secrets of its stack and of the one before alone",
    (all) => {
      const opened = granted(all).filter(({ Action }) => list(Action).includes("kms:Decrypt"));
      return isDeepStrictEqual(
        opened.map(({ Condition }) => Condition),
        [
          { StringLike: { "kms:ViaService": "s3.*.amazonaws.com" } },
          { StringEquals: { "kms:EncryptionContext:stack": [{ Ref: "Environment" }, { Ref: "PromotesFrom" }] } },
        ],
      );
    },
    (all) => {
      statement(all, "SecretsOfThisStackAndTheOneBeforeAreOpened").Condition = undefined;
    },
  ],
];

describe("The role for previews", () => {
  for (const [promise, holds, breaks] of promises)
    it(`promises that ${promise}, and this would see it go`, () => {
      const resources = template();
      assert.equal(Boolean(holds(resources)), true);
      breaks(resources);
      assert.equal(Boolean(holds(resources)), false);
    });
});
